//! Ends on a chip without a core: registers are written by hand, from RM0455 again.

use super::*;
use crate::ends::frames::{Frame, Still};
use crate::ends::line::Loopback;
use crate::ends::pins::Schedule;
use boardfile::Pin;
use chipmodel::bus::pad::Drive;
use chipmodel::parts::fitted::Fitted;
use chipmodel::{Report, Width};

const RCC: u32 = 0x5802_4400;
const UART7: u32 = 0x4000_7800;

struct Rig {
    chip: Chip,
    ends: Ends,
    reports: Vec<Report>,
    now: Time,
}

impl Rig {
    fn new() -> Self {
        let board = Board::named("devebox").unwrap();
        Rig {
            chip: Chip::new(&board, Fitted::Nothing, 1).unwrap(),
            ends: Ends::new(&board),
            reports: Vec::new(),
            now: Time(0),
        }
    }

    fn write(&mut self, address: u32, value: u32) {
        let mut fx = Effects::new(self.now, self.chip.clocks(), &mut self.reports);
        self.chip.write(address, Width::Word, value, &mut fx).unwrap();
    }

    fn read(&mut self, address: u32) -> u32 {
        let mut fx = Effects::new(self.now, self.chip.clocks(), &mut self.reports);
        self.chip.read(address, Width::Word, &mut fx).unwrap()
    }

    /// Time passes to the next event, as the machine lets it.
    fn pass(&mut self) {
        let next = [self.chip.next_event(), self.ends.next_event()];
        self.now = next.into_iter().flatten().min().expect("something is under way");
        let mut fx = Effects::new(self.now, self.chip.clocks(), &mut self.reports);
        self.chip.advance(&mut fx);
        self.ends.act(&mut self.chip, &mut fx);
        self.ends.exchange(&mut self.chip, &mut fx);
    }

    /// UART7 on, at its line's speed, and a byte on its way.
    fn say(&mut self, byte: u8) {
        self.write(RCC + 0x148, 1 << 30);
        self.write(UART7 + 0x0C, 64_000_000 / 115_200);
        self.write(UART7, 0b1101);
        self.write(UART7 + 0x28, byte.into());
    }
}

#[test]
fn a_loopback_plug_sends_back_what_a_port_says() {
    let mut rig = Rig::new();
    rig.ends
        .attach("UART7", Some(End::Serial(Box::<Loopback>::default())))
        .unwrap();
    rig.ends.plug(&mut rig.chip);
    rig.say(b'x');
    rig.pass();
    assert_eq!(rig.read(UART7 + 0x1C) & 1 << 5, 0, "the way back takes its time");
    rig.pass();
    assert_eq!(rig.read(UART7 + 0x24), u32::from(b'x'));
    assert!(rig.reports.is_empty(), "{:?}", rig.reports);
}

#[test]
fn a_port_without_an_end_is_reported_once() {
    let mut rig = Rig::new();
    rig.say(b'x');
    // A step an edge: the port drives its pin.
    while rig.chip.next_event().is_some() {
        rig.pass();
    }
    rig.write(UART7 + 0x28, u32::from(b'y'));
    while rig.chip.next_event().is_some() {
        rig.pass();
    }
    assert_eq!(rig.reports.len(), 1, "{:?}", rig.reports);
    let message = &rig.reports[0].message;
    assert!(
        message.contains("UART7 sends, but the board's console is USART2"),
        "{message}"
    );
}

#[test]
fn a_schedule_drives_contacts_when_their_time_has_come() {
    let mut rig = Rig::new();
    let key: Pin = "PE3".parse().unwrap();
    rig.write(RCC + 0x140, 1 << 4);
    rig.write(0x5802_100C, 1 << 6);
    rig.write(0x5802_1000, !(3 << 6));
    assert!(rig.chip.level(key), "pulled up");
    let steps = vec![
        (Time(2_000_000), key, None),
        (Time(1_000_000), key, Some(Drive::source(0))),
    ];
    rig.ends
        .attach("headers", Some(End::Pins(Box::new(Schedule::new(steps)))))
        .unwrap();
    rig.pass();
    assert_eq!((rig.now, rig.chip.level(key)), (Time(1_000_000), false));
    rig.pass();
    assert_eq!((rig.now, rig.chip.level(key)), (Time(2_000_000), true));
}

#[test]
fn a_camera_sees_the_scene_before_it() {
    let mut rig = Rig::new();
    let frame = Frame {
        width: 2,
        height: 1,
        rgb: vec![255, 0, 0, 0, 0, 255].into(),
    };
    rig.ends
        .attach("camera", Some(End::Frames(Box::new(Still(frame.clone())))))
        .unwrap();
    assert_eq!(rig.ends.frames("camera").unwrap().frame(Time(5)), frame);
}

#[test]
fn ends_go_only_where_they_fit() {
    let mut ends = Rig::new().ends;
    let plug = || Some(End::Serial(Box::<Loopback>::default()));
    let unknown = ends.attach("UART77", plug()).unwrap_err().to_string();
    assert!(
        unknown.contains("`UART77`") && unknown.contains("console, USART1"),
        "{unknown}"
    );
    let wrong = ends.attach("camera", plug()).unwrap_err().to_string();
    assert!(wrong.contains("`camera` takes another kind"), "{wrong}");
    assert_eq!(ends.attach("UART7", None), Ok(()), "nothing fits everywhere");
}
