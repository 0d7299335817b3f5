//! The whole way at register level: driver, OCTOSPI, chip, and the D-cache in front of the mapped window.
//!
//! Here the plan's numbers become register fields, the models judge them, and the memory test runs as it does on the
//! board: through the cache, to the chip and back. The registers are declared once more, for this test alone
//! (CMSIS header of the H7A3; RM0456, OCTOSPI). Times are virtual, and those of the wire and the cache only: an
//! instruction costs nothing but one cycle for each load and store.

use chipmodel::core::dcache::{Dcache, Op, Policy};
use chipmodel::onchip::octospi::Octospi;
use chipmodel::parts::fitted::Fitted;
use chipmodel::{Clocks, Device, Effects, Picos, Report, Time, Width};
use psram::memtest::{self, BOTH, Element, MARCH_C, Polarity, QUICK};
use psram::part::{ALL, ESP_PSRAM64H, Part};
use psram::{Bus, Controller, Frame, Hold, Line, Lines, Memory, Plan, Psram, Setup, Wish};
use std::convert::Infallible;

const WINDOW: u32 = 0x9000_0000;
const CPU_HZ: u32 = 280_000_000;

const CR: u32 = 0x000;
const DCR1: u32 = 0x008;
const DCR2: u32 = 0x00C;
const DCR3: u32 = 0x010;
const DCR4: u32 = 0x014;
const SR: u32 = 0x020;
const FCR: u32 = 0x024;
const DLR: u32 = 0x040;
const AR: u32 = 0x048;
const DR: u32 = 0x050;
/// CCR, TCR, IR; the write set lies 0x80 above.
const CCR: u32 = 0x100;
const TCR: u32 = 0x108;
const IR: u32 = 0x110;
const LPTR: u32 = 0x130;
const WRITE_SET: u32 = 0x80;

const CR_EN: u32 = 1 << 0;
const CR_ABORT: u32 = 1 << 1;
const CR_TCEN: u32 = 1 << 3;
const CR_INDIRECT_READ: u32 = 1 << 28;
const CR_MAPPED: u32 = 3 << 28;
const SR_TCF: u32 = 1 << 1;
const SR_FTF: u32 = 1 << 2;
const SR_BUSY: u32 = 1 << 5;
const CCR_24_BIT_ADDRESS: u32 = 2 << 12;
const CCR_DQSE: u32 = 1 << 29;
const TCR_SSHIFT: u32 = 1 << 30;

/// Controller, chip, cache and time.
struct Board {
    octospi: Octospi,
    cache: Dcache,
    policy: Policy,
    now: Time,
    clocks: Clocks,
    reports: Vec<Report>,
    late_sampling: bool,
}

impl Board {
    fn new(fitted: &str, kernel_hz: u32) -> Self {
        let mut cache = Dcache::new();
        cache.set_disramode(true);
        cache.set_enabled(true);
        Board {
            octospi: Octospi::octospi1(Fitted::parse(fitted, 5).expect("a chip")),
            cache,
            policy: Policy::WriteBackAllocate,
            now: Time(0),
            clocks: Clocks {
                cpu_hz: CPU_HZ,
                octospi_hz: kernel_hz,
                ..Clocks::default()
            },
            reports: Vec::new(),
            late_sampling: false,
        }
    }

    /// Do `work` with the models at the present time, and let the time pass that it takes.
    fn at<R>(&mut self, work: impl FnOnce(&mut Octospi, &mut Dcache, &mut Effects) -> R) -> R {
        let mut fx = Effects::new(self.now, self.clocks, &mut self.reports);
        let result = work(&mut self.octospi, &mut self.cache, &mut fx);
        self.now = self.now + fx.stall + Picos::of_cycles(1, CPU_HZ);
        result
    }

    fn write_reg(&mut self, offset: u32, value: u32) {
        self.at(|octospi, _, fx| octospi.write(offset, Width::Word, value, fx))
            .expect("a register");
    }

    fn until(&mut self, ready: impl Fn(u32) -> bool) {
        for _ in 0..1_000_000 {
            if ready(
                self.at(|octospi, _, fx| octospi.read(SR, Width::Word, fx))
                    .expect("SR"),
            ) {
                return;
            }
        }
        panic!("OCTOSPI waits for ever");
    }

    fn set_frame(&mut self, frame: &Frame, extra: u32, set: u32) {
        let mode = |lines| match lines {
            Lines::None => 0,
            Lines::One => 1,
            Lines::Four => 3,
        };
        let phases = mode(frame.command) | mode(frame.address) << 8 | mode(frame.data) << 24;
        let shift = if self.late_sampling && set == 0 {
            TCR_SSHIFT
        } else {
            0
        };
        self.write_reg(TCR + set, u32::from(frame.dummy_cycles) | shift);
        self.write_reg(CCR + set, phases | CCR_24_BIT_ADDRESS | extra);
    }

