//! Data Matrix symbols that another library makes, drawn turned and in perspective, and read again.

use datamatrix::{DataMatrix as Made, SymbolList, SymbolSize};
use proptest::prelude::*;
use vision::codes::datamatrix::{DataMatrix, datamatrices_scratch, find_datamatrices};
use vision::geometry::Homography;
use vision::{Format, Found, Region, Scratch, View};

type Corners = [(f32, f32); 4];

/// A symbol as modules.
struct Modules {
    dark: Vec<bool>,
    width: usize,
}

impl Modules {
    fn of(text: &[u8], sizes: impl Into<SymbolList>) -> Modules {
        let made = Made::encode(text, sizes).expect("the text fits").bitmap();
        Modules {
            dark: made.bits().to_vec(),
            width: made.width(),
        }
    }

    /// Straight on grey paper, with modules of so many pixels and an edge around: the picture and its width.
    fn upright(&self, module: usize, edge: usize) -> (Vec<u8>, usize) {
        let (w, h) = (module * self.width, module * self.height());
        let (width, height) = (w + 2 * edge, h + 2 * edge);
        let mut data = vec![220; width * height];
        let middle = (width as f32 / 2.0, height as f32 / 2.0);
        self.place(
            &mut data,
            width,
            &turned(middle, (w as f32, h as f32), 0.0, [0.0; 4]),
        );
        (data, width)
    }

    fn height(&self) -> usize {
        self.dark.len() / self.width
    }

    /// Draws it with its corners at these places, each pixel the mean of 2 x 2 samples.
    fn place(&self, data: &mut [u8], width: usize, corners: &Corners) {
        let (across, down) = (self.width as f32, self.height() as f32);
        let flat = [(0.0, 0.0), (across, 0.0), (across, down), (0.0, down)];
        let back = Homography::from_points(corners, &flat).unwrap();
        for (at, pixel) in data.iter_mut().enumerate() {
            let (x, y) = ((at % width) as f32, (at / width) as f32);
            let dark = (0..4)
                .filter(|sub| {
                    let (fx, fy) = (
                        x + (sub % 2) as f32 / 2.0 + 0.25,
                        y + (sub / 2) as f32 / 2.0 + 0.25,
                    );
                    back.apply(fx, fy).is_some_and(|(u, v)| {
                        (0.0..across).contains(&u)
                            && (0.0..down).contains(&v)
                            && self.dark[v as usize * self.width + u as usize]
                    })
                })
                .count();
            *pixel = (f32::from(*pixel) - dark as f32 / 4.0 * 190.0) as u8;
        }
    }
}

fn read_in(data: &[u8], width: usize, roi: Option<Region>) -> Vec<(DataMatrix, Vec<u8>)> {
    let image = View::new(data, width, data.len() / width, Format::Grey).unwrap();
    let mut memory = vec![0; datamatrices_scratch(width, data.len() / width)];
    let (mut bytes, mut room) = (vec![0; 8192], vec![DataMatrix::default(); 8]);
    let mut bytes = Found::new(&mut bytes, "bytes of symbols");
    let mut found = Found::new(&mut room, "symbols");
    find_datamatrices(
        &image,
        roi,
        200,
        Scratch::new(&mut memory),
        &mut bytes,
        &mut found,
    )
    .unwrap();
    let payload = |code: &DataMatrix| bytes[code.payload.0..code.payload.0 + code.payload.1].to_vec();
    found.iter().map(|code| (*code, payload(code))).collect()
}

fn read(data: &[u8], width: usize) -> Vec<(DataMatrix, Vec<u8>)> {
    read_in(data, width, None)
}

/// The corners of a box around a middle, turned, each bent a little.
fn turned((cx, cy): (f32, f32), (w, h): (f32, f32), degrees: f32, bend: [f32; 4]) -> Corners {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let mut corners = [(-w, -h), (w, -h), (w, h), (-w, h)];
    for (corner, bend) in corners.iter_mut().zip(bend) {
        let (x, y) = (corner.0 / 2.0, corner.1 / 2.0);
        *corner = (cx + x * cos - y * sin + bend, cy + x * sin + y * cos - bend / 2.0);
    }
    corners
}

#[test]
fn every_size_is_read() {
    for size in SymbolList::all().iter().filter(|size| !size.is_dmre()) {
        // As many letters as fit: three of them take two words.
        let text = |count: usize| {
            (0..count)
                .map(|at| b'A' + (at * 7 % 26) as u8)
                .collect::<Vec<_>>()
        };
        let (mut fits, mut more) = (1, 3000);
        while more - fits > 1 {
            let middle = (fits + more) / 2;
            match Made::encode(&text(middle), size) {
                Ok(_) => fits = middle,
                Err(_) => more = middle,
            }
        }
        let text = text(fits);
        let modules = Modules::of(&text, size);
        let (w, h) = (3 * modules.width as i32, 3 * modules.height() as i32);
        let (data, width) = modules.upright(3, 15);
        let found = read(&data, width);
        assert_eq!(found.len(), 1, "{size:?}");
        let (code, payload) = &found[0];
        assert_eq!(payload, &text, "{size:?}");
        assert_eq!(
            (code.rows as usize, code.columns as usize),
            (modules.height(), modules.width)
        );
        let [first, _, last, _] = code.corners;
        assert!((first.x - 15).abs() <= 1 && (first.y - 15).abs() <= 1, "{code:?}");
        assert!(
            (last.x - 15 - w).abs() <= 1 && (last.y - 15 - h).abs() <= 1,
            "{code:?}"
        );
    }
}

