//! The sensors' registers with the data sheets' numbers typed in again, and what frames show.

use super::colour::{rgb565, yuv};
use super::*;
use crate::bus::video::{Scene, Timing, Video};

/// A scene in which every pixel is another colour.
fn scene(width: u16, height: u16) -> Scene {
    let pixels = (0..u32::from(width) * u32::from(height))
        .flat_map(|n| [(n * 7) as u8, (n >> 3) as u8, ((n * 13) >> 5) as u8]);
    Scene {
        width,
        height,
        rgb: pixels.collect(),
    }
}

/// A module with its clock at 24 MHz, its registers written past the bus.
fn module<S: Sensor>(writes: &[(u16, u8)]) -> Module<S> {
    let mut module = Module::<S>::new();
    module.set_clock(24_000_000, Time(0));
    for (register, value) in writes {
        module
            .bus
            .target
            .sensor
            .write(*register, *value)
            .expect("a register");
    }
    module
}

fn frames_a_second(timing: &Timing) -> f64 {
    f64::from(timing.pixclk_hz) / timing.frame_clocks as f64
}

const OV2640_QVGA: &[(u16, u8)] = &[
    (0xFF, 1),
    (0x12, 0x40),
    (0x11, 0x00),
    (0xFF, 0),
    (0x05, 0),
    (0xE0, 0),
    (0xD3, 0x02),
    (0xDA, 0x08),
    (0x51, 200),
    (0x52, 150),
    (0x53, 0),
    (0x54, 0),
    (0x55, 0),
    (0x57, 0),
    (0x5A, 80),
    (0x5B, 60),
    (0x5C, 0),
];

#[test]
fn ov2640_sends_svga_thirty_times_a_second_and_scales_it() {
    let module = module::<ov2640::Ov2640>(OV2640_QVGA);
    let timing = module.next_picture(Time(0)).expect("it sends");
    assert!((frames_a_second(&timing) - 30.0).abs() < 0.1, "{timing:?}");
    assert_eq!((timing.line_bytes, timing.lines), (640, 240));
    let scene = scene(320, 240);
    let bytes = module.expose(&scene);
    for (n, pair) in bytes.chunks(2).enumerate() {
        let (x, y) = (n as u32 % 320, n as u32 / 320);
        assert_eq!(
            u16::from_be_bytes([pair[0], pair[1]]),
            rgb565(scene.at(x, y)),
            "{x}, {y}"
        );
    }
}

#[test]
fn ov2640_in_reset_asleep_or_without_clock_says_nothing() {
    let mut module = module::<ov2640::Ov2640>(OV2640_QVGA);
    module.set_clock(0, Time(0));
    assert!(module.next_picture(Time(0)).is_none());
    assert!(!module.bus.target.is_called(0x30, false, Time(0)));
    module.set_clock(24_000_000, Time(0));
    assert!(module.bus.target.is_called(0x30, false, Time(0)));
    let mut reports = Vec::new();
    let mut fx = Effects::new(Time(0), crate::Clocks::default(), &mut reports);
    module.edge(PWDN, true, &mut fx);
    assert!(module.next_picture(Time(0)).is_none());
    module.edge(PWDN, false, &mut fx);
    assert!(module.next_picture(Time(0)).is_some());
    // Reset takes the registers back.
    module.edge(RESET, false, &mut fx);
    module.edge(RESET, true, &mut fx);
    assert!(module.next_picture(Time(0)).is_none());
}

#[test]
fn ids_are_those_of_the_data_sheets() {
    let mut ov2640 = ov2640::Ov2640::new();
    ov2640.write(0xFF, 1).unwrap();
    assert_eq!(
        [0x0A, 0x0B, 0x1C, 0x1D].map(|register| ov2640.read(register)),
        [0x26, 0x42, 0x7F, 0xA2]
    );
    let ov7725 = ov7725::Ov7725::new();
    assert_eq!([0x0A, 0x0B].map(|register| ov7725.read(register)), [0x77, 0x21]);
    let ov7670 = ov7670::Ov7670::new();
    assert_eq!([0x0A, 0x0B].map(|register| ov7670.read(register)), [0x76, 0x73]);
    let ov5640 = ov5640::Ov5640::new();
    assert_eq!(
        [0x300A, 0x300B].map(|register| ov5640.read(register)),
        [0x56, 0x40]
    );
}

