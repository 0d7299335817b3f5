//! Bar codes that another library (zxing-cpp 3.1) drew, as modules: read upright, turned, blurred, with noise.

use vision::codes::barcode::{Barcode, Symbology, barcodes_scratch, find_barcodes};
use vision::{Format, Found, Region, Scratch, View};

#[rustfmt::skip]
const CODES: &[(Symbology, &str, &str)] = &[
    (Symbology::Ean13, "4006381333931", "10100011010100111010111101111010001001011001101010100001010000101000010111010010000101100110101"),
    (Symbology::Isbn13, "9780306406157", "10101110110001001010011101111010100111010111101010101110011100101010000110011010011101000100101"),
    (Symbology::Ean8, "96385074", "1010001011010111101111010110111010101001110111001010001001011100101"),
    (Symbology::UpcA, "036000291452", "10100011010111101010111100011010001101000110101010110110011101001100110101110010011101101100101"),
    (Symbology::UpcE, "01234565", "101011001100100110111101001110101110010101111010101"),
    (Symbology::Code128, "Spiram-PSRAM 8 MB\x07", "1101001000011011101000101001111001000011010010010011110100101100001111011101010011011100111011101101101110100011000101110101000110001011101100011011001100111010011001101100110010111011000100010110001111010001010011010000100101111001100011101011"),
    (Symbology::Code128, "0123456789abc", "11010011100110011011001110110111010111011000100001011001101101111010111101110100101100001001000011010000101100101111000101100011101011"),
    (Symbology::Code39, "CODE-39 $/+%.", "10010110110101101101001010110101101001010101100101101101011001010100101011011011011001010101011001011010100110101101010010010010101001001010010100101001001010100100100101100101011010100101101101"),
    (Symbology::Code93, "Code 93: ok?", "1010111101101000101001100101001011001001100101100101001001100101100100101110100101000010101010000101110101101001110101110100101001100101001011001001100101000110101110110101001101001001001001100100101010111101"),
    (Symbology::Codabar, "A31117013206375B", "101100100101100101010101011001010101100101010110010100101101010101001101010110010110010101010100101101010100110100101011011001010101001011010110101001010010010110"),
    (Symbology::Interleaved, "12345678901231", "101011101000101011100011101110100010100011101000111000101010001010111000111010111010001110001011101000101011100011100011101010100011101"),
    (Symbology::DataBar, "0101234567890128", "010100010001000001011100000000010111011100111010100110111011100101111111000111000110100110011101"),
];

/// An upright code with light around, `scale` pixels a module; its size.
fn drawn(modules: &str, scale: usize, height: usize) -> (Vec<u8>, usize, usize) {
    let (quiet, rim) = (12 * scale, 3);
    let width = modules.len() * scale + 2 * quiet;
    let mut data = vec![230; width * (height + 2 * rim)];
    for y in rim..rim + height {
        for (at, module) in modules.bytes().enumerate().filter(|(_, module)| *module == b'1') {
            let _ = module;
            data[y * width + quiet + at * scale..][..scale].fill(25);
        }
    }
    (data, width, height + 2 * rim)
}

fn read(data: &[u8], width: usize, height: usize) -> Vec<(Barcode, String)> {
    let view = View::new(data, width, height, Format::Grey).unwrap();
    let mut memory = vec![0; barcodes_scratch(width, height)];
    let (mut room, mut text) = (vec![Barcode::default(); 50], vec![0; 5000]);
    let (mut found, mut bytes) = (Found::new(&mut room, "codes"), Found::new(&mut text, "bytes"));
    find_barcodes(&view, None, Scratch::new(&mut memory), &mut bytes, &mut found).unwrap();
    let payload =
        |code: &Barcode| String::from_utf8_lossy(&bytes[code.payload.0..][..code.payload.1]).into_owned();
    found.iter().map(|code| (*code, payload(code))).collect()
}

/// Turned clockwise by quarters.
fn turned(data: &[u8], width: usize, height: usize) -> Vec<u8> {
    (0..width)
        .flat_map(|x| (0..height).rev().map(move |y| data[y * width + x]))
        .collect()
}

fn blurred(data: &[u8], width: usize, times: usize) -> Vec<u8> {
    let mut data = data.to_vec();
    for _ in 0..times {
        let old = data.clone();
        for (at, pixel) in data.iter_mut().enumerate() {
            let x = at % width;
            let left = old[at - usize::from(x > 0)];
            let right = old[at + usize::from(x + 1 < width)];
            *pixel = ((u32::from(left) + 2 * u32::from(old[at]) + u32::from(right)) / 4) as u8;
        }
    }
    data
}

