//! The chip as the bus sees it: addresses, gates and resets, with places and bits declared a second time.

use super::*;
use chipmodel::{Kind, Refused, Report, Width};

const RCC: u32 = 0x5802_4400;
const APB1LENR: u32 = RCC + 0x148;
const APB1LRSTR: u32 = RCC + 0x90;
const TIM12_PSC: u32 = 0x4000_1828;

struct Bench {
    chip: Chip,
    reports: Vec<Report>,
    now: Time,
}

impl Bench {
    fn new() -> Self {
        Bench::on("devebox")
    }

    fn on(board: &str) -> Self {
        let board = Board::named(board).unwrap();
        Bench {
            chip: Chip::new(&board, Fitted::Nothing, 1).unwrap(),
            reports: Vec::new(),
            now: Time(0),
        }
    }

    fn fx<'a>(chip: &Chip, reports: &'a mut Vec<Report>, now: Time) -> Effects<'a> {
        Effects::new(now, chip.clocks(), reports)
    }

    fn read(&mut self, address: u32) -> Result<u32, Refused> {
        let mut fx = Self::fx(&self.chip, &mut self.reports, self.now);
        self.chip.read(address, Width::Word, &mut fx)
    }

    fn write(&mut self, address: u32, value: u32) {
        let mut fx = Self::fx(&self.chip, &mut self.reports, self.now);
        self.chip.write(address, Width::Word, value, &mut fx).unwrap();
    }

    /// Set a pin to an alternate function.
    fn select(&mut self, port: char, pin: u32, function: u32) {
        let base = 0x5802_0000 + 0x400 * (port as u32 - 'A' as u32);
        let mode = self.read(base).unwrap() & !(3 << (2 * pin)) | 2 << (2 * pin);
        let (afr, shift) = (base + 0x20 + 4 * (pin / 8), 4 * (pin % 8));
        let selected = self.read(afr).unwrap() & !(15 << shift) | function << shift;
        self.write(afr, selected);
        self.write(base, mode);
    }

    fn complaints(&mut self) -> Vec<String> {
        self.reports.drain(..).map(|r| r.message).collect()
    }
}

#[test]
fn a_timer_without_clock_is_reported_and_forgets_what_is_written() {
    let mut bench = Bench::new();
    bench.write(TIM12_PSC, 279);
    assert_eq!(bench.read(TIM12_PSC), Ok(0));
    assert!(bench.complaints()[0].contains("TIM12 used while its clock is off (RCC_APB1LENR bit 6)"));
    bench.write(APB1LENR, 1 << 6);
    bench.write(TIM12_PSC, 279);
    assert_eq!(bench.read(TIM12_PSC), Ok(279));
    assert!(bench.complaints().is_empty());
}

#[test]
fn what_start_up_code_of_cubemx_writes_is_known() {
    let mut board = Board::named("devebox").unwrap();
    board.mcu = "STM32H7A3ZIT6Q".into();
    let mut bench = Bench {
        chip: Chip::new(&board, Fitted::Nothing, 1).unwrap(),
        ..Bench::new()
    };
    for (address, value) in [
        (RCC + 0x60, 0),             // CIER
        (RCC + 0xB0, u32::MAX),      // CKGAENR
        (0x5200_4000, 0x30D2),       // FMC_BCR1
        (0x5802_4800 + 0x0C, 0b100), // PWR_CR3: the converter alone
        (RCC + 0x138, 1 << 9),       // AHB1ENR: CRC
        (0x4002_3000 + 0x08, 1),     // CRC_CR
    ] {
        bench.write(address, value);
    }
    assert_eq!(bench.complaints(), Vec::<String>::new());
    assert_eq!(
        bench.read(RCC + 0xB0),
        Ok(0xE003_FFFF),
        "what has no meaning stays zero"
    );
    assert_eq!(bench.read(0x4002_3000), Ok(u32::MAX), "the sum of nothing");
}

#[test]
fn a_register_that_is_read_without_clock_is_a_warning_and_a_lost_write_a_broken_rule() {
    let mut bench = Bench::new();
    bench.read(TIM12_PSC).unwrap();
    bench.write(TIM12_PSC, 1);
    let kinds: Vec<Kind> = bench.reports.iter().map(|report| report.kind).collect();
    assert_eq!(kinds, [Kind::Warning, Kind::Rule]);
}

