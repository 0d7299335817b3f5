//! The figures of a run, in the shape of the `--stats` file.

use super::event::Event;
use chipmodel::core::dcache::Dcache;
use chipmodel::onchip::octospi::Octospi;
use chipmodel::onchip::octospi::stats::Extent;
use chipmodel::parts::psram::rules::Rule;
use serde::Serialize;

/// Figures since power-up. All are virtual: they come from the models, not from a chip.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stats {
    /// Which model the cycles come from.
    pub model: String,
    /// Processor cycles: instructions, and what memories and buses made the processor wait.
    pub virtual_cycles: u64,
    /// Virtual time in picoseconds.
    pub virtual_time_ps: u64,
    /// Instructions executed; those that an IT block skips count too.
    pub instructions: u64,
    /// SHA-256 of everything that the console has sent, in hex.
    pub output_sha256: String,
    /// What the memory chip saw.
    pub psram: PsramStats,
    /// What the data cache did, for the memory window only: internal memories are not seen by its model.
    pub cache: CacheStats,
    /// What went over AXI to the memory window.
    pub bus: BusStats,
    /// Functions under watch, in the order in which they were asked for.
    pub watched: Vec<Watched>,
    /// Everything that broke a rule.
    pub events: Vec<Event>,
    /// Different events beyond those listed.
    pub events_dropped: u64,
}

/// The memory chip's counters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PsramStats {
    /// Read commands.
    pub reads: u64,
    /// Write commands.
    pub writes: u64,
    /// Bytes that it gave.
    pub bytes_read: u64,
    /// Bytes that it stored.
    pub bytes_written: u64,
    /// What went over the wires, by instruction, in order of first use.
    pub commands: Vec<CommandStats>,
    /// How long NCS was low; `null` if it never was.
    pub ncs_low_ps: Option<Span>,
    /// How long NCS was high between two frames.
    pub ncs_high_ps: Option<Span>,
    /// Times that NCS was low for longer than the part's tCEM, so that refresh was blocked.
    pub refresh_violations: u64,
    /// Rows of 1 KB that lost their data by it.
    pub rows_lost: u64,
}

/// The traffic of one instruction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CommandStats {
    /// The instruction byte, `0xeb`.
    pub opcode: String,
    /// Frames that began with it.
    pub frames: u64,
    /// Data bytes from the chip, also those that nobody asked for.
    pub bytes_in: u64,
    /// Data bytes to the chip.
    pub bytes_out: u64,
}

/// The shortest and the longest, in picoseconds of virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The shortest.
    pub min: u64,
    /// The longest.
    pub max: u64,
}

/// The data cache's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CacheStats {
    /// Accesses found in the cache.
    pub hits: u64,
    /// Accesses not found.
    pub misses: u64,
    /// Dirty lines written back.
    pub evictions: u64,
}

/// The bus's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BusStats {
    /// Write beats that did not fill their 64 bits.
    pub partial_beats: u64,
}

/// A function under watch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Watched {
    /// Its symbol.
    pub symbol: String,
    /// Its calls, one after the other; one that is not over yet is not there.
    pub calls: Vec<Call>,
}

/// One call of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Call {
    /// When it began, in picoseconds of virtual time.
    pub at_ps: u64,
    /// How long it took, in processor cycles.
    pub cycles: u64,
    /// Instructions executed meanwhile.
    pub instructions: u64,
    /// Bytes that the memory chip gave meanwhile.
    pub bytes_read: u64,
    /// Bytes that it stored meanwhile.
    pub bytes_written: u64,
}

impl PsramStats {
    /// What went over OCTOSPI1's wires, and what the chip at their end says.
    pub fn of(octospi: &Octospi) -> Self {
        let wire = octospi.stats();
        let psram = octospi.chip().psram();
        let span = |extent: Extent| {
            let (min, max) = extent.min_max?;
            Some(Span {
                min: min.0,
                max: max.0,
            })
        };
        let commands = wire.traffic.iter().map(|row| CommandStats {
            opcode: format!("{:#04x}", row.opcode),
            frames: row.frames,
            bytes_in: row.bytes_in,
            bytes_out: row.bytes_out,
        });
        PsramStats {
            reads: wire.read_frames,
            writes: wire.write_frames,
            bytes_read: wire.bytes_in(),
            bytes_written: wire.bytes_out(),
            commands: commands.collect(),
            ncs_low_ps: span(wire.ncs_low),
            ncs_high_ps: span(wire.ncs_high),
            refresh_violations: psram.map_or(0, |chip| chip.rules().count(Rule::CeLow)),
            rows_lost: psram.map_or(0, |chip| chip.rows_lost()),
        }
    }
}

impl CacheStats {
    /// What the D-cache counted.
    pub fn of(dcache: &Dcache) -> Self {
        let cache = dcache.stats();
        CacheStats {
            hits: cache.hits,
            misses: cache.misses,
            evictions: cache.evictions,
        }
    }
}

impl BusStats {
    /// What reached OCTOSPI1 over AXI.
    pub fn of(octospi: &Octospi) -> Self {
        BusStats {
            partial_beats: octospi.stats().partial_beats,
        }
    }
}
