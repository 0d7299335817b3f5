//! QR codes that another library makes, drawn turned and in perspective, and read again.

use proptest::prelude::*;
use qrcodegen::{QrCode as Made, QrCodeEcc, QrSegment, Version};
use vision::codes::qr::{DataType, QrCode, find_qrcodes, qrcodes_scratch};
use vision::geometry::Homography;
use vision::{Format, Found, Scratch, View};

/// Draws a code whose corners lie at these places, each pixel the mean of 2 x 2 samples.
fn place(data: &mut [u8], width: usize, made: &Made, corners: &[(f32, f32); 4]) {
    let size = made.size() as f32;
    let flat = [(0.0, 0.0), (size, 0.0), (size, size), (0.0, size)];
    let back = Homography::from_points(corners, &flat).unwrap();
    for (at, pixel) in data.iter_mut().enumerate() {
        let (x, y) = ((at % width) as f32, (at / width) as f32);
        let mut dark = 0.0;
        for sub in 0..4 {
            let (fx, fy) = (
                x + (sub % 4) as f32 / 4.0 + 0.125,
                y + (sub / 4) as f32 / 4.0 + 0.125,
            );
            let inside = back
                .apply(fx, fy)
                .is_some_and(|(u, v)| made.get_module(u.floor() as i32, v.floor() as i32));
            dark += f32::from(u8::from(inside));
        }
        *pixel = (f32::from(*pixel) - dark / 4.0 * 190.0) as u8;
    }
}

fn read(data: &[u8], width: usize) -> Vec<(QrCode, Vec<u8>)> {
    let image = View::new(data, width, data.len() / width, Format::Grey).unwrap();
    let mut memory = vec![0; qrcodes_scratch(width, data.len() / width)];
    let mut bytes = vec![0; 8192];
    let mut room = vec![QrCode::default(); 8];
    let mut bytes = Found::new(&mut bytes, "bytes of codes");
    let mut found = Found::new(&mut room, "codes");
    find_qrcodes(&image, None, Scratch::new(&mut memory), &mut bytes, &mut found).unwrap();
    let payload = |code: &QrCode| bytes[code.payload.0..code.payload.0 + code.payload.1].to_vec();
    found.iter().map(|code| (*code, payload(code))).collect()
}

fn square(cx: f32, cy: f32, half: f32, degrees: f32, bend: [f32; 4]) -> [(f32, f32); 4] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let mut corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
    for (corner, bend) in corners.iter_mut().zip(bend) {
        let (x, y) = *corner;
        *corner = (cx + x * cos - y * sin + bend, cy + x * sin + y * cos - bend / 2.0);
    }
    corners
}

#[test]
fn every_version_is_read() {
    for version in 1..=40 {
        let words: Vec<u8> = (0..version * 9).map(|at| (at * 37 % 251) as u8).collect();
        let segments = [QrSegment::make_bytes(&words[..words.len().min(version * 7)])];
        let level = [
            QrCodeEcc::Low,
            QrCodeEcc::Medium,
            QrCodeEcc::Quartile,
            QrCodeEcc::High,
        ][version % 4];
        let exactly = Version::new(version as u8);
        let made = Made::encode_segments_advanced(&segments, level, exactly, exactly, None, false).unwrap();
        let half = made.size() as f32 * 1.5;
        let side = (2.0 * half) as usize + 40;
        let mut data = vec![220; side * side];
        place(
            &mut data,
            side,
            &made,
            &square(side as f32 / 2.0, side as f32 / 2.0, half, 0.0, [0.0; 4]),
        );
        let found = read(&data, side);
        assert_eq!(found.len(), 1, "version {version}");
        let (code, payload) = &found[0];
        assert_eq!(payload, &words[..words.len().min(version * 7)]);
        let ecc = [1, 0, 3, 2][version % 4];
        assert_eq!(
            (code.version as usize, code.ecc_level, code.mask),
            (version, ecc, u32::from(made.mask().value()))
        );
        let [first, _, last, _] = code.corners;
        let near = |at: i32, want: f32| (at as f32 - want).abs() <= 1.5;
        let (low, high) = (side as f32 / 2.0 - half, side as f32 / 2.0 + half);
        assert!(
            near(first.x, low) && near(first.y, low) && near(last.x, high) && near(last.y, high),
            "{code:?}"
        );
    }
}

#[test]
fn kinds_of_characters() {
    for (text, kind) in [
        ("31415926535897932384626433832795", DataType::Numeric),
        ("HELLO WORLD $%*+-./:", DataType::Alphanumeric),
        ("hello, w\u{f6}rld", DataType::Binary),
        ("", DataType::Binary),
    ] {
        let made = Made::encode_text(text, QrCodeEcc::Medium).unwrap();
        let mut data = vec![200; 140 * 140];
        place(&mut data, 140, &made, &square(70.0, 70.0, 50.0, 0.0, [0.0; 4]));
        let found = read(&data, 140);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].1, text.as_bytes());
        if !text.is_empty() {
            assert_eq!(found[0].0.data_type, kind);
        }
    }
    let segments = [QrSegment::make_eci(26), QrSegment::make_bytes(b"eci")];
    let made = Made::encode_segments(&segments, QrCodeEcc::Low).unwrap();
    let mut data = vec![200; 140 * 140];
    place(&mut data, 140, &made, &square(70.0, 70.0, 50.0, 0.0, [0.0; 4]));
    assert_eq!(read(&data, 140)[0].0.eci, 26);
}

#[test]
fn two_codes_in_one_picture() {
    let mut data = vec![230; 320 * 160];
    for (text, x) in [("first", 80.0), ("second", 240.0)] {
        let made = Made::encode_text(text, QrCodeEcc::High).unwrap();
        place(&mut data, 320, &made, &square(x, 80.0, 55.0, 8.0, [0.0; 4]));
    }
    let mut found: Vec<Vec<u8>> = read(&data, 320).into_iter().map(|(_, payload)| payload).collect();
    found.sort();
    assert_eq!(found, [b"first".to_vec(), b"second".to_vec()]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn codes_anywhere(
        text in "[a-z0-9 ]{1,30}",
        degrees in -25.0..25.0f32,
        half in 55.0..75.0f32,
        bend in proptest::array::uniform4(-1.5..1.5f32),
        noise in any::<u32>(),
    ) {
        let made = Made::encode_text(&text, QrCodeEcc::Medium).unwrap();
        let mut data = vec![225; 240 * 240];
        place(&mut data, 240, &made, &square(120.0, 120.0, half, degrees, bend));
        let mut state = noise | 1;
        for pixel in &mut data {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *pixel = pixel.saturating_add((state % 9) as u8).saturating_sub(4);
        }
        let found = read(&data, 240);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(&found[0].1, text.as_bytes());
    }

    #[test]
    fn noise_is_borne(pixels in proptest::collection::vec(any::<u8>(), 60 * 50), width in 1..60usize) {
        read(&pixels[..pixels.len() / width * width], width);
    }
}
