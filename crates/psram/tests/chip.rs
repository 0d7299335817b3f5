//! The driver against a chip that was modelled from the datasheets by itself: the model sees only levels on wires, clock
//! by clock, and reports every rule that is broken. No opcode, frame or limit is shared between the two.

use chipmodel::parts::fitted::Fitted;
use proptest::prelude::*;
use psram::driver::{AccessError, LinesError, OpenError, Qpi};
use psram::id::Unfit;
use psram::memtest::{self, BOTH, Polarity, QUICK};
use psram::part::{self, ALL, ESP_PSRAM64H, UNKNOWN};
use psram::wrap::{Call, Faulty, Trace};
use psram::{Bus, Frame, Hold, Lines, Memory, Plan, Psram, Setup, Wish};
use std::convert::Infallible;
use wires::{FIELD, SIZE_BYTES, Window, Wires, plan, window};

mod wires;

fn open(key: &str) -> Psram<Wires, Qpi> {
    let part = part::by_key(key).unwrap();
    Psram::open(
        Wires::with_part(key, 70_000_000, Hold::Field),
        plan(part, 70_000_000, FIELD),
    )
    .unwrap()
}

fn noise(len: usize, seed: u32) -> Vec<u8> {
    (0..len as u32)
        .map(|i| ((i ^ seed).wrapping_mul(0x9E37_79B1) >> 23) as u8)
        .collect()
}

#[test]
fn every_part_opens_and_keeps_data_at_every_clock_without_breaking_a_rule() {
    for part in ALL {
        for kernel_hz in [
            12_500_000,
            40_000_000,
            70_000_000,
            93_333_333,
            140_000_000,
            280_000_000,
        ] {
            for (driven_as, wish) in [
                (part, FIELD),
                (part, Wish::default()),
                (&UNKNOWN, Wish::default()),
            ] {
                let case = format!(
                    "{} driven as {} at {kernel_hz} Hz, {wish:?}",
                    part.name, driven_as.name
                );
                let wires = Wires::with_part(part.key, kernel_hz, wish.hold);
                let mut chip = Psram::open(wires, plan(driven_as, kernel_hz, wish)).expect(&case);
                // Across many pages, with odd ends.
                let wrote = noise(5003, kernel_hz);
                let mut read = vec![0; wrote.len()];
                chip.write(1023 * 1024 - 7, &wrote).unwrap();
                chip.read(1023 * 1024 - 7, &mut read).unwrap();
                assert_eq!(read, wrote, "{case}");
                // The very last bytes.
                chip.write(part.size_bytes - 3, &[1, 2, 3]).unwrap();
                chip.read(part.size_bytes - 3, &mut read[..3]).unwrap();
                assert_eq!(read[..3], [1, 2, 3], "{case}");
                assert_eq!(chip.release().complaints(), [""; 0], "{case}");
            }
        }
    }
}

/// A controller whose FIFO has 32 bytes.
struct Short(Wires);

impl Bus for Short {
    type Error = Infallible;

    fn most_bytes(&self) -> u32 {
        32
    }

    fn apply(&mut self, setup: &Setup) -> Result<(), Infallible> {
        self.0.apply(setup)
    }

    fn command(&mut self, frame: &Frame) -> Result<(), Infallible> {
        self.0.command(frame)
    }

    fn read(&mut self, frame: &Frame, address: u32, data: &mut [u8]) -> Result<(), Infallible> {
        assert!(data.len() <= 32, "{} bytes", data.len());
        self.0.read(frame, address, data)
    }

    fn write(&mut self, frame: &Frame, address: u32, data: &[u8]) -> Result<(), Infallible> {
        assert!(data.len() <= 32, "{} bytes", data.len());
        self.0.write(frame, address, data)
    }

    fn enter_mapped(&mut self, read: &Frame, write: &Frame) -> Result<(), Infallible> {
        self.0.enter_mapped(read, write)
    }

    fn leave_mapped(&mut self) -> Result<(), Infallible> {
        self.0.leave_mapped()
    }

    fn delay_us(&mut self, us: u32) {
        self.0.delay_us(us);
    }
}

#[test]
fn no_transfer_is_longer_than_the_controller_carries_by_itself() {
    let wires = Short(Wires::with_part("esp-psram64h", 70_000_000, Hold::Field));
    let part = part::by_key("esp-psram64h").unwrap();
    let mut chip = Psram::open(wires, plan(part, 70_000_000, FIELD)).unwrap();
    let wrote = noise(5003, 1);
    let mut read = vec![0; wrote.len()];
    chip.write(1023 * 1024 - 7, &wrote).unwrap();
    chip.read(1023 * 1024 - 7, &mut read).unwrap();
    assert_eq!(read, wrote);
}

