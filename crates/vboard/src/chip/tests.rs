//! The chip as the bus sees it: addresses, gates and resets, with places and bits declared a second time.

use super::*;
use chipmodel::Picos;

const RCC: u32 = 0x5802_4400;
const APB1LENR: u32 = RCC + 0x148;
const APB1LRSTR: u32 = RCC + 0x90;
const TIM12_PSC: u32 = 0x4000_1828;

struct Bench {
    chip: Peripherals,
    reports: Vec<Report>,
    now: Time,
}

impl Bench {
    fn new() -> Self {
        let board = Board::named("devebox").unwrap();
        Bench {
            chip: Peripherals::new(&board, 1),
            reports: Vec::new(),
            now: Time(0),
        }
    }

    fn fx<'a>(chip: &Peripherals, reports: &'a mut Vec<Report>, now: Time) -> Effects<'a> {
        Effects {
            now,
            clocks: chip.clocks(),
            reports,
            stall: Picos(0),
        }
    }

    fn read(&mut self, address: u32) -> Result<u32, Refused> {
        let mut fx = Self::fx(&self.chip, &mut self.reports, self.now);
        self.chip.read(address, Width::Word, &mut fx)
    }

    fn write(&mut self, address: u32, value: u32) {
        let mut fx = Self::fx(&self.chip, &mut self.reports, self.now);
        self.chip.write(address, Width::Word, value, &mut fx).unwrap();
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
fn a_reset_pulse_of_rcc_resets_the_peripheral() {
    let mut bench = Bench::new();
    bench.write(APB1LENR, 1 << 6);
    bench.write(TIM12_PSC, 279);
    bench.write(APB1LRSTR, 1 << 6);
    bench.write(APB1LRSTR, 0);
    assert_eq!(bench.read(TIM12_PSC), Ok(0));
}

#[test]
fn a_reset_pulse_of_octospi_is_handed_on_once() {
    let mut bench = Bench::new();
    bench.write(RCC + 0x7C, 1 << 14);
    bench.write(RCC + 0x7C, 0);
    assert!(bench.chip.take_memory_reset(MemoryPart::Octospi1));
    assert!(!bench.chip.take_memory_reset(MemoryPart::Octospi1));
    assert!(!bench.chip.take_memory_reset(MemoryPart::Octospim));
}

#[test]
fn peripherals_without_a_model_are_refused_by_name() {
    let mut bench = Bench::new();
    assert_eq!(bench.read(0x4001_3008), Err(Refused::Unmodelled("SPI1")));
    assert_eq!(name_of(0x4001_3008).as_deref(), Some("SPI1+0x08"));
    assert!(!Peripherals::owns(0x4001_3008) && Peripherals::owns(RCC) && !Peripherals::owns(0x6000_0000));
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
    bench.chip.console().send(b"x", bench.now);
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
    assert!(!bench.chip.console().has_sent());
}

#[test]
fn a_port_that_nobody_listens_to_is_reported_once() {
    let mut bench = Bench::new();
    bench.write(RCC + 0x150, 1 << 4);
    bench.write(0x4001_100C, 64_000_000 / 115_200);
    bench.write(0x4001_1000, 0b1101);
    for _ in 0..2 {
        bench.write(0x4001_1028, u32::from(b'x'));
        bench.now = bench.chip.next_event().unwrap();
        let mut fx = Bench::fx(&bench.chip, &mut bench.reports, bench.now);
        bench.chip.advance(&mut fx);
    }
    let complaints = bench.complaints();
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(
        complaints[0].contains("USART1 sends, but the board's console is USART2"),
        "{complaints:?}"
    );
}

#[test]
fn every_line_of_the_map_is_raised_by_its_device() {
    for place in map::PLACES.iter().filter(|p| !matches!(p.slot, Slot::Memory(_))) {
        let Some(irq) = place.irq else { continue };
        assert!(
            [43, 80, 37, 38, 39, 82, 122].contains(&irq),
            "{} raises line {irq}, which nobody reads",
            place.name
        );
    }
}
