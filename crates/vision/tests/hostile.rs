//! Files that are torn, changed and spliced: every decoder refuses them or makes an image of them, in bounded time, and never panics.
//! Some thousands in each run; `SPIRAM_HOSTILE_FILES=1000000 cargo test --release -p vision --test hostile` for more.

use std::time::{Duration, Instant};
use vision::codec::{Buffer, bmp, imageio, jpeg, png, pnm};
use vision::{Format, Scratch, View, ViewMut};

/// Pixels of the largest image that is decoded: what a head promises beyond it would be refused for want of memory.
const MOST_PIXELS: usize = 1 << 14;

/// xorshift64 (G. Marsaglia, 2003).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below.max(1)
    }
}

fn written(work: impl FnOnce(&mut Buffer) -> Result<(), vision::Error>) -> Vec<u8> {
    let mut room = vec![0; 1 << 16];
    let mut buffer = Buffer::new(&mut room);
    work(&mut buffer).unwrap();
    buffer.written().to_vec()
}

/// Sound files of every kind.
fn seeds() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for format in [Format::Binary, Format::Grey, Format::Rgb565] {
        for (width, height) in [(1, 1), (9, 5), (33, 17), (48, 40)] {
            let data: Vec<u8> = (0..format.image_bytes(width, height))
                .map(|at| (at * at / 7 + at) as u8)
                .collect();
            let image = View::new(&data, width, height, format).unwrap();
            let mut memory = vec![0; png::encode_scratch(format, width, height)];
            files.push(written(|sink| {
                jpeg::encode(&image, 40, jpeg::Subsampling::Auto, sink)
            }));
            files.push(written(|sink| {
                jpeg::encode(&image, 90, jpeg::Subsampling::S420, sink)
            }));
            files.push(written(|sink| {
                png::encode(&image, Scratch::new(&mut memory), sink)
            }));
            files.push(written(|sink| bmp::encode(&image, sink)));
            files.push(written(|sink| pnm::encode(&image, sink)));
        }
    }
    // Others' writers: dynamic codes, other depths, a palette.
    for (kind, depth, samples) in [
        (::png::ColorType::Indexed, ::png::BitDepth::Four, 1),
        (::png::ColorType::Rgba, ::png::BitDepth::Sixteen, 4),
        (::png::ColorType::GrayscaleAlpha, ::png::BitDepth::Eight, 2),
    ] {
        let row = (24 * samples * depth as usize).div_ceil(8);
        let data: Vec<u8> = (0..row * 18).map(|at| (at * 3 + at / row * 5) as u8).collect();
        let mut file = Vec::new();
        let mut encoder = ::png::Encoder::new(&mut file, 24, 18);
        encoder.set_color(kind);
        encoder.set_depth(depth);
        encoder.set_filter(::png::Filter::Adaptive);
        if kind == ::png::ColorType::Indexed {
            encoder.set_palette(vec![77; 48]);
        }
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
        files.push(file);
    }
    files.push(b"P3 # three\n3 1 15\n15 0 0  0 15 0\n0 0 15".to_vec());
    files.push(b"P2 3 2 255 1 2 3 4 5 6".to_vec());
    files
}

/// A file with a few changes: bits, bytes, lengths, a part of another file, its end cut off.
fn changed(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut file = seeds[dice.throw(seeds.len())].clone();
    for _ in 0..1 + dice.throw(4) {
        let at = dice.throw(file.len());
        match dice.throw(6) {
            0 => file[at] ^= 1 << dice.throw(8),
            1 => file[at] = dice.throw(256) as u8,
            2 => file[at] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][dice.throw(6)],
            3 => {
                let other = &seeds[dice.throw(seeds.len())];
                let from = dice.throw(other.len());
                let part = &other[from..(from + 1 + dice.throw(40)).min(other.len())];
                let end = (at + part.len()).min(file.len());
                file.splice(at..end, part.iter().copied());
            }
            4 => {
                // Interlaced, or another type, or another depth: the head of a PNG.
                let at = (24 + dice.throw(5)).min(file.len() - 1);
                file[at] = dice.throw(17) as u8;
            }
            _ => file.truncate(at.max(1)),
        }
    }
    file
}

/// Decodes as every kind whose head is sound; how many images came out.
fn decode(file: &[u8], pixels: &mut [u8], memory: &mut [u8]) -> usize {
    let mut made = 0;
    let infos = [
        jpeg::info(file),
        png::info(file),
        bmp::info(file),
        pnm::info(file),
    ];
    for (kind, info) in infos.into_iter().enumerate() {
        let Ok(info) = info else { continue };
        if info.width * info.height > MOST_PIXELS {
            continue;
        }
        let mut image = ViewMut::new(pixels, info.width, info.height, info.format).unwrap();
        let result = match kind {
            0 => jpeg::decode(file, &mut image),
            1 => {
                let needed = png::decode_scratch(file).unwrap();
                png::decode(file, &mut image, Scratch::new(&mut memory[..needed]))
            }
            2 => bmp::decode(file, &mut image),
            _ => pnm::decode(file, &mut image),
        };
        made += usize::from(result.is_ok());
    }
    let _ = imageio::read_head(file);
    made
}

#[test]
fn hostile_files_harm_nobody() {
    let wanted = std::env::var("SPIRAM_HOSTILE_FILES").ok();
    let count: usize = wanted.map_or(5000, |words| words.parse().expect("a number of files"));
    let (mut pixels, mut memory) = (vec![0; 4 * MOST_PIXELS], vec![0; 1 << 20]);
    let seeds = seeds();
    for seed in &seeds {
        assert_eq!(decode(seed, &mut pixels, &mut memory), 1, "{:?}", &seed[..8]);
    }
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut made = 0;
    for number in 0..count {
        let file = changed(&seeds, &mut dice);
        let start = Instant::now();
        made += decode(&file, &mut pixels, &mut memory);
        // A loop that does not end, rather than a figure.
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "file {number}: {file:02x?}"
        );
    }
    // Some changes are harmless, most are not.
    assert!(made > count / 20 && made < count, "{made} of {count}");
    println!("{count} files, {made} of them decoded");
}