#[test]
fn encodations_of_another_library_are_read() {
    for text in [
        &b"0123456789"[..],
        b"small letters and CAPITALS, 12.5%",
        b"A1B2C3*>\rX12 TEXT*AB\r",
        b"\x00\x01\xff\xfe\x80binary\x99",
        b"https://example.org/?a=1&b=2#c",
        b"\x1d01034531200000111719112510ABCD1234",
    ] {
        let modules = Modules::of(text, SymbolList::default());
        let (data, width) = modules.upright(4, 10);
        assert_eq!(
            read(&data, width).first().map(|(_, payload)| &payload[..]),
            Some(text)
        );
    }
}

#[test]
fn two_in_one_picture_and_one_in_a_region() {
    let (one, other) = (
        Modules::of(b"left", SymbolSize::Square14),
        Modules::of(b"right", SymbolSize::Square14),
    );
    let width = 160;
    let mut data = vec![200; width * 80];
    one.place(
        &mut data,
        width,
        &turned((40.0, 40.0), (42.0, 42.0), 20.0, [0.0; 4]),
    );
    other.place(
        &mut data,
        width,
        &turned((120.0, 40.0), (42.0, 42.0), 200.0, [0.0; 4]),
    );
    let mut texts: Vec<_> = read(&data, width)
        .into_iter()
        .map(|(_, payload)| payload)
        .collect();
    texts.sort();
    assert_eq!(texts, [b"left".to_vec(), b"right".to_vec()]);
    let found = read_in(&data, width, Some(Region::new(80, 0, 200, 80)));
    assert_eq!(found.len(), 1);
    let code = found[0].0;
    assert!((code.region().x - 120 + 28).abs() <= 3, "{code:?}");
    assert!(
        (code.rotation() - 200f32.to_radians()).abs() < 0.05,
        "{}",
        code.rotation()
    );
    assert_eq!((code.capacity, code.padding), (8, 3));
}

/// Numbers that look drawn, the same each time.
struct Drawn(u64);

impl Drawn {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }
}

#[test]
fn turned_bent_and_noisy_symbols_are_read() {
    let mut missed = Vec::new();
    const COUNT: usize = 300;
    for seed in
        std::env::var("SEED").map_or(0..COUNT, |s| s.parse().unwrap()..s.parse::<usize>().unwrap() + 1)
    {
        let mut drawn = Drawn(seed as u64 * 7919 + 1);
        for _ in 0..9 {
            drawn.next();
        }
        let text: Vec<u8> = (0..1 + (drawn.next() * 40.0) as usize)
            .map(|_| b' ' + (drawn.next() * 95.0) as u8)
            .collect();
        let list = SymbolList::default();
        let list = if seed % 2 == 0 {
            list.enforce_rectangular()
        } else {
            list.enforce_square()
        };
        let modules = Modules::of(&text, list);
        let (module, degrees) = (3.0 + drawn.next() * 3.0, drawn.next() * 360.0);
        let (w, h) = (modules.width as f32 * module, modules.height() as f32 * module);
        // Each corner is moved by at most a twentieth of a side.
        let bend = [(); 4].map(|()| (drawn.next() - 0.5) * 0.1 * h);
        let side = (w * w + h * h).sqrt() as usize + 24;
        let mut data = vec![210; side * side];
        let middle = side as f32 / 2.0;
        modules.place(&mut data, side, &turned((middle, middle), (w, h), degrees, bend));
        for pixel in &mut data {
            *pixel = pixel.saturating_add_signed((drawn.next() * 16.0) as i8 - 8);
        }
        if std::env::var("SEED").is_ok() {
            eprintln!("{:?}", turned((middle, middle), (w, h), degrees, bend));
        }
        if read(&data, side)
            .first()
            .is_none_or(|(_, payload)| *payload != text)
        {
            missed.push((seed, modules.width, modules.height(), module, degrees, bend));
        }
    }
    assert!(
        missed.len() * 100 <= COUNT * 2,
        "{} missed: {missed:#?}",
        missed.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_holds_nothing_and_ends(seed in any::<u64>(), width in 1usize..90, height in 1usize..70, bits in 1u32..8) {
        let mut state = seed | 1;
        let data: Vec<u8> = (0..width * height)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33 << bits) as u8
            })
            .collect();
        prop_assert!(read(&data, width).is_empty());
    }
}
