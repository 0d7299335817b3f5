//! What the firmware notices of a board that is not as it should be, before and beside the memory chip.

use crate::session::Session;
use chipmodel::{Effects, Kernel, Width};
use vboard::board::Board;

const RCC: u32 = 0x5802_4400;

#[test]
fn a_dead_crystal_is_told_and_the_chip_s_own_oscillator_stands_in() {
    let copper = Board {
        hse_hz: 0,
        ..Board::named("devebox").expect("a known board")
    };
    let mut session = Session::on(copper, "devebox", "none");
    let said = session.until_prompt();
    assert!(said.contains("spiram no crystal: PH0, PH1"), "{said}");
    assert_eq!(session.ask("import machine; machine.freq()"), "280000000");
    assert_eq!(
        session.ask("machine.freq(225_000_000); machine.freq()"),
        "225000000"
    );
    // A dead noise source as well.
    session.machine.chip().devices.rng.break_source();
    let said = session.ask("import os; os.urandom(4)");
    assert!(
        said.contains("RuntimeError: the random number generator is not running"),
        "{said}"
    );
}

#[test]
fn a_pll_that_a_boot_loader_has_left_running_is_taken_over() {
    let mut session = Session::new("devebox", "none");
    let machine = &mut session.machine;
    let now = machine.now();
    let chip = machine.chip();
    // PLL1 from the chip's own oscillator by its dividers after reset, 129 MHz, for the core.
    for (register, value) in [(0x00, 0x25 | 1 << 24), (0x10, 3)] {
        let mut reports = Vec::new();
        let mut fx = Effects::new(now, chip.clocks(), &mut reports);
        chip.write(RCC + register, Width::Word, value, &mut fx)
            .expect("RCC");
    }
    assert_eq!(chip.clocks().hz(Kernel::Cpu), 129_000_000);
    let said = session.until_prompt();
    assert!(!said.contains("no crystal"), "{said}");
    assert_eq!(session.machine.chip().clocks().hz(Kernel::Cpu), 280_000_000);
    assert_eq!(
        session.ask("import spiram; spiram.info()['brown_out_mv']"),
        "1670"
    );
}
