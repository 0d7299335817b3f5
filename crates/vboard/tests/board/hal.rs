//! Drivers that we did not write, embassy's, on the virtual board: one program with a case for each (`programs/hal`).

use chipmodel::bus::pad::Drive;
use vboard::board::Board;
use vboard::{Stop, Strictness, Time, Until};

const SECOND: Time = Time(1_000_000_000_000);
/// What the cases expect around the chip.
const ATTACHED: &[&str] = &[
    "wire:PD0,PD1",
    "wire:PC6,PE9",
    "wire:PD8,PD9",
    "wire:PB15,PB14",
    "wire:PB5,PB4",
    "24c256@I2C1",
];
const HELD: &[(&str, u32)] = &[("PB0", 1000), ("PB1", 2500)];

#[test]
fn every_case_of_embassy_s_drivers_passes() {
    let elf = crate::elf("halcases");
    // Bare copper: nothing else is on these pins.
    let board = Board {
        flash: None,
        ..Board::named("devebox").expect("a known board")
    };
    let mut machine = crate::common::machine_on(board, &elf, Strictness::Strict).expect("a sound ELF");
    for asked in ATTACHED {
        machine.attach_part(&asked.parse().expect("a known part"));
    }
    for (pin, millivolts) in HELD {
        machine.probe(pin.parse().expect("a pin"), Some(Drive::source(*millivolts)));
    }
    machine.plug_camera(Some("ov7725")).expect("a camera connector");
    machine.attach_probe();
    let mut said = String::new();
    let stop = loop {
        let stop = machine.run(Until::time(Time(10 * SECOND.0)));
        said += &String::from_utf8_lossy(&machine.serial_out());
        // The watchdog.
        if stop != Stop::Reset {
            break stop;
        }
    };
    assert_eq!(stop, Stop::Exit(0), "it said:\n{said}\n{:#?}", machine.events());
    assert!(said.ends_with("watchdog: ok\n"), "{said}");
}