fn noisy(data: &[u8], most: u32, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % (2 * most + 1)
    };
    data.iter()
        .map(|level| (u32::from(*level) + next()).saturating_sub(most).min(255) as u8)
        .collect()
}

#[test]
fn codes_are_read_in_all_four_directions_with_blur_and_noise() {
    for (symbology, text, modules) in CODES {
        for (scale, blur, noise) in [
            (1, 0, 0),
            (2, 0, 0),
            (2, 1, 10),
            (3, 3, 12),
            (5, 0, 0),
            (5, 0, 22),
        ] {
            let (data, width, height) = drawn(modules, scale, 20);
            let mut data = noisy(&blurred(&data, width, blur), noise, 7);
            let (mut width, mut height) = (width, height);
            for turns in 0..4 {
                let found = read(&data, width, height);
                let told =
                    format!("{symbology:?} x{scale} blur {blur} noise {noise} turned {turns}: {found:?}");
                assert_eq!(found.len(), 1, "{told}");
                assert_eq!(
                    (found[0].0.symbology, &found[0].1[..]),
                    (*symbology, *text),
                    "{told}"
                );
                assert_eq!(found[0].0.turns, turns, "{told}");
                assert!(found[0].0.quality >= 5, "{told}");
                let region = found[0].0.region();
                let (along, quiet) = ((modules.len() * scale) as i32, 12 * scale as i32);
                let (low, long) = if turns % 2 == 0 {
                    (region.x, region.w)
                } else {
                    (region.y, region.h)
                };
                // A code may begin or end with a light module.
                let near = scale as i32 + 1;
                assert!(
                    (low - quiet).abs() <= near && (long - along).abs() <= near,
                    "{told}"
                );
                data = turned(&data, width, height);
                (width, height) = (height, width);
            }
        }
    }
}

#[test]
fn digits_beside_a_code_are_a_code_of_their_own() {
    // zxing-cpp writes none; ISO/IEC 15420 gives 978...12 with these modules for "51234" and "12".
    let main = CODES[0].2;
    let five = format!(
        "1011{}01{}01{}01{}01{}",
        "0110001", "0011001", "0011011", "0111101", "0011101"
    );
    let two = format!("1011{}01{}", "0011001", "0010011");
    for (addition, symbology, text) in [(five, Symbology::Ean5, "51234"), (two, Symbology::Ean2, "12")] {
        let (data, width, height) = drawn(&format!("{main}000000000{addition}"), 2, 12);
        let found = read(&data, width, height);
        let told = format!("{found:?}");
        assert_eq!(found.len(), 2, "{told}");
        assert_eq!(
            (found[1].0.symbology, &found[1].1[..]),
            (symbology, text),
            "{told}"
        );
    }
}

#[test]
fn one_wrong_module_is_no_code() {
    for (symbology, _, modules) in CODES {
        if matches!(
            symbology,
            Symbology::Codabar | Symbology::Code39 | Symbology::Interleaved
        ) {
            continue;
        }
        for at in 5..modules.len() - 5 {
            let mut changed = modules.as_bytes().to_vec();
            changed[at] ^= 1;
            let (data, width, height) = drawn(core::str::from_utf8(&changed).unwrap(), 2, 3);
            let found = read(&data, width, height);
            let wrong: Vec<_> = found
                .iter()
                .filter(|code| code.0.symbology == *symbology)
                .collect();
            // A change that leaves all patterns readable as they were is no error.
            assert!(
                wrong
                    .iter()
                    .all(|code| CODES.iter().any(|known| known.1 == code.1)),
                "{at}: {found:?}"
            );
        }
    }
}

#[test]
fn noise_holds_no_codes_and_small_images_are_nothing_special() {
    for seed in 0..20 {
        let data = noisy(&vec![128; 160 * 120], 120, seed);
        assert!(read(&data, 160, 120).is_empty(), "{seed}");
    }
    for (width, height) in [(1, 1), (1, 50), (50, 1), (3, 3)] {
        assert!(read(&vec![7; width * height], width, height).is_empty());
    }
    // A region half outside, on the upper half of a code.
    let (data, width, height) = drawn(CODES[0].2, 2, 40);
    let view = View::new(&data, width, height, Format::Grey).unwrap();
    let mut memory = vec![0; barcodes_scratch(width, height)];
    let (mut room, mut text) = ([Barcode::default(); 4], [0; 99]);
    let (mut found, mut bytes) = (Found::new(&mut room, "codes"), Found::new(&mut text, "bytes"));
    let roi = Some(Region::new(-50, -30, width as i32 + 99, 50));
    find_barcodes(&view, roi, Scratch::new(&mut memory), &mut bytes, &mut found).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].to.y < 20 && &bytes[..] == b"4006381333931");
}