#[test]
fn a_reset_pulse_of_rcc_resets_the_peripheral() {
    let mut bench = Bench::new();
    bench.write(APB1LENR, 1 << 6);
    bench.write(TIM12_PSC, 279);
    bench.write(APB1LRSTR, 1 << 6);
    bench.write(APB1LRSTR, 0);
    assert_eq!(bench.read(TIM12_PSC), Ok(0));
}

#[test]
fn a_reset_pulse_resets_the_memory_controller_too() {
    let mut bench = Bench::new();
    let gate = RCC + 0x134;
    bench.write(gate, 1 << 14);
    bench.write(0x5200_5008, 22 << 16 | 1 << 3);
    assert_eq!(bench.read(0x5200_5008), Ok(22 << 16 | 1 << 3));
    bench.write(RCC + 0x7C, 1 << 14);
    bench.write(RCC + 0x7C, 0);
    assert_eq!(bench.read(0x5200_5008), Ok(0));
}

#[test]
fn peripherals_without_a_model_are_refused_by_name() {
    let mut bench = Bench::new();
    assert_eq!(bench.read(0x4001_5008), Err(Refused::Unmodelled("SPI5")));
    assert_eq!(name_of(0x4001_5008).as_deref(), Some("SPI5+0x08"));
    assert!(!Chip::owns(0x4001_5008) && Chip::owns(RCC) && !Chip::owns(0x6000_0000));
}

#[test]
fn too_few_wait_states_are_reported_once() {
    let mut bench = Bench::new();
    bench.write(0x5200_2000, 0);
    bench.write(0x5200_2000, 0);
    let complaints = bench.complaints();
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(
        complaints[0].contains("LATENCY is 0, but HCLK at 64000000 Hz and VOS2 needs 1"),
        "{complaints:?}"
    );
}

#[test]
fn the_console_of_the_board_raises_its_own_interrupt_line() {
    let mut bench = Bench::new();
    // PA2 and PA3 to alternate function 7.
    bench.write(RCC + 0x140, 1);
    bench.write(0x5802_0000, 0xABFF_FFFF & !(0xF << 4) | 0b1010 << 4);
    bench.write(0x5802_0020, 0x77 << 8);
    bench.write(APB1LENR, 1 << 17);
    bench.write(0x4000_440C, 64_000_000 / 115_200);
    bench.write(0x4000_4400, 0b1101 | 1 << 5);
    bench.chip.console().arrive(b"x", bench.now);
    bench.chip.look_at_all();
    assert_eq!(bench.chip.irq_lines(), [0; 5]);
    bench.now = bench.chip.next_event().unwrap();
    let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
    bench.chip.advance(&mut fx);
    assert_eq!(bench.chip.irq_lines(), [0, 1 << (38 - 32), 0, 0, 0]);
    assert_eq!(bench.read(0x4000_4424), Ok(u32::from(b'x')));
}

#[test]
fn a_console_whose_pins_were_forgotten_is_reported() {
    let mut bench = Bench::new();
    bench.write(APB1LENR, 1 << 17);
    bench.write(0x4000_440C, 64_000_000 / 115_200);
    bench.write(0x4000_4400, 0b1101);
    bench.write(0x4000_4428, u32::from(b'x'));
    bench.now = bench.chip.next_event().unwrap();
    let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
    bench.chip.advance(&mut fx);
    assert!(bench.complaints()[0].contains("TX pin is not set"));
    assert!(bench.chip.console().take_transmitted().is_empty());
}

#[test]
fn every_row_with_interrupts_has_its_device_behind_it() {
    for row in map::ROWS {
        assert!(row.irqs.is_empty() || row.device.is_some(), "{}", row.name);
        assert!(row.irqs.iter().all(|irq| *irq < 155), "{}", row.name);
    }
}

/// A transmitter that is on and empty raises the line of its own port, and of no other.
#[test]
fn each_serial_port_raises_its_own_line() {
    for (base, enable, bit, irq) in [
        (0x4001_1000, 0x150, 4, 37),
        (0x4000_4400, 0x148, 17, 38),
        (0x4000_4800, 0x148, 18, 39),
        (0x4000_4C00, 0x148, 19, 52),
        (0x4000_5000, 0x148, 20, 53),
        (0x4001_1400, 0x150, 5, 71),
        (0x4000_7800, 0x148, 30, 82),
        (0x4000_7C00, 0x148, 31, 83),
        (0x4001_1800, 0x150, 6, 140),
        (0x4001_1C00, 0x150, 7, 141),
    ] {
        let mut bench = Bench::new();
        bench.write(RCC + enable, 1 << bit);
        bench.write(base, 0b1001 | 1 << 7);
        let mut lines = [0; 5];
        lines[irq / 32] = 1 << (irq % 32);
        assert_eq!(bench.chip.irq_lines(), lines, "{base:#x}");
        assert!(bench.complaints().is_empty(), "{base:#x}");
    }
}