/// If the chip did not notice wrong settings, the test above would prove nothing.
#[test]
fn the_chip_notices_a_plan_that_was_tampered_with() {
    let complaint = |tamper: fn(&mut Plan)| {
        let mut bad = plan(&ESP_PSRAM64H, 70_000_000, FIELD);
        tamper(&mut bad);
        let mut chip = Psram::open(Wires::with_part("esp-psram64h", 70_000_000, Hold::Field), bad).unwrap();
        chip.write(0, &[0; 600]).unwrap();
        let wires = chip.release();
        wires.complaints().first().expect("a complaint").to_string()
    };
    assert!(complaint(|plan| plan.setup.cs_high_cycles = 3).contains("tCPH"));
    assert!(complaint(|plan| plan.write_max_bytes = 1024).contains("tCEM"));
}

#[test]
fn a_warm_start_finds_the_chip_in_any_mode_and_keeps_its_content() {
    let toggle = psram::command::BURST_TOGGLE;
    let enter = psram::command::ENTER_QUAD.spi.unwrap();
    for (name, commands) in [
        ("SPI", vec![]),
        ("QPI", vec![enter]),
        ("SPI with wrapped bursts", vec![toggle.spi.unwrap()]),
        ("QPI with wrapped bursts", vec![enter, toggle.qpi.unwrap()]),
        ("reset half way", vec![psram::command::RESET_ENABLE.spi.unwrap()]),
    ] {
        let mut chip = open("esp-psram64h");
        let content = noise(2000, 7);
        chip.write(0, &content).unwrap();
        let mut wires = chip.leave_qpi().unwrap().release();
        for command in commands {
            let Ok(()) = wires.command(&command);
        }
        let mut chip = Psram::open(wires, plan(&ESP_PSRAM64H, 70_000_000, FIELD)).expect(name);
        let mut found = vec![0; content.len()];
        chip.read(0, &mut found).unwrap();
        assert_eq!(found, content, "{name}");
        assert_eq!(chip.release().complaints(), [""; 0], "{name}");
    }
}

#[test]
fn opening_follows_the_datasheets_step_by_step() {
    let mut steps = Vec::new();
    let trace = Trace {
        bus: Wires::with_part("esp-psram64h", 70_000_000, Hold::Field),
        sink: |call: Call<'_>| {
            let lines = |frame: &Frame| if frame.command == Lines::Four { "4" } else { "1" };
            steps.push(match call {
                Call::Apply(setup) => format!("clock /{}", setup.divider),
                Call::Delay(us) => format!("wait {us} us"),
                Call::Command(frame) => format!("{:02x} on {}", frame.opcode, lines(frame)),
                Call::Read(frame, _, data) => format!(
                    "{:02x} on {}, {} bytes in",
                    frame.opcode,
                    lines(frame),
                    data.len()
                ),
                Call::Write(frame, _, data) => format!(
                    "{:02x} on {}, {} bytes out",
                    frame.opcode,
                    lines(frame),
                    data.len()
                ),
                Call::EnterMapped => "map".into(),
                Call::LeaveMapped => "unmap".into(),
            });
        },
    };
    let chip = Psram::open(trace, plan(&ESP_PSRAM64H, 70_000_000, FIELD)).unwrap();
    chip.map().unwrap().unmap().unwrap().leave_qpi().unwrap();
    let expected = "
        clock /1
        wait 150 us
        66 on 4
        99 on 4
        wait 50 us
        66 on 1
        99 on 1
        wait 50 us
        9f on 1, 8 bytes in
        9f on 1, 8 bytes in
        lines one by one
        35 on 1
        eb on 4, 8 bytes in
        38 on 4, 8 bytes out
        eb on 4, 8 bytes in
        38 on 4, 8 bytes out
        marks far apart
        map
        unmap
        f5 on 4";
    // The bytes of the cross-check and of the size are many, and matters of their own.
    for step in &mut steps {
        if step.ends_with("on 1, 1 bytes in") || step.ends_with("on 1, 1 bytes out") {
            *step = "lines one by one".into();
        } else if step.ends_with("on 4, 1 bytes in") || step.ends_with("on 4, 1 bytes out") {
            *step = "marks far apart".into();
        }
    }
    steps.dedup_by(|a, b| a == b && (a == "lines one by one" || a == "marks far apart"));
    assert_eq!(steps, expected.trim().lines().map(str::trim).collect::<Vec<_>>());
}

