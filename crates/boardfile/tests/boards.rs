//! The board files against what is known of the boards, typed in here a second time, and against each other.

use boardfile::{Board, Level, Net, Pull, nets};

/// Joints that are the same on both boards: part, its pin, the pin of the chip.
const COMMON: &[(&str, &str, &str)] = &[
    ("memory", "CE#", "PB6"),
    ("memory", "CLK", "PB2"),
    ("memory", "SIO0", "PD11"),
    ("memory", "SIO1", "PD12"),
    ("memory", "SIO2", "PE2"),
    ("memory", "SIO3", "PD13"),
    ("flash", "CLK", "PB3"),
    ("flash", "DO", "PB4"),
    ("flash", "DI", "PD7"),
    ("flash", "CS#", "PD6"),
    ("sd", "DAT0", "PC8"),
    ("sd", "DAT1", "PC9"),
    ("sd", "DAT2", "PC10"),
    ("sd", "DAT3", "PC11"),
    ("sd", "CLK", "PC12"),
    ("sd", "CMD", "PD2"),
    ("camera", "SCL", "PB10"),
    ("camera", "SDA", "PB11"),
    ("camera", "RESET", "PC4"),
    ("camera", "PWDN", "PA7"),
    ("camera", "HREF", "PA4"),
    ("camera", "VSYNC", "PB7"),
    ("camera", "PCLK", "PA6"),
    ("camera", "XCLK", "PA8"),
    ("camera", "Y0", "PC6"),
    ("camera", "Y1", "PC7"),
    ("camera", "Y2", "PE0"),
    ("camera", "Y3", "PE1"),
    ("camera", "Y4", "PE4"),
    ("camera", "Y5", "PD3"),
    ("camera", "Y6", "PE5"),
    ("camera", "Y7", "PE6"),
    ("usb", "D-", "PA11"),
    ("usb", "D+", "PA12"),
];

const DEVEBOX: &[(&str, &str, &str)] = &[
    ("LED", "LED", "PA1"),
    ("K1", "KEY", "PE3"),
    ("K2", "KEY", "PC5"),
    ("console", "RX", "PA2"),
    ("console", "TX", "PA3"),
    ("display", "SCL", "PB13"),
    ("display", "SDA", "PB15"),
    ("display", "SDO", "PB14"),
    ("display", "CS#", "PB12"),
    ("display", "DC", "PB1"),
    ("display", "BLK", "PB0"),
];

const WEACT: &[(&str, &str, &str)] = &[
    ("LED", "LED", "PE3"),
    ("K1", "KEY", "PC13"),
    ("console", "RX", "PA9"),
    ("console", "TX", "PA10"),
    ("sd", "DETECT", "PD4"),
    ("display", "SCL", "PE12"),
    ("display", "SDA", "PE14"),
    ("display", "CS#", "PE11"),
    ("display", "DC", "PE13"),
    ("display", "BLK", "PE10"),
    ("usb", "VBUS", "PA9"),
    ("usb", "ID", "PA10"),
];

#[test]
fn a_light_is_switched_on_by_the_level_that_the_file_says() {
    let level = |name| board(name).display.unwrap().backlight_active;
    assert_eq!(
        [level("devebox"), level("weact")],
        [boardfile::Level::High, boardfile::Level::Low]
    );
}

fn board(name: &str) -> Board {
    Board::named(name).unwrap()
}

/// All joints but those of the headers, sorted.
fn joints(board: &Board) -> Vec<(String, String, String)> {
    let of_net = |net: Net| {
        let pin = net.pin.to_string();
        let joints = net.joints.into_iter().filter(|joint| joint.part != "headers");
        joints
            .map(|joint| (joint.part, joint.pin.to_owned(), pin.clone()))
            .collect::<Vec<_>>()
    };
    let mut joints: Vec<_> = nets(board).into_iter().flat_map(of_net).collect();
    joints.sort();
    joints
}

#[test]
fn every_joint_is_where_the_boards_have_it_and_there_are_no_others() {
    for (name, own) in [("devebox", DEVEBOX), ("weact", WEACT)] {
        let mut expected: Vec<(String, String, String)> = COMMON
            .iter()
            .chain(own)
            .map(|&(part, pin, net)| (part.to_owned(), pin.to_owned(), net.to_owned()))
            .collect();
        expected.sort();
        assert_eq!(joints(&board(name)), expected, "{name}");
    }
}

#[test]
fn lamps_and_keys_are_active_as_the_boards_have_them() {
    let devebox = board("devebox");
    assert_eq!(devebox.leds[0].active, Level::Low);
    assert!(
        devebox
            .keys
            .iter()
            .all(|key| (key.pull, key.active) == (Pull::Up, Level::Low))
    );
    let weact = board("weact");
    assert_eq!(weact.leds[0].active, Level::High);
    assert_eq!(
        (weact.keys[0].pull, weact.keys[0].active),
        (Pull::Down, Level::High)
    );
}

#[test]
fn crystals_and_chip_are_the_same_on_both() {
    for name in ["devebox", "weact"] {
        let board = board(name);
        assert_eq!((board.hse_hz, board.lse_hz), (25_000_000, 32_768), "{name}");
        assert_eq!(board.mcu, "STM32H7A3VI", "{name}");
    }
}

#[test]
fn headers_bring_out_all_but_crystals_and_on_one_board_the_debug_pins() {
    for (name, missing) in [
        ("devebox", &["PC14", "PC15", "PH0", "PH1"] as &[&str]),
        ("weact", &["PA13", "PA14", "PC14", "PC15", "PH0", "PH1"]),
    ] {
        let headers = board(name).headers;
        let out: Vec<_> = headers.iter().flat_map(|header| &header.pins).collect();
        let hidden: Vec<String> = boardfile::package()
            .filter(|pin| !out.contains(&pin))
            .map(|pin| pin.to_string())
            .collect();
        assert_eq!(hidden, missing, "{name}");
        assert_eq!(out.len() + hidden.len(), 82, "{name}: no pin twice");
    }
}

#[test]
fn the_memory_shares_no_pin_with_another_part() {
    for name in ["devebox", "weact"] {
        for net in nets(&board(name)) {
            let parts: Vec<&str> = net.joints.iter().map(|joint| &*joint.part).collect();
            if parts.contains(&"memory") {
                assert!(
                    parts.iter().all(|part| ["memory", "headers"].contains(part)),
                    "{name} {parts:?}"
                );
            }
        }
    }
}