#[test]
fn a_pin_leads_to_the_chip_only_with_its_own_alternate_function_and_a_good_joint() {
    use crate::board::fault::Fault;
    for name in ["devebox", "weact"] {
        let mut bench = Bench::on(name);
        let pins = |bench: &Bench| bench.chip.devices.octospi1.pins();
        assert_eq!((pins(&bench).clk_and_ncs, pins(&bench).copper.joined), (false, 0));
        bench.write(RCC + 0x140, 0x7FF);
        for (port, pin, function) in [
            ('B', 2, 9),
            ('B', 6, 10),
            ('D', 11, 9),
            ('D', 12, 9),
            ('E', 2, 9),
            ('D', 13, 10),
        ] {
            bench.select(port, pin, function);
        }
        assert_eq!(
            (pins(&bench).clk_and_ncs, pins(&bench).copper.joined),
            (true, 0b0111)
        );
        bench.select('D', 13, 9);
        assert_eq!(
            (pins(&bench).clk_and_ncs, pins(&bench).copper.joined),
            (true, 0b1111)
        );
        for (pin, clk_and_ncs, io) in [("CE#", false, 15), ("CLK", false, 15), ("SIO2", true, 0b1011)] {
            let mut chip = bench.chip.clone();
            let mut fx = Effects::new(bench.now, chip.clocks(), &mut bench.reports);
            assert!(chip.break_joint("memory", pin, Some(Fault::Open), &mut fx));
            let now = chip.devices.octospi1.pins();
            assert_eq!(
                (now.clk_and_ncs, now.copper.joined),
                (clk_and_ncs, io),
                "{name} {pin}"
            );
            assert!(chip.break_joint("memory", pin, None, &mut fx));
            assert_eq!(chip.devices.octospi1.pins().copper.joined, 15, "{name} {pin}");
        }
        // At once, also if no port is written to afterwards.
        let chip = &mut bench.chip;
        let mut fx = Effects::new(bench.now, chip.clocks(), &mut bench.reports);
        let [a, b] = ["SIO1", "SIO2"].map(|pin| chip.nets.pin_of("memory", pin).unwrap());
        chip.bridge(a, b, &mut fx);
        assert_eq!(chip.devices.octospi1.pins().copper.tied, 0b0110, "{name}");
    }
}

