//! Which beats leave the core for which access: the tables of the Cortex-M7 TRM 5.5.7 and 5.9, one by one.

use super::*;
use crate::bus::axi::{AxiPort, ReadBurst, WriteBeat};
use crate::{Clocks, Picos, Report};

const BASE: u32 = 0x9000_0000;

/// What a slave was asked.
#[derive(Clone, Debug, PartialEq)]
enum Asked {
    Read(ReadBurst),
    Write(Vec<WriteBeat>),
}

/// 1 MB that takes `LATENCY` for a read and remembers what it was asked.
struct Slave {
    bytes: Vec<u8>,
    asked: Vec<Asked>,
    broken: bool,
}

const LATENCY: Picos = Picos::from_ns(1_000);

impl AxiPort for Slave {
    fn read(
        &mut self,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        _fx: &mut Effects,
    ) -> Result<(), BusError> {
        self.asked.push(Asked::Read(*burst));
        if self.broken {
            return Err(BusError {
                address: burst.addr,
                write: false,
                reason: "broken".into(),
            });
        }
        for index in 0..burst.beats {
            let addr = burst.beat_addr(index);
            let mut data = 0;
            for byte in 0..u32::from(burst.size) {
                let at = (addr - BASE + byte) as usize;
                data |= u64::from(self.bytes[at]) << (8 * ((addr + byte) & 7));
            }
            beats[usize::from(index)] = ReadBeat {
                data,
                ready: at + LATENCY,
            };
        }
        Ok(())
    }

    fn write(&mut self, beats: &[WriteBeat], at: Time, _fx: &mut Effects) -> Result<Time, BusError> {
        self.asked.push(Asked::Write(beats.to_vec()));
        if self.broken {
            return Err(BusError {
                address: beats[0].addr,
                write: true,
                reason: "broken".into(),
            });
        }
        for beat in beats {
            for lane in 0..8 {
                if beat.strobes >> lane & 1 != 0 {
                    self.bytes[((beat.addr & !7) - BASE + lane) as usize] = (beat.data >> (8 * lane)) as u8;
                }
            }
        }
        Ok(at)
    }
}

struct Core {
    cache: Dcache,
    slave: Slave,
    now: Time,
    reports: Vec<Report>,
}

impl Core {
    fn new() -> Core {
        let mut cache = Dcache::new();
        cache.set_enabled(true);
        let bytes = (0..1u32 << 20).map(|at| (at ^ at >> 8) as u8).collect();
        Core {
            cache,
            slave: Slave {
                bytes,
                asked: Vec::new(),
                broken: false,
            },
            now: Time(0),
            reports: Vec::new(),
        }
    }

    fn with<R>(&mut self, work: impl FnOnce(&mut Dcache, &mut Slave, &mut Effects) -> R) -> R {
        let mut fx = Effects::new(self.now, Clocks::default(), &mut self.reports);
        let result = work(&mut self.cache, &mut self.slave, &mut fx);
        self.now = self.now + fx.stall + Picos(3_571);
        result
    }

    fn load(&mut self, addr: u32, width: Width, policy: Policy) -> u32 {
        self.with(|cache, slave, fx| cache.load(addr, width, policy, slave, fx))
            .expect("a good load")
    }

    fn store(&mut self, addr: u32, width: Width, value: u32, policy: Policy) {
        self.with(|cache, slave, fx| cache.store(addr, width, value, policy, slave, fx))
            .expect("a good store");
    }

    fn drain(&mut self) {
        self.with(|cache, slave, fx| cache.drain(slave, fx))
            .expect("a good drain");
    }

    fn maintain(&mut self, op: Op) {
        self.with(|cache, slave, fx| cache.maintain(op, slave, fx))
            .expect("good maintenance");
    }

    fn asked(&mut self) -> Vec<Asked> {
        core::mem::take(&mut self.slave.asked)
    }

    /// Bursts of writes as strobes.
    fn strobes(&mut self) -> Vec<Vec<u8>> {
        self.asked()
            .into_iter()
            .filter_map(|asked| match asked {
                Asked::Write(beats) => Some(beats.iter().map(|beat| beat.strobes).collect()),
                Asked::Read(_) => None,
            })
            .collect()
    }
}

const WBWA: Policy = Policy::WriteBackAllocate;

#[test]
fn a_load_miss_is_a_wrap_burst_of_four_64_bit_beats_from_the_critical_word() {
    let mut core = Core::new();
    let value = core.load(BASE + 0x5c, Width::Word, WBWA);
    assert_eq!(value, 0x5f5e_5d5c);
    assert_eq!(
        core.asked(),
        [Asked::Read(ReadBurst {
            addr: BASE + 0x58,
            size: 8,
            beats: 4,
            wrap: true
        })]
    );
    core.load(BASE + 0x40, Width::Byte, WBWA);
    assert_eq!(core.asked(), [], "a hit");
    let stats = *core.cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.linefills), (1, 1, 1));
}