    /// Everything up to the point where the transfer starts, or waits for data to send.
    fn begin(&mut self, mode: u32, frame: &Frame, address: u32, bytes: usize) {
        self.write_reg(CR, CR_EN | mode);
        if bytes > 0 {
            self.write_reg(DLR, bytes as u32 - 1);
        }
        self.set_frame(frame, 0, 0);
        self.write_reg(IR, frame.opcode.into());
        if frame.address != Lines::None {
            self.write_reg(AR, address);
        }
    }

    fn end(&mut self) {
        self.until(|sr| sr & SR_TCF != 0);
        self.write_reg(FCR, SR_TCF);
        self.until(|sr| sr & SR_BUSY == 0);
    }

    fn messages(&self) -> Vec<&str> {
        self.reports
            .iter()
            .map(|report| report.message.as_str())
            .collect()
    }
}

impl Bus for Board {
    type Error = Infallible;

    fn apply(&mut self, setup: &Setup) -> Result<(), Infallible> {
        const MTYP_STANDARD: u32 = 2 << 24;
        const DLYBYP: u32 = 1 << 3;
        let device = (setup.device_bytes.trailing_zeros() - 1) << 16;
        self.write_reg(
            DCR1,
            MTYP_STANDARD | device | u32::from(setup.cs_high_cycles - 1) << 8 | DLYBYP,
        );
        self.write_reg(DCR2, u32::from(setup.divider) - 1);
        self.write_reg(DCR3, setup.boundary_bytes.map_or(0, u32::trailing_zeros) << 16);
        self.write_reg(DCR4, setup.refresh_cycles);
        self.write_reg(LPTR, setup.idle_cycles.into());
        self.late_sampling = setup.late_sampling;
        Ok(())
    }

    fn command(&mut self, frame: &Frame) -> Result<(), Infallible> {
        self.begin(0, frame, 0, 0);
        self.end();
        Ok(())
    }

    fn read(&mut self, frame: &Frame, address: u32, data: &mut [u8]) -> Result<(), Infallible> {
        self.begin(CR_INDIRECT_READ, frame, address, data.len());
        for byte in data {
            *byte = self
                .at(|octospi, _, fx| octospi.read(DR, Width::Byte, fx))
                .expect("DR") as u8;
        }
        self.end();
        Ok(())
    }

    fn write(&mut self, frame: &Frame, address: u32, data: &[u8]) -> Result<(), Infallible> {
        self.begin(0, frame, address, data.len());
        for byte in data {
            self.until(|sr| sr & SR_FTF != 0);
            self.at(|octospi, _, fx| octospi.write(DR, Width::Byte, (*byte).into(), fx))
                .expect("DR");
        }
        self.end();
        Ok(())
    }

    fn enter_mapped(&mut self, read: &Frame, write: &Frame) -> Result<(), Infallible> {
        self.write_reg(CR, CR_EN);
        self.set_frame(write, CCR_DQSE, WRITE_SET);
        self.write_reg(IR + WRITE_SET, write.opcode.into());
        self.set_frame(read, 0, 0);
        self.write_reg(IR, read.opcode.into());
        self.write_reg(CR, CR_EN | CR_TCEN | CR_MAPPED);
        Ok(())
    }

    fn leave_mapped(&mut self) -> Result<(), Infallible> {
        self.write_reg(CR, CR_EN | CR_TCEN | CR_MAPPED | CR_ABORT);
        self.until(|sr| sr & SR_BUSY == 0);
        self.write_reg(CR, CR_EN);
        Ok(())
    }

    fn delay_us(&mut self, us: u32) {
        self.now = self.now + Picos::from_ns(u64::from(us) * 1000);
    }
}

/// The first bytes of the mapped window, as the core sees them.
struct Window {
    board: Board,
    size_bytes: u32,
}

impl Memory for Window {
    fn size_bytes(&self) -> u32 {
        self.size_bytes
    }

    fn write_line(&mut self, offset: u32, line: &Line) {
        let policy = self.board.policy;
        for (address, word) in (WINDOW + offset..).step_by(4).zip(*line) {
            self.board
                .at(|octospi, cache, fx| cache.store(address, Width::Word, word, policy, octospi, fx))
                .expect("a store");
        }
    }

    fn read_line(&mut self, offset: u32) -> Line {
        let policy = self.board.policy;
        std::array::from_fn(|i| {
            let address = WINDOW + offset + 4 * i as u32;
            self.board
                .at(|octospi, cache, fx| cache.load(address, Width::Word, policy, octospi, fx))
                .expect("a load")
        })
    }