#[test]
fn ov7725_sends_vga_thirty_times_a_second() {
    // PLL by 4, divided by 4: 24 MHz.
    let module = module::<ov7725::Ov7725>(&[
        (0x0D, 0x41),
        (0x11, 0x01),
        (0x12, 0x06),
        (0x65, 0x2F),
        (0x29, 0x50),
        (0x2C, 0x78),
    ]);
    let timing = module.next_picture(Time(0)).expect("it sends");
    assert!((frames_a_second(&timing) - 30.0).abs() < 0.1, "{timing:?}");
    let scene = scene(320, 240);
    let bytes = module.expose(&scene);
    assert_eq!(bytes.len(), 320 * 240 * 2);
    let value =
        |x: usize, y: usize| u16::from_be_bytes([bytes[2 * (320 * y + x)], bytes[2 * (320 * y + x) + 1]]);
    assert_eq!(value(17, 200), rgb565(scene.at(17, 200)));
}

#[test]
fn mirror_flip_and_bars_are_seen() {
    let scene = scene(640, 480);
    let base = [(0x0D, 0x41), (0x11, 0x01), (0x12, 0x06)];
    let at = |com3: u8, x: usize, y: usize| {
        let mut writes = base.to_vec();
        writes.push((0x0C, com3));
        let bytes = module::<ov7725::Ov7725>(&writes).expose(&scene);
        u16::from_be_bytes([bytes[2 * (640 * y + x)], bytes[2 * (640 * y + x) + 1]])
    };
    assert_eq!(at(0x00, 3, 5), rgb565(scene.at(3, 5)));
    assert_eq!(at(0x40, 3, 5), rgb565(scene.at(636, 5)));
    assert_eq!(at(0x80, 3, 5), rgb565(scene.at(3, 474)));
    assert_eq!(at(0x01, 0, 0), 0xFFFF);
    assert_eq!(at(0x01, 639, 0), 0);
}

#[test]
fn grey_is_the_first_byte_of_each_pair() {
    let scene = scene(640, 480);
    let module = module::<ov7670::Ov7670>(&[
        (0x12, 0x00),
        (0x3A, 0x04),
        (0x17, 0x13),
        (0x18, 0x01),
        (0x32, 0xB6),
        (0x19, 0x02),
        (0x1A, 0x7A),
        (0x03, 0x0A),
    ]);
    let timing = module.next_picture(Time(0)).expect("it sends");
    assert_eq!((timing.line_bytes, timing.lines), (1280, 480));
    let bytes = module.expose(&scene);
    assert_eq!(bytes[2 * (640 * 9 + 31)], yuv(scene.at(31, 9)).0);
}

#[test]
fn brightness_follows_gain_and_exposure_when_both_are_set_by_hand() {
    let grey = Scene {
        width: 1,
        height: 1,
        rgb: vec![64; 3].into(),
    };
    let value = |exposure: u8, gain: u8| {
        let module = module::<ov7725::Ov7725>(&[
            (0x12, 0x00),
            (0x0C, 0),
            (0x13, 0x80),
            (0x08, exposure),
            (0x10, 0),
            (0x00, gain),
        ]);
        module.expose(&grey)[0]
    };
    assert_eq!(
        (value(1, 0), value(2, 0), value(1, 0x10), value(0, 0)),
        (64, 128, 128, 0)
    );
}

#[test]
fn a_compressed_picture_has_its_markers() {
    let mut writes = OV2640_QVGA.to_vec();
    writes.push((0xDA, 0x10));
    let module = module::<ov2640::Ov2640>(&writes);
    let bytes = module.expose(&scene(320, 240));
    assert_eq!(
        (&bytes[..2], &bytes[bytes.len() - 2..]),
        (&[0xFF, 0xD8][..], &[0xFF, 0xD9][..])
    );
    assert!(bytes.len() < 320 * 240, "{}", bytes.len());
}

#[test]
fn pictures_come_at_their_period_and_not_in_the_past() {
    let module = module::<ov2640::Ov2640>(OV2640_QVGA);
    let first = module.next_picture(Time(0)).unwrap();
    let second = module.next_picture(first.start + crate::Picos(1)).unwrap();
    assert_eq!(second.start, first.end());
}
