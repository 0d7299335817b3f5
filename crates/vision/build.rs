//! Tables that are computed once: LAB of every colour, sine and cosine of every degree.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const FAMILIES: &str = "src/codes/apriltag/families.txt";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={FAMILIES}");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    let (corners, rests) = packed(&lab());
    fs::write(out.join("lab_corners.bin"), corners).expect("OUT_DIR can be written");
    fs::write(out.join("lab_rests.bin"), rests).expect("OUT_DIR can be written");
    fs::write(out.join("trig.rs"), trig()).expect("OUT_DIR can be written");
    fs::write(out.join("families.rs"), families()).expect("OUT_DIR can be written");
}

/// L, a, b as bytes for each RGB565 colour without its lowest bit, which is blue's.
fn lab() -> Vec<u8> {
    let mut table = Vec::with_capacity(32768 * 3);
    for index in 0..32768u32 {
        let pair = [index << 1, (index << 1) | 1].map(lab_of);
        for (low, high) in pair[0].iter().zip(pair[1]) {
            // Rust's division truncates toward zero, as the rule asks.
            table.push(((low + high) / 2) as i8 as u8);
        }
    }
    table
}

/// The table in half the room: every fourth green as it is (and the last one once more), and how far the three between two of
/// them are from a straight line, -2 to 1, in two bits for each channel. `src/colour/lab.rs` unpacks it.
fn packed(table: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let at = |red: usize, green: usize, blue: usize, channel: usize| {
        i32::from(table[((red * 64 + green) * 16 + blue) * 3 + channel] as i8)
    };
    let (mut corners, mut rests) = (Vec::new(), Vec::new());
    for red in 0..32 {
        for green in (0..=64).step_by(4) {
            for blue in 0..16 {
                corners.extend((0..3).map(|channel| at(red, green.min(63), blue, channel) as u8));
            }
        }
        for green in (0..64).step_by(4) {
            for blue in 0..16 {
                let mut bits = 0u32;
                for step in 1..4 {
                    for channel in 0..3 {
                        let (from, to) = (
                            at(red, green, blue, channel),
                            at(red, (green + 4).min(63), blue, channel),
                        );
                        let line = from + ((to - from) * step as i32 + 2).div_euclid(4);
                        let rest = at(red, green + step, blue, channel) - line;
                        assert!((-2..=1).contains(&rest), "a colour is too far from the line");
                        bits |= ((rest + 2) as u32) << ((step - 1) * 6 + channel * 2);
                    }
                }
                rests.extend(&bits.to_le_bytes()[..3]);
            }
        }
    }
    (corners, rests)
}

fn lab_of(colour: u32) -> [i32; 3] {
    // Rounded to 8 bits, not bit-replicated: the pixel paths use the other expansion.
    let red = ((colour >> 11) * 255 + 15) / 31;
    let green = ((colour >> 5 & 63) * 255 + 31) / 63;
    let blue = ((colour & 31) * 255 + 15) / 31;
    let linear = |level: u32| {
        let share = f64::from(level) / 255.0;
        100.0
            * if share > 0.04045 {
                ((share + 0.055) / 1.055).powf(2.4)
            } else {
                share / 12.92
            }
    };
    let [red, green, blue] = [red, green, blue].map(linear);
    let curve = |ratio: f64| {
        if ratio > 0.008856 {
            ratio.cbrt()
        } else {
            7.787037 * ratio + 16.0 / 116.0
        }
    };
    // D65.
    let x = curve((red * 0.4124 + green * 0.3576 + blue * 0.1805) / 95.047);
    let y = curve((red * 0.2126 + green * 0.7152 + blue * 0.0722) / 100.0);
    let z = curve((red * 0.0193 + green * 0.1192 + blue * 0.9505) / 108.883);
    let round = |value: f64| value.round_ties_even() as i32;
    [
        (round(116.0 * y) - 16).clamp(0, 100),
        round(500.0 * (x - y)).clamp(-128, 127),
        round(200.0 * (y - z)).clamp(-128, 127),
    ]
}

fn trig() -> String {
    let mut text = String::new();
    for (name, of) in [("COS", f64::cos as fn(f64) -> f64), ("SIN", f64::sin)] {
        let _ = write!(text, "pub(crate) static {name}: [f32; 360] = [");
        for degree in 0..360 {
            // The four exact zeros would come out as 1e-17.
            let value = of(f64::from(degree).to_radians());
            let value = if value.abs() < 1e-12 { 0.0 } else { value };
            let _ = write!(text, "{:?},", value as f32);
        }
        text.push_str("];\n");
    }
    text
}

/// The table of tags as Rust.
fn families() -> String {
    let table = fs::read_to_string(FAMILIES).expect("the table of families");
    let mut text = "/// The families, in the order of their bits in [`Families`].\npub static FAMILIES: &[Family] = &[\n".to_owned();
    let mut blocks = table.split("\nfamily ");
    blocks.next();
    for block in blocks {
        let mut lines = block.lines();
        let head: Vec<&str> = lines.next().expect("a head").split(' ').collect();
        let (mut bits, mut codes) = (String::new(), Vec::new());
        for line in lines {
            let mut words = line.split(' ');
            match words.next() {
                Some("bits") => words.for_each(|cell| bits += &format!("({cell}),")),
                Some("codes") => {
                    codes.extend(words.map(|code| u64::from_str_radix(code, 16).expect("a code")))
                }
                _ => panic!("{FAMILIES} has the line `{line}`"),
            }
        }
        // Whole bytes, the lowest first: five for a code of 36 bits.
        let width = bits.matches('(').count().div_ceil(8);
        let bytes: Vec<u8> = codes
            .iter()
            .flat_map(|code| code.to_le_bytes().into_iter().take(width))
            .collect();
        let _ = writeln!(
            text,
            "Family {{ name: {:?}, distance: {}, cells: {}, reversed: {}, bits: &[{bits}], codes: Codes {{ width: {width}, bytes: &{bytes:?} }} }},",
            head[0],
            head[1],
            head[2],
            head[3] == "1"
        );
    }
    text + "];\n"
}