    fn sync(&mut self) {
        // 4 ways in bits 31:30, 128 sets in bits 11:5.
        for way in 0..4 {
            for set in 0..128 {
                let op = Op::CleanInvalidateBySetWay(way << 30 | set << 5);
                self.board
                    .at(|octospi, cache, fx| cache.maintain(op, octospi, fx))
                    .expect("a clean");
            }
        }
        self.board
            .at(|octospi, cache, fx| cache.drain(octospi, fx))
            .expect("a barrier");
    }
}

fn window(part: &'static Part, kernel_hz: u32, wish: Wish, size_bytes: u32) -> Window {
    let plan = Plan::new(part, &Controller::OCTOSPI, kernel_hz, wish).expect("a plan");
    let chip = Psram::open(Board::new(part.key, kernel_hz), plan).expect("a chip");
    Window {
        board: chip.map().expect("a window").release(),
        size_bytes,
    }
}

const FIELD: Wish = Wish {
    clock_max_hz: u32::MAX,
    hold: Hold::Field,
};

#[test]
fn every_part_serves_the_window_at_every_clock_without_breaking_a_rule() {
    for part in ALL {
        for kernel_hz in [
            12_500_000,
            40_000_000,
            70_000_000,
            84_000_000,
            93_333_333,
            140_000_000,
            280_000_000,
        ] {
            for policy in [Policy::WriteBackAllocate, Policy::StronglyOrdered] {
                let case = format!("{} at {kernel_hz} Hz, {policy:?}", part.name);
                let mut window = window(part, kernel_hz, FIELD, 48 << 10);
                window.board.policy = policy;
                let report = memtest::run(&mut window, BOTH, Polarity::Plain);
                assert!(report.passed(), "{case}: {report}");
                assert_eq!(window.board.messages(), [""; 0], "{case}");
                assert_eq!(window.board.octospi.stats().partial_beats, 0, "{case}");
                let Ok(()) = window.board.leave_mapped();
                assert_eq!(window.board.messages(), [""; 0], "{case}");
            }
        }
    }
}

/// A core that comes back to the window just before the idle time-out, for ever: nobody else would end the burst.
#[test]
fn a_burst_that_is_kept_alive_still_ends_within_tcem() {
    for kernel_hz in [25_000_000, 70_000_000, 84_000_000] {
        let mut window = window(&ESP_PSRAM64H, kernel_hz, FIELD, 64 << 10);
        let clock = Picos::of_cycles(1, kernel_hz);
        for pause_clocks in 0..40 {
            for offset in (0..8192).step_by(32) {
                window.read_line(offset);
                window.board.now = window.board.now + Picos(clock.0 * pause_clocks);
            }
            window.sync();
        }
        assert_eq!(window.board.messages(), [""; 0], "{kernel_hz} Hz");
    }
}

/// Writes past the cache, reads through it.
struct Uncached(Window);

impl Memory for Uncached {
    fn size_bytes(&self) -> u32 {
        self.0.size_bytes()
    }
    fn write_line(&mut self, offset: u32, line: &Line) {
        self.0.board.policy = Policy::StronglyOrdered;
        self.0.write_line(offset, line);
        self.0.board.policy = Policy::WriteBackAllocate;
    }
    fn read_line(&mut self, offset: u32) -> Line {
        self.0.read_line(offset)
    }
    fn sync(&mut self) {
        self.0.sync();
    }
}

#[test]
fn the_memory_test_of_8_mb_takes_the_time_that_its_lines_take() {
    let window = || window(&ESP_PSRAM64H, 70_000_000, FIELD, 8 << 20);
    let seconds = |march: &[Element]| {
        let mut window = window();
        let start = window.board.now;
        let report = memtest::run(&mut window, march, Polarity::Plain);
        assert!(report.passed(), "{report}");
        assert_eq!(window.board.messages(), [""; 0]);
        (window.board.now - start).0 as f64 / 1e12
    };
    // Each line that is written is filled before, because the cache does not know that all of it will be replaced.
    for (name, march, range) in [
        ("quick", QUICK, 0.83..0.86),
        ("both", BOTH, 1.43..1.46),
        ("March C-", MARCH_C, 3.23..3.26),
    ] {
        let found = seconds(march);
        assert!(range.contains(&found), "{name}: {found:.3} s");
    }
    // Stores that go by the cache save that, and lie in a row, so that the burst goes on.
    let mut uncached = Uncached(window());
    let start = uncached.0.board.now;
    assert!(memtest::run(&mut uncached, QUICK, Polarity::Plain).passed());
    let found = (uncached.0.board.now - start).0 as f64 / 1e12;
    assert!(
        (0.4..0.6).contains(&found),
        "quick, written past the cache: {found:.3} s"
    );
    assert_eq!(uncached.0.board.messages(), [""; 0]);
}