#[test]
fn a_console_that_the_chip_does_not_reach_is_refused() {
    let text = include_str!("../../../../board/devebox.toml");
    for (good, bad, words) in [
        ("\"USART2\"", "\"USART11\"", ["`USART11`", "UART7"]),
        ("rx = \"PA3\"", "rx = \"PA4\"", ["rx is PA4", "PA3, PD6"]),
    ] {
        let board = Board::parse("x.toml", &text.replace(good, bad)).unwrap();
        let error = Chip::new(&board, Fitted::Nothing, 1).unwrap_err();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
}

#[test]
fn a_key_that_is_pressed_against_an_output_is_told_once() {
    let mut bench = Bench::new();
    bench.write(RCC + 0x140, 1 << 4);
    // PE3, K1 of this board, as an output that is high.
    bench.write(0x5802_1018, 1 << 3);
    bench.write(0x5802_1000, !(3 << 6) | 1 << 6);
    let pin = "PE3".parse().unwrap();
    assert!(bench.chip.level(pin));
    bench
        .chip
        .nets
        .drive("K1", "KEY", Some(chipmodel::bus::pad::Drive::source(0)));
    let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
    bench.chip.settle_pin(pin, &mut fx);
    bench.chip.settle_pin(pin, &mut fx);
    let complaints = bench.complaints();
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(
        complaints[0].contains("PE3: the chip drives 3300 mV, K1.KEY drives 0 mV"),
        "{complaints:?}"
    );
    assert!(!bench.chip.level(pin));
}

#[test]
fn a_serial_output_idles_high_on_its_pin() {
    let mut bench = Bench::new();
    bench.write(RCC + 0x140, 1);
    bench.write(RCC + 0x148, 1 << 17);
    bench.write(0x4000_4400, 0b1001);
    bench.select('A', 2, 7);
    assert_eq!(bench.chip.millivolts("PA2".parse().unwrap()), Some(3300));
    assert_eq!(bench.chip.millivolts("PA5".parse().unwrap()), None, "it floats");
}

#[test]
fn a_converter_samples_the_net_of_its_pin() {
    use chipmodel::bus::pad::Drive;
    const ADC1: u32 = 0x4002_2000;
    let mut bench = Bench::new();
    let pass = |bench: &mut Bench, ns| {
        bench.now = bench.now + chipmodel::Picos::from_ns(ns);
        let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
        bench.chip.advance(&mut fx);
    };
    // ADC12EN; the kernel clock is per_ck, HSI, divided by four.
    bench.write(RCC + 0x138, 1 << 5);
    bench.write(RCC + 0x58, 2 << 16);
    bench.write(ADC1 + 0x308, 2 << 18);
    bench.write(ADC1 + 0x08, 1 << 28);
    pass(&mut bench, 10_000);
    bench.write(ADC1 + 0x08, 1 << 28 | 1);
    pass(&mut bench, 1000);
    bench.write(ADC1 + 0x04, 1 << 2);
    bench.write(ADC1 + 0x1C, 1 << 19);
    bench.write(ADC1 + 0x30, 19 << 6);
    // PA5 is channel 19: a source of 2 V.
    bench
        .chip
        .nets
        .probe("PA5".parse().unwrap(), Some(Drive::source(2000)));
    bench.write(ADC1 + 0x08, 1 << 28 | 1 << 2 | 1);
    pass(&mut bench, 5000);
    assert_eq!(bench.chip.irq_lines(), [1 << 18, 0, 0, 0, 0]);
    assert_eq!(bench.read(ADC1 + 0x40), Ok((2000 * 65535 + 1650) / 3300));
    assert_eq!(bench.chip.irq_lines(), [0; 5]);
    assert!(bench.complaints().is_empty());
    bench.chip.nets.probe("PA5".parse().unwrap(), None);
    bench.write(ADC1 + 0x08, 1 << 28 | 1 << 2 | 1);
    assert!(bench.complaints()[0].contains("channel 19 floats"));
}

#[test]
fn an_alarm_of_the_calendar_interrupts_by_exti() {
    const RTC: u32 = 0x5800_4000;
    let mut bench = Bench::new();
    let pass = |bench: &mut Bench, ms: u64| {
        bench.now = bench.now + chipmodel::Picos::from_ns(ms * 1_000_000);
        let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
        bench.chip.advance(&mut fx);
    };
    // DBP; the crystal, RTCSEL, RTCEN; the lines of EXTI.
    bench.write(0x5802_4800, 0xF000_C100);
    bench.write(RCC + 0x70, 1 << 15 | 1 << 8 | 1);
    bench.write(0x5800_0000, 1 << 17);
    bench.write(0x5800_0080, 0xFFC2_0000);
    bench.write(RTC + 0x24, 0xCA);
    bench.write(RTC + 0x24, 0x53);
    bench.write(RTC + 0x40, 0x8080_8002);
    bench.write(RTC + 0x18, 1 << 8 | 1 << 12);
    pass(&mut bench, 1999);
    assert_eq!(bench.chip.irq_lines(), [0; 5]);
    pass(&mut bench, 1);
    assert_eq!(bench.chip.irq_lines(), [0, 1 << (41 - 32), 0, 0, 0]);
    bench.write(0x5800_0088, 1 << 17);
    assert_eq!(bench.chip.irq_lines(), [0; 5]);
    // A reset of the chip leaves the calendar alone, one of the backup domain does not.
    let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
    bench.chip.system_reset(ResetCause::Software, &mut fx);
    pass(&mut bench, 3000);
    assert_eq!(bench.read(RTC), Ok(5));
    bench.write(0x5802_4800, 0xF000_C100);
    bench.write(RCC + 0x70, 1 << 16);
    assert_eq!(bench.read(RTC + 0x18), Ok(0));
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

/// Wakes a display on SPI2, writes two red dots to it, and says what it shows and when that was done.
fn two_red_dots(traced: bool) -> (chipmodel::parts::tft::Picture, Time) {
    const SPI2: u32 = 0x4000_3800;
    const GPIOB: u32 = 0x5802_0400;
    let mut bench = Bench::new();
    if traced {
        bench.chip.start_trace(false);
    }
    bench.write(RCC + 0x140, 1 << 1);
    bench.write(APB1LENR, 1 << 14);
    // SPI123SEL: per_ck, which is HSI.
    bench.write(RCC + 0x50, 4 << 12);
    let display = Board::named("devebox").unwrap();
    let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
    bench
        .chip
        .change_display(&display, "st7789-240x240", &mut fx)
        .unwrap();
    // BLK on PB0, DC on PB1, CS on PB12: outputs, all high.
    bench.write(GPIOB + 0x14, 1 | 1 << 1 | 1 << 12);
    let mode = bench.read(GPIOB).unwrap() & !(0xF | 3 << 24) | 5 | 1 << 24;
    bench.write(GPIOB, mode);
    bench.select('B', 13, 5);
    bench.select('B', 15, 5);
    // 8 bits, kernel clock over 4; a controller that only sends, with SSM and AFCNTR.
    bench.write(SPI2 + 0x08, 7 << 16 | 7 | 1 << 28);
    bench.write(SPI2 + 0x0C, 1 << 31 | 1 << 26 | 1 << 22 | 1 << 17);
    bench.now = Time(200_000_000_000);
    let mut send = |is_command: bool, bytes: &[u8], wait_ms: u64| {
        bench.write(
            GPIOB + 0x18,
            1 << (12 + 16) | 1 << if is_command { 1 + 16 } else { 1 },
        );
        bench.write(SPI2 + 0x04, bytes.len() as u32);
        bench.write(SPI2, 1 << 12 | 1);
        bench.write(SPI2, 1 << 12 | 1 << 9 | 1);
        for byte in bytes {
            let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
            let put = bench
                .chip
                .write(SPI2 + 0x20, Width::Byte, u32::from(*byte), &mut fx);
            put.unwrap();
        }
        while bench.read(SPI2 + 0x14).unwrap() & 1 << 3 == 0 {
            bench.now = bench.chip.next_event().unwrap();
            let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
            bench.chip.advance(&mut fx);
        }
        bench.write(SPI2 + 0x18, 0xFF8);
        bench.write(SPI2, 1 << 12);
        bench.write(GPIOB + 0x18, 1 << 12);
        bench.now = bench.now + chipmodel::Picos::from_ns(wait_ms * 1_000_000);
    };
    send(true, &[0x11], 120);
    send(true, &[0x3A], 0);
    send(false, &[0x55], 0);
    send(true, &[0x21], 0);
    send(true, &[0x29], 0);
    send(true, &[0x2C], 0);
    send(false, &[0xF8, 0, 0xF8, 0], 0);
    let picture = bench.chip.parts.picture().unwrap();
    assert_eq!([picture.at(0, 0), picture.at(1, 0)], [[255, 0, 0]; 2]);
    assert!(bench.reports.is_empty(), "{:?}", bench.complaints());
    (picture, bench.now)
}

#[test]
fn a_frame_as_a_whole_is_what_its_edges_are() {
    assert_eq!(two_red_dots(false), two_red_dots(true));
}

#[test]
fn who_looks_at_edges_gets_them() {
    let mut bench = Bench::new();
    bench.write(RCC + 0x140, 1 << 1);
    let board = Board::named("devebox").unwrap();
    let whole = |bench: &Bench| bench.chip.frame_lines[1].is_some();
    bench.select('B', 13, 5);
    bench.select('B', 15, 5);
    assert!(!whole(&bench), "nobody takes frames");
    let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
    bench
        .chip
        .change_display(&board, "ili9341-320x240", &mut fx)
        .unwrap();
    assert!(whole(&bench));
    // An interrupt by the edges of PB13: SYSCFG_EXTICR4.
    bench.write(RCC + 0x154, 1 << 1);
    bench.write(0x5800_0414, 1 << 4);
    assert!(!whole(&bench));
    bench.write(0x5800_0414, 0);
    assert!(whole(&bench));
    let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
    bench.chip.attach(
        &"w25q64:CS=PA4,CLK=PB13,DI=PB15,DO=PB14".parse().unwrap(),
        &mut fx,
    );
    assert!(!whole(&bench), "a flash wants edges");
}