#[test]
fn strongly_ordered_and_device_stores_keep_their_size() {
    for policy in [Policy::StronglyOrdered, Policy::Device] {
        let mut core = Core::new();
        core.store(BASE + 2, Width::Half, 0xabcd, policy);
        core.store(BASE + 4, Width::Word, 0x1234_5678, policy);
        core.store(BASE + 1, Width::Byte, 0xee, policy);
        let sizes: Vec<(u8, u8)> = core
            .asked()
            .into_iter()
            .map(|asked| match asked {
                Asked::Write(beats) if beats.len() == 1 => (beats[0].size, beats[0].strobes),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(sizes, [(2, 0b0000_1100), (4, 0b1111_0000), (1, 0b0000_0010)]);
    }
}

#[test]
fn a_halfword_to_non_cacheable_memory_becomes_a_64_bit_beat_with_two_strobes() {
    let mut core = Core::new();
    core.store(BASE + 2, Width::Half, 0xabcd, Policy::NonCacheable);
    assert_eq!(core.asked(), [], "it waits for company");
    core.drain();
    assert_eq!(
        core.asked(),
        [Asked::Write(vec![WriteBeat {
            addr: BASE,
            size: 8,
            strobes: 0b1100,
            data: 0xabcd_0000
        }])]
    );
    assert_eq!(core.cache.stats().partial_beats, 1);
}

#[test]
fn stores_to_the_same_64_bits_are_merged_and_a_complete_line_leaves_by_itself() {
    let mut core = Core::new();
    for step in 0..16 {
        core.store(BASE + 0x20 + 2 * step, Width::Half, step, Policy::NonCacheable);
    }
    assert_eq!(core.strobes(), [[0xff; 4]]);
    assert_eq!(core.cache.stats().merged, 12);
    assert_eq!(core.cache.stats().partial_beats, 0);
}

#[test]
fn a_fifth_entry_pushes_the_oldest_out() {
    let mut core = Core::new();
    for step in 0..5 {
        core.store(BASE + 0x100 * step, Width::Byte, step, Policy::NonCacheable);
    }
    assert_eq!(core.strobes(), [[0b1]]);
    core.drain();
    assert_eq!(core.strobes(), [[0b1], [0b1], [0b1], [0b1]]);
}

#[test]
fn a_burst_spans_the_hole_between_two_entries_of_a_line_without_strobes() {
    let mut core = Core::new();
    core.store(BASE, Width::Word, 1, Policy::NonCacheable);
    core.store(BASE + 0x14, Width::Word, 2, Policy::NonCacheable);
    core.drain();
    assert_eq!(core.strobes(), [[0x0f, 0x00, 0xf0]]);
}

#[test]
fn a_load_sees_what_waits_in_the_store_buffer() {
    for policy in [Policy::NonCacheable, Policy::WriteBack, Policy::WriteThrough] {
        let mut core = Core::new();
        core.store(BASE + 0x30, Width::Byte, 0xee, policy);
        assert_eq!(core.cache.peek(BASE + 0x30), Some(0xee));
        assert_eq!(
            core.load(BASE + 0x30, Width::Word, policy),
            0x3332_31ee,
            "{policy:?}"
        );
    }
}

#[test]
fn a_strongly_ordered_access_drains_what_went_before() {
    let mut core = Core::new();
    core.store(BASE, Width::Byte, 1, Policy::NonCacheable);
    core.load(BASE + 0x1000, Width::Word, Policy::StronglyOrdered);
    assert!(matches!(core.asked()[..], [Asked::Write(_), Asked::Read(_)]));
}

#[test]
fn what_a_store_does_by_policy_on_hit_and_on_miss() {
    // Policy; beats written on a miss and on a hit after a drain; lines fetched by a store miss; dirty after a hit.
    let table = [
        (Policy::WriteThrough, 1, 1, 0, 0),
        (Policy::WriteBack, 1, 0, 0, 1),
        (Policy::WriteBackAllocate, 0, 0, 1, 1),
    ];
    for (policy, on_miss, on_hit, fetched, dirty) in table {
        let mut core = Core::new();
        core.store(BASE, Width::Word, 1, policy);
        core.drain();
        assert_eq!(core.strobes().len(), on_miss, "{policy:?} miss");
        assert_eq!(core.cache.stats().linefills, fetched, "{policy:?} miss");
        let mut core = Core::new();
        core.load(BASE, Width::Word, policy);
        core.store(BASE, Width::Word, 1, policy);
        core.drain();
        assert_eq!(core.strobes().len(), on_hit, "{policy:?} hit");
        assert_eq!(core.cache.dirty_lines().count(), dirty, "{policy:?} hit");
    }
}

#[test]
fn an_evicted_line_is_one_burst_of_four_full_beats() {
    let mut core = Core::new();
    for way in 0..5 {
        core.store(BASE + 4096 * way, Width::Byte, 0xee, WBWA);
        core.now = core.now + Picos::from_ns(5_000);
    }
    assert_eq!(core.strobes(), [[0xff; 4]]);
    assert_eq!(core.cache.stats().evictions, 1);
    assert_eq!(core.cache.dirty_lines().count(), 4);
}

#[test]
fn a_clean_line_is_dropped_without_a_word() {
    let mut core = Core::new();
    for way in 0..9 {
        core.load(BASE + 4096 * way, Width::Byte, WBWA);
    }
    assert_eq!(core.strobes().len(), 0);
    assert_eq!(core.cache.stats().evictions, 0);
}

#[test]
fn maintenance_by_address_and_by_set_and_way() {
    let dirty = |core: &mut Core| {
        core.store(BASE + 0x60, Width::Byte, 0xee, WBWA);
        core.asked();
    };
    let memory = |core: &Core| core.slave.bytes[0x60];
    // Operation, memory afterwards, in the cache afterwards. Set 3; the first line of a set goes into way 0.
    let set_way = 3 << 5;
    let table = [
        (Op::CleanByAddress(BASE + 0x7f), 0xee, true),
        (Op::InvalidateByAddress(BASE + 0x60), 0x60, false),
        (Op::CleanInvalidateByAddress(BASE + 0x60), 0xee, false),
        (Op::CleanBySetWay(set_way), 0xee, true),
        (Op::InvalidateBySetWay(set_way), 0x60, false),
        (Op::CleanInvalidateBySetWay(set_way), 0xee, false),
        (Op::CleanInvalidateBySetWay(1 << 30 | set_way), 0x60, true),
        (Op::CleanByAddress(BASE + 0x80), 0x60, true),
    ];
    for (op, after, held) in table {
        let mut core = Core::new();
        dirty(&mut core);
        core.maintain(op);
        assert_eq!(
            (memory(&core), core.cache.peek(BASE + 0x60).is_some()),
            (after, held),
            "{op:?}"
        );
        if after == 0xee {
            assert_eq!(core.strobes(), [[0xff; 4]], "{op:?}");
            assert_eq!(core.cache.dirty_lines().count(), 0, "{op:?}");
        }
    }
}

#[test]
fn maintenance_registers_are_where_the_architecture_has_them() {
    let ops = [0xef5cu32, 0xef60, 0xef64, 0xef68, 0xef6c, 0xef70, 0xef74]
        .map(|low| Op::of_register(0xe000_0000 + low - 0xe000_ed00, 1));
    assert_eq!(
        ops,
        [
            Some(Op::InvalidateByAddress(1)),
            Some(Op::InvalidateBySetWay(1)),
            Some(Op::CleanByAddress(1)),
            Some(Op::CleanByAddress(1)),
            Some(Op::CleanBySetWay(1)),
            Some(Op::CleanInvalidateByAddress(1)),
            Some(Op::CleanInvalidateBySetWay(1)),
        ]
    );
    assert_eq!(Op::of_register(0x250, 1), None, "ICIALLU is the other cache");
}

#[test]
fn a_cache_that_is_off_is_passed_by() {
    let mut core = Core::new();
    core.cache.set_enabled(false);
    core.load(BASE, Width::Word, WBWA);
    core.store(BASE, Width::Byte, 1, WBWA);
    core.drain();
    let asked = core.asked();
    assert!(
        matches!(
            asked[0],
            Asked::Read(ReadBurst {
                size: 4,
                beats: 1,
                wrap: false,
                ..
            })
        ),
        "{asked:?}"
    );
    assert!(
        matches!(&asked[1], Asked::Write(beats) if beats.len() == 1 && beats[0].is_partial()),
        "{asked:?}"
    );
}

/// Fill `lines` lines with words, fast.
fn fill(core: &mut Core, first: u32, lines: u32) {
    for step in 0..8 * lines {
        core.store(first + 4 * step, Width::Word, step, WBWA);
    }
}

#[test]
fn the_fourth_line_of_a_fast_fill_is_written_out_instead_of_fetched() {
    let mut core = Core::new();
    fill(&mut core, BASE, 3);
    assert_eq!(core.cache.stats().read_allocate_entries, 1);
    assert_eq!(core.asked().len(), 3);
    fill(&mut core, BASE + 96, 5);
    assert_eq!(core.strobes(), [[0xff; 4]; 5]);
    assert_eq!(core.cache.stats().linefills, 3);
}

#[test]
fn disramode_keeps_fetching() {
    let mut core = Core::new();
    core.cache.set_disramode(true);
    fill(&mut core, BASE, 8);
    assert_eq!(core.cache.stats().linefills, 8);
    assert_eq!(core.strobes().len(), 0);
    assert_eq!(core.cache.stats().read_allocate_entries, 0);
}

#[test]
fn a_core_on_which_disramode_is_broken_can_be_had() {
    let mut core = Core::new();
    core.cache.break_disramode();
    core.cache.set_disramode(true);
    fill(&mut core, BASE, 8);
    assert_eq!(core.cache.stats().read_allocate_entries, 1);
}

#[test]
fn a_slow_fill_never_enters_read_allocate_mode() {
    let mut core = Core::new();
    for step in 0..64 {
        core.store(BASE + 4 * step, Width::Word, step, WBWA);
        core.now = core.now + Picos::from_ns(500);
    }
    assert_eq!(core.cache.stats().read_allocate_entries, 0);
    assert_eq!(core.cache.stats().linefills, 8);
}

#[test]
fn a_load_in_between_breaks_the_row() {
    let mut core = Core::new();
    fill(&mut core, BASE, 2);
    core.load(BASE + 0x8000, Width::Word, WBWA);
    fill(&mut core, BASE + 64, 1);
    assert_eq!(core.cache.stats().read_allocate_entries, 0);
}

#[test]
fn an_interrupted_line_comes_out_in_pieces_and_ends_the_mode() {
    let mut core = Core::new();
    fill(&mut core, BASE, 4);
    core.asked();
    // Five halfwords of the fifth line, an interrupt, the other eleven.
    let line = BASE + 128;
    for step in 0..16 {
        if step == 5 {
            core.drain();
        }
        core.store(line + 2 * step, Width::Half, 0x5a5a, WBWA);
    }
    assert_eq!(core.strobes(), [vec![0xff, 0b11]]);
    core.drain();
    assert_eq!(
        core.strobes(),
        [vec![0b1111_1100, 0xff, 0xff]],
        "the same beat again, the other lanes"
    );
    assert_eq!(core.cache.stats().partial_beats, 2);
    let fetched = core.cache.stats().linefills;
    fill(&mut core, line + 32, 1);
    assert_eq!(core.cache.stats().linefills, fetched + 1, "back to normal");
}

#[test]
fn a_load_of_the_line_that_is_being_written_ends_the_mode() {
    let mut core = Core::new();
    fill(&mut core, BASE, 4);
    core.store(BASE + 128, Width::Word, 0x1234_5678, WBWA);
    assert_eq!(core.load(BASE + 128, Width::Word, WBWA), 0x1234_5678);
    let fetched = core.cache.stats().linefills;
    core.store(BASE + 160, Width::Word, 1, WBWA);
    assert_eq!(core.cache.stats().linefills, fetched + 1);
}

#[test]
fn the_processor_waits_for_the_critical_word_of_a_load_and_not_for_a_store() {
    let mut core = Core::new();
    core.store(BASE, Width::Word, 1, WBWA);
    assert!(core.now - Time(0) < Picos::from_ns(10));
    core.load(BASE + 4, Width::Word, WBWA);
    assert!(core.now - Time(0) >= LATENCY, "the line is still on its way");
    let before = core.now;
    core.load(BASE + 8, Width::Word, WBWA);
    assert!(core.now - before < Picos::from_ns(10));
}

#[test]
fn a_third_line_waits_for_one_of_two_linefill_buffers() {
    let mut core = Core::new();
    for line in 0..2 {
        core.store(BASE + 32 * line, Width::Word, 1, WBWA);
    }
    assert!(core.now - Time(0) < Picos::from_ns(10));
    core.store(BASE + 64, Width::Word, 1, WBWA);
    assert!(core.now - Time(0) >= LATENCY);
}

#[test]
fn errors_of_loads_are_precise_and_of_everything_else_not() {
    let mut core = Core::new();
    core.slave.broken = true;
    let load = core.with(|cache, slave, fx| cache.load(BASE, Width::Word, WBWA, slave, fx));
    assert!(!load.expect_err("a bus error").write);
    let store = core.with(|cache, slave, fx| cache.store(BASE, Width::Word, 1, WBWA, slave, fx));
    assert!(store.expect_err("a bus error").write);
    assert_eq!(core.cache.peek(BASE), None, "nothing was allocated");
}
