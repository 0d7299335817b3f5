//! Nets of a small board.

use super::*;
use chipmodel::bus::pad::Mode;

const OFF: Pad = Pad {
    mode: Mode::Input,
    output: None,
    pull: None,
    open_drain: false,
};

fn nets() -> Nets {
    Nets::new(&Board::named("devebox").unwrap())
}

fn pin(name: &str) -> Pin {
    name.parse().unwrap()
}

fn millivolts(nets: &mut Nets, at: &str, pad: Pad) -> Option<u32> {
    nets.voltage(pin(at), |_| (pad, None)).millivolts
}

fn pulled(up: bool) -> Pad {
    Pad {
        pull: Some(Drive::pull(up)),
        ..OFF
    }
}

fn driven(high: bool) -> Pad {
    Pad {
        output: Some(Drive::output(high)),
        ..OFF
    }
}

#[test]
fn a_net_without_a_party_floats_and_one_with_a_pull_follows_it() {
    let mut nets = nets();
    assert_eq!(millivolts(&mut nets, "PE3", OFF), None);
    assert_eq!(millivolts(&mut nets, "PE3", pulled(true)), Some(3300));
    assert_eq!(millivolts(&mut nets, "PE3", pulled(false)), Some(0));
}

#[test]
fn a_key_wins_over_the_pull_and_lets_go_again() {
    let mut nets = nets();
    assert!(nets.drive("K1", "KEY", Some(Drive::source(0))));
    assert_eq!(millivolts(&mut nets, "PE3", pulled(true)), Some(0));
    assert!(nets.drive("K1", "KEY", None));
    assert_eq!(millivolts(&mut nets, "PE3", pulled(true)), Some(3300));
    assert!(!nets.drive("K9", "KEY", None), "no such key");
}

#[test]
fn resistances_divide() {
    let mut nets = nets();
    // 10 kOhm to 2 V against the pull-up of 40 kOhm: four fifths of the way to 2 V.
    nets.probe(
        pin("PA5"),
        Some(Drive {
            millivolts: 2000,
            ohms: 10_000,
        }),
    );
    assert_eq!(millivolts(&mut nets, "PA5", pulled(true)), Some(2260));
    assert_eq!(millivolts(&mut nets, "PA5", OFF), Some(2000));
}

#[test]
fn two_that_drive_against_each_other_are_told_once_until_they_stop() {
    let mut nets = nets();
    let fight = |nets: &mut Nets, pad| nets.voltage(pin("PE3"), |_| (pad, None)).contention;
    nets.drive("K1", "KEY", Some(Drive::source(0)));
    let told = fight(&mut nets, driven(true)).unwrap();
    assert!(
        told.contains("PE3: the chip drives 3300 mV, K1.KEY drives 0 mV"),
        "{told}"
    );
    assert_eq!(fight(&mut nets, driven(true)), None, "it is known");
    assert_eq!(fight(&mut nets, driven(false)), None, "they agree");
    assert!(fight(&mut nets, driven(true)).is_some(), "again");
}

#[test]
fn an_open_joint_takes_its_part_off_the_net() {
    let mut nets = nets();
    nets.drive("K1", "KEY", Some(Drive::source(0)));
    assert!(nets.conducts("K1", "KEY"));
    assert!(nets.break_joint("K1", "KEY", Some(Fault::Open)));
    assert!(!nets.conducts("K1", "KEY"));
    assert_eq!(millivolts(&mut nets, "PE3", pulled(true)), Some(3300));
    assert!(nets.break_joint("K1", "KEY", None), "mended");
    assert_eq!(millivolts(&mut nets, "PE3", pulled(true)), Some(0));
}

#[test]
fn an_open_joint_of_the_chip_leaves_it_alone_with_its_own_pull() {
    let mut nets = nets();
    nets.drive("K1", "KEY", Some(Drive::source(0)));
    assert!(nets.break_joint("chip", "PE3", Some(Fault::Open)));
    assert_eq!(millivolts(&mut nets, "PE3", pulled(true)), Some(3300));
    assert!(!nets.conducts("K1", "KEY"));
}

#[test]
fn a_resistive_joint_weakens_its_part_and_a_short_takes_the_net() {
    let mut nets = nets();
    nets.drive("K1", "KEY", Some(Drive::source(0)));
    nets.break_joint("K1", "KEY", Some(Fault::Resistance { ohms: 39_999 }));
    assert_eq!(millivolts(&mut nets, "PE3", pulled(true)), Some(1650));
    nets.break_joint("K1", "KEY", Some(Fault::Short { millivolts: 3300 }));
    nets.drive("K1", "KEY", None);
    assert_eq!(millivolts(&mut nets, "PE3", pulled(false)), Some(3300));
    assert!(!nets.conducts("K1", "KEY"));
}

#[test]
fn bridged_nets_are_one() {
    let mut nets = nets();
    nets.bridge(pin("PE3"), pin("PC5"));
    nets.drive("K2", "KEY", Some(Drive::source(0)));
    assert_eq!(millivolts(&mut nets, "PE3", pulled(true)), Some(0));
    assert_eq!(nets.joined(pin("PC5")), [pin("PC5"), pin("PE3")]);
}

#[test]
fn an_input_keeps_its_level_between_the_thresholds() {
    for (mv, before, after) in [
        (Some(990), true, false),
        (Some(991), true, true),
        (Some(1650), false, false),
        (Some(2309), false, false),
        (Some(2310), false, true),
        (None, true, false),
    ] {
        assert_eq!(level(mv, before), after, "{mv:?} mV");
    }
}