#[test]
fn a_chip_has_the_size_that_it_tells_or_the_one_where_addresses_repeat() {
    for (fitted, size_bytes, repeats_after_bytes) in [
        ("16mbit", 2 << 20, 2 << 20),
        ("32mbit", 4 << 20, 4 << 20),
        ("esp-psram64h", 8 << 20, 8 << 20),
        ("aps1604m-3sqr", 2 << 20, 2 << 20),
        ("128mbit", 16 << 20, 16 << 20),
        // The test of the whole memory finds it.
        ("lying-32mbit", 8 << 20, 4 << 20),
    ] {
        let open = |wires| Psram::open(wires, plan(&ESP_PSRAM64H, 70_000_000, FIELD)).expect(fitted);
        let mut chip = open(Wires::new(Fitted::parse(fitted, 1).unwrap(), 70_000_000));
        assert_eq!(
            (chip.plan().size_bytes, chip.repeats_after_bytes()),
            (size_bytes, repeats_after_bytes),
            "{fitted}"
        );
        assert!(chip.write(size_bytes - 2, &[1, 2, 3]).is_err(), "{fitted}");
        // Measuring leaves what was there.
        let places = || {
            [0, 2 << 20, 4 << 20, 8 << 20]
                .into_iter()
                .filter(|place| *place < repeats_after_bytes)
        };
        for place in places() {
            chip.write(place, &[(place >> 20) as u8 | 0x50]).unwrap();
        }
        let mut chip = open(chip.release());
        for place in places() {
            let mut byte = [0];
            chip.read(place, &mut byte).unwrap();
            assert_eq!(byte, [(place >> 20) as u8 | 0x50], "{fitted}, {place:#x}");
        }
    }
}

#[test]
fn what_answers_instead_of_the_part_is_named() {
    for (fitted, text) in [
        ("none", "no answer, all bits read 1"),
        ("stuck-low", "no answer, all bits read 0"),
        (
            "w25q64",
            "found a W25Q64 flash (JEDEC id ef 40 17, 8 MB), expected a PSRAM",
        ),
        (
            "kgd-fail",
            "bad die: expected KGD 0x5d, found 0x55 (id 0d 55 52 a2 64 31 91 31)",
        ),
    ] {
        let chip = Fitted::parse(fitted, 1).unwrap();
        let wires = Wires::new(chip, 70_000_000);
        let error = Psram::open(wires, plan(&ESP_PSRAM64H, 70_000_000, FIELD))
            .err()
            .expect(fitted);
        assert_eq!(error.to_string(), text, "{fitted}");
    }
}

#[test]
fn a_garbled_first_reading_of_the_id_is_not_believed_and_not_fatal() {
    let faulty = |flip: fn(u32) -> u8| Faulty {
        bus: Wires::with_part("esp-psram64h", 70_000_000, Hold::Field),
        and: 0xFF,
        or: 0,
        flip,
        reads: 0,
    };
    let wanted = plan(&ESP_PSRAM64H, 70_000_000, FIELD);
    let mut chip = Psram::reset(faulty(|n| if n == 0 { 0x80 } else { 0 }), wanted).unwrap();
    assert_eq!(chip.identify().unwrap().to_string(), "0d 5d 52 a2 64 31 91 31");
    assert_eq!(chip.release().reads, 3);
    // Never twice the same.
    let mut chip = Psram::reset(faulty(|n| n as u8), wanted).unwrap();
    let Err(OpenError::Unfit(Unfit::Unstable { before, last })) = chip.identify() else {
        panic!("believed")
    };
    assert_ne!(before, last);
}

#[test]
fn a_bad_joint_on_each_of_the_four_lines_is_named() {
    for line in 0..4u8 {
        for high in [false, true] {
            // Bits n and n + 4 of each byte travel on line n.
            let mask = 0x11 << line;
            let (and, or) = if high { (0xFF, mask) } else { (!mask, 0) };
            let wires = Wires::with_part("esp-psram64h", 70_000_000, Hold::Field);
            let bus = Faulty {
                bus: wires,
                and,
                or,
                flip: |_| 0,
                reads: 0,
            };
            let error = check_lines(bus).unwrap_err();
            assert_eq!(error.lines, 1 << line, "{error}");
            assert!(error.to_string().ends_with(&format!(", on SIO{line}")), "{error}");
        }
    }
}

/// The line check alone: READ ID, which comes in on line 1, is left out.
fn check_lines<B: Bus<Error = Infallible>>(bus: B) -> Result<(), LinesError> {
    let chip = Psram::reset(bus, plan(&ESP_PSRAM64H, 70_000_000, FIELD)).unwrap();
    match chip.enter_qpi().unwrap().check_lines() {
        Ok(()) => Ok(()),
        Err(OpenError::Lines(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn ranges_outside_the_chip_are_refused_before_anything_moves() {
    let mut chip = open("esp-psram64h");
    let error = |address, bytes| AccessError::OutOfRange {
        address,
        bytes,
        size_bytes: SIZE_BYTES,
    };
    assert_eq!(chip.read(SIZE_BYTES, &mut [0]), Err(error(SIZE_BYTES, 1)));
    assert_eq!(chip.write(SIZE_BYTES - 1, &[0, 0]), Err(error(SIZE_BYTES - 1, 2)));
    assert_eq!(chip.write(u32::MAX, &[0, 0]), Err(error(u32::MAX, 2)));
    assert_eq!(chip.read(SIZE_BYTES, &mut []), Ok(()));
    assert_eq!(
        error(8 << 20, 1).to_string(),
        "1 bytes at 0x800000 do not lie within the chip's 0x800000"
    );
}

#[test]
fn a_good_chip_passes_the_memory_test_within_the_time_of_the_wire() {
    let mut window = window(Fitted::parse("esp-psram64h", 3).unwrap());
    for polarity in [Polarity::Plain, Polarity::Inverted] {
        let start = window.0.prober.now;
        let report = memtest::run(&mut window, QUICK, polarity);
        assert!(report.passed(), "{report}");
        // 262,144 lines of 78 + 72 clocks, with one clock of lead and trail and four of CE# high each, at 70 MHz.
        let seconds = (window.0.prober.now - start).0 as f64 / 1e12;
        assert!((0.599..0.600).contains(&seconds), "{seconds} s");
    }
    assert!(memtest::run(&mut window, BOTH, Polarity::Plain).passed());
    assert_eq!(window.0.complaints(), [""; 0]);
}

/// What a program may do with a chip.
#[derive(Clone, Debug)]
enum Op {
    Write(u32, Vec<u8>),
    Read(u32, usize),
    /// To SPI mode and back.
    LeaveQpi,
    /// Into the window and back, with a line written there.
    Map(u32, u8),
    /// As after a reset of the processor alone.
    WarmStart,
}

fn op() -> impl Strategy<Value = Op> {
    let address = prop_oneof![0..2048u32, SIZE_BYTES - 2048..SIZE_BYTES];
    prop_oneof![
        (address.clone(), prop::collection::vec(any::<u8>(), 0..1500))
            .prop_map(|(at, data)| Op::Write(at, data)),
        (address.clone(), 0..1500usize).prop_map(|(at, bytes)| Op::Read(at, bytes)),
        Just(Op::LeaveQpi),
        (address, any::<u8>()).prop_map(|(at, byte)| Op::Map(at & !31, byte)),
        Just(Op::WarmStart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// The chip behaves like plain memory, whatever is done in which order, and never complains.
    #[test]
    fn random_programs_see_a_flat_memory(
        ops in prop::collection::vec(op(), 1..24),
        kernel_hz in 13_000_000u32..=280_000_000,
        part in prop::sample::select(ALL.into_iter().filter(|part| part.size_bytes == SIZE_BYTES).collect::<Vec<_>>()),
    ) {
        let wanted = plan(part, kernel_hz, FIELD);
        let mut chip = Psram::open(Wires::with_part(part.key, kernel_hz, Hold::Field), wanted).unwrap();
        // Both ends, where the programs work; the middle stays as random as it is.
        let mut flat = vec![0; SIZE_BYTES as usize];
        chip.write(0, &flat[..4096]).unwrap();
        chip.write(SIZE_BYTES - 4096, &flat[..4096]).unwrap();
        for op in ops {
            match op {
                Op::Write(at, data) => {
                    let end = at as usize + data.len();
                    prop_assert_eq!(chip.write(at, &data).is_ok(), end <= flat.len());
                    if end <= flat.len() {
                        flat[at as usize..end].copy_from_slice(&data);
                    }
                }
                Op::Read(at, bytes) => {
                    let mut data = vec![0; bytes];
                    let end = at as usize + bytes;
                    prop_assert_eq!(chip.read(at, &mut data).is_ok(), end <= flat.len());
                    if end <= flat.len() {
                        prop_assert_eq!(&data, &flat[at as usize..end]);
                    }
                }
                Op::LeaveQpi => chip = chip.leave_qpi().unwrap().enter_qpi().unwrap(),
                Op::Map(at, byte) => {
                    let mut window = Window(chip.map().unwrap().release());
                    window.write_line(at, &[u32::from_ne_bytes([byte; 4]); 8]);
                    flat[at as usize..][..32].fill(byte);
                    let Ok(()) = window.0.leave_mapped();
                    chip = Psram::open(window.0, wanted).unwrap();
                }
                Op::WarmStart => chip = Psram::open(chip.release(), wanted).unwrap(),
            }
        }
        let wires = chip.release();
        prop_assert!(wires.complaints().is_empty(), "{:?}", wires.complaints());
    }
}
