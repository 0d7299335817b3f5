//! Files read and written, judged by the readers and writers of others; and files that are torn.

use proptest::prelude::*;
use vision::codec::{self, Buffer, Info, avi, bmp, gif, imageio, jpeg, png as own_png, pnm};
use vision::colour::rgb565;
use vision::{Format, PixFormat, Scratch, View, ViewMut};

const FORMATS: [Format; 3] = [Format::Binary, Format::Grey, Format::Rgb565];
const SIZES: [(usize, usize); 6] = [(1, 1), (3, 7), (16, 16), (33, 9), (40, 31), (97, 61)];

/// Smooth, with an edge and a texture.
fn picture(format: Format, width: usize, height: usize) -> Vec<u8> {
    let mut data = vec![0; format.image_bytes(width, height)];
    let mut image = ViewMut::new(&mut data, width, height, format).unwrap();
    for y in 0..height {
        for x in 0..width {
            let (fx, fy) = (x as f32, y as f32);
            let wave =
                |phase: f32| (128.0 + 90.0 * (fx / 11.0 + phase).sin() * (fy / 9.0 - phase).cos()) as u8;
            let rgb = if x > width / 2 && y > height / 2 {
                [220, 40, 60]
            } else {
                [wave(0.0), wave(1.0), wave(2.0)]
            };
            let value = match format {
                Format::Binary => u16::from(rgb[0] > 127),
                Format::Grey => u16::from(rgb[1]),
                Format::Rgb565 => rgb565::from_rgb(rgb),
            };
            image.set_pixel(x as i32, y as i32, value);
        }
    }
    data
}

fn rgb_of(image: &View) -> Vec<u8> {
    let mut rgb = Vec::new();
    for y in 0..image.height() {
        for x in 0..image.width() {
            let pixel = image.at(x, y);
            rgb.extend(match image.format() {
                Format::Binary => [if pixel != 0 { 255 } else { 0 }; 3],
                Format::Grey => [pixel as u8; 3],
                Format::Rgb565 => rgb565::to_rgb(pixel),
            });
        }
    }
    rgb
}

fn for_all(mut check: impl FnMut(View)) {
    for format in FORMATS {
        for (width, height) in SIZES {
            let data = picture(format, width, height);
            check(View::new(&data, width, height, format).unwrap());
        }
    }
}

fn worst(one: &[u8], other: &[u8]) -> u8 {
    assert_eq!(one.len(), other.len());
    one.iter()
        .zip(other)
        .map(|(a, b)| a.abs_diff(*b))
        .max()
        .unwrap_or(0)
}

fn psnr(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let sum: f64 = one
        .iter()
        .zip(other)
        .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2))
        .sum();
    10.0 * (255.0 * 255.0 / (sum / one.len() as f64).max(1e-9)).log10()
}

fn written(work: impl FnOnce(&mut Buffer) -> Result<(), vision::Error>) -> Vec<u8> {
    let mut room = vec![0; 1 << 20];
    let mut buffer = Buffer::new(&mut room);
    work(&mut buffer).unwrap();
    buffer.written().to_vec()
}

#[test]
fn jpeg_is_read_by_others_as_by_ourselves() {
    for_all(|image| {
        for (quality, subsampling) in [
            (95, jpeg::Subsampling::S444),
            (80, jpeg::Subsampling::S422),
            (60, jpeg::Subsampling::S420),
            (30, jpeg::Subsampling::Auto),
            (1, jpeg::Subsampling::Auto),
        ] {
            let file = written(|sink| jpeg::encode(&image, quality, subsampling, sink));
            let options = zune_jpeg::zune_core::options::DecoderOptions::default()
                .jpeg_set_out_colorspace(zune_jpeg::zune_core::colorspace::ColorSpace::RGB);
            let cursor = zune_jpeg::zune_core::bytestream::ZCursor::new(&file);
            let theirs = zune_jpeg::JpegDecoder::new_with_options(cursor, options)
                .decode()
                .unwrap();
            if quality == 95 {
                let ratio = psnr(&theirs, &rgb_of(&image));
                let least = if image.format() == Format::Binary {
                    25.0
                } else {
                    32.0
                };
                assert!(ratio > least, "{ratio} {:?} {}", image.format(), image.width());
            }
            let info = jpeg::info(&file).unwrap();
            let colour = image.format() == Format::Rgb565;
            let expected = Info {
                width: image.width(),
                height: image.height(),
                format: if colour { Format::Rgb565 } else { Format::Grey },
            };
            assert_eq!(info, expected);
            let mut data = vec![0; info.format.image_bytes(info.width, info.height)];
            let mut ours = ViewMut::new(&mut data, info.width, info.height, info.format).unwrap();
            jpeg::decode(&file, &mut ours).unwrap();
            // RGB565 loses up to 7; others smooth what colour pixels share.
            let ratio = psnr(&rgb_of(&ours.as_view()), &theirs);
            assert!(ratio > 20.0, "{ratio} at quality {quality} {subsampling:?}");
            if !colour {
                assert!(worst(&rgb_of(&ours.as_view()), &theirs) <= 2);
            }
        }
    });
}

#[test]
fn jpeg_of_others_is_read() {
    for (width, height) in SIZES {
        let data = picture(Format::Rgb565, width, height);
        let image = View::new(&data, width, height, Format::Rgb565).unwrap();
        let rgb = rgb_of(&image);
        for sampling in [
            jpeg_encoder::SamplingFactor::F_1_1,
            jpeg_encoder::SamplingFactor::F_2_1,
            jpeg_encoder::SamplingFactor::F_1_2,
            jpeg_encoder::SamplingFactor::F_2_2,
        ] {
            for restart in [0, 3] {
                let mut file = Vec::new();
                let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
                encoder.set_sampling_factor(sampling);
                encoder.set_restart_interval(restart);

                encoder
                    .encode(&rgb, width as u16, height as u16, jpeg_encoder::ColorType::Rgb)
                    .unwrap();
                let info = jpeg::info(&file).unwrap();
                assert_eq!((info.width, info.height), (width, height));
                let mut out = vec![0; data.len()];
                let mut ours = ViewMut::new(&mut out, width, height, Format::Rgb565).unwrap();
                jpeg::decode(&file, &mut ours).unwrap();
                let ratio = psnr(&rgb_of(&ours.as_view()), &rgb);
                assert!(ratio > 20.0, "{ratio} {sampling:?} {width} x {height}");
            }
        }
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
        encoder.set_progressive(true);
        encoder
            .encode(&rgb, width as u16, height as u16, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        let refused = jpeg::info(&file).unwrap_err().to_string();
        assert_eq!(refused, "JPEG with progressive coding, which is not supported");
    }
}

#[test]
fn png_keeps_every_pixel() {
    for_all(|image| {
        let mut memory = vec![0; own_png::encode_scratch(image.format(), image.width(), image.height())];
        let file = written(|sink| own_png::encode(&image, Scratch::new(&mut memory), sink));
        let mut decoder = png::Decoder::new(std::io::Cursor::new(&file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut theirs = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut theirs).unwrap();
        theirs.truncate(frame.buffer_size());
        let expected = rgb_of(&image);
        if frame.color_type == png::ColorType::Grayscale {
            let grey: Vec<u8> = expected.chunks(3).map(|rgb| rgb[0]).collect();
            assert_eq!(theirs, grey);
        } else {
            assert_eq!(theirs, expected);
        }
        let info = own_png::info(&file).unwrap();
        assert_eq!(info.format, image.format());
        let mut memory = vec![0; own_png::decode_scratch(&file).unwrap()];
        let mut data = vec![0; image.data().len()];
        let mut ours = ViewMut::new(&mut data, image.width(), image.height(), image.format()).unwrap();
        own_png::decode(&file, &mut ours, Scratch::new(&mut memory)).unwrap();
        assert_eq!(data, image.data());
    });
    // Compression is worth its name.
    let data = picture(Format::Rgb565, 97, 61);
    let image = View::new(&data, 97, 61, Format::Rgb565).unwrap();
    let mut memory = vec![0; own_png::encode_scratch(Format::Rgb565, 97, 61)];
    let file = written(|sink| own_png::encode(&image, Scratch::new(&mut memory), sink));
    assert!(file.len() < 97 * 61 * 2, "{} bytes", file.len());
}

#[test]
fn png_of_others_is_read() {
    use png::{BitDepth, ColorType};
    for (kind, depth, samples) in [
        (ColorType::Grayscale, BitDepth::Two, 1),
        (ColorType::Grayscale, BitDepth::Four, 1),
        (ColorType::Grayscale, BitDepth::Sixteen, 1),
        (ColorType::Rgb, BitDepth::Sixteen, 3),
        (ColorType::Rgba, BitDepth::Eight, 4),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, 2),
        (ColorType::Indexed, BitDepth::Four, 1),
        (ColorType::Indexed, BitDepth::Eight, 1),
    ] {
        for (width, height) in SIZES {
            let row = (width * samples * depth as usize).div_ceil(8);
            let data: Vec<u8> = (0..row * height)
                .map(|at| (at * 7 + at / row * 3) as u8)
                .collect();
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
            encoder.set_color(kind);
            encoder.set_depth(depth);
            encoder.set_filter(png::Filter::Adaptive);
            if kind == ColorType::Indexed {
                encoder.set_palette((0..768).map(|at| (at * 5) as u8).collect::<Vec<_>>());
            }
            encoder.write_header().unwrap().write_image_data(&data).unwrap();
            let mut decoder = png::Decoder::new(std::io::Cursor::new(&file));
            decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
            let mut reader = decoder.read_info().unwrap();
            let mut theirs = vec![0; reader.output_buffer_size().unwrap()];
            let channels = reader.next_frame(&mut theirs).unwrap().color_type.samples();
            let info = own_png::info(&file).unwrap();
            let mut memory = vec![0; own_png::decode_scratch(&file).unwrap()];
            let mut out = vec![0; info.format.image_bytes(width, height)];
            let mut ours = ViewMut::new(&mut out, width, height, info.format).unwrap();
            own_png::decode(&file, &mut ours, Scratch::new(&mut memory)).unwrap();
            let ours = rgb_of(&ours.as_view());
            for (ours, theirs) in ours.chunks(3).zip(theirs.chunks(channels)) {
                let theirs = if channels < 3 {
                    [theirs[0]; 3]
                } else {
                    [theirs[0], theirs[1], theirs[2]]
                };
                let limit = if channels < 3 { 0 } else { 7 };
                assert!(
                    worst(ours, &theirs) <= limit,
                    "{kind:?} {depth:?}: {ours:?} {theirs:?}"
                );
            }
        }
    }
}

/// Adler-32 and CRC-32, and a PNG of one chunk whose zlib stream only stores.
fn stored_png(head: [u8; 13], rows: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = rows.chunks(500).peekable();
    while let Some(block) = blocks.next() {
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend((block.len() as u16).to_le_bytes());
        stream.extend((!(block.len() as u16)).to_le_bytes());
        stream.extend(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in rows {
        a = (a + u32::from(*byte)) % 65521;
        b = (b + a) % 65521;
    }
    stream.extend((b << 16 | a).to_be_bytes());
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let mut file = vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10];
    for (kind, data) in [(b"IHDR", &head[..]), (b"IDAT", &stream[..]), (b"IEND", &[][..])] {
        file.extend((data.len() as u32).to_be_bytes());
        let part = [&kind[..], data].concat();
        file.extend(&part);
        file.extend(crc.checksum(&part).to_be_bytes());
    }
    file
}

#[test]
fn interlaced_png_is_read() {
    for (width, height) in [(1, 1), (3, 7), (8, 8), (33, 9)] {
        let value = |x: usize, y: usize, channel: usize| (x * 9 + y * 5 + channel * 80) as u8;
        let mut rows = Vec::new();
        for (x0, y0, dx, dy) in [
            (0, 0, 8, 8),
            (4, 0, 8, 8),
            (0, 4, 4, 8),
            (2, 0, 4, 4),
            (0, 2, 2, 4),
            (1, 0, 2, 2),
            (0, 1, 1, 2),
        ] {
            for y in (y0..height).step_by(dy).filter(|_| x0 < width) {
                rows.push(0);
                for x in (x0..width).step_by(dx) {
                    rows.extend([0, 1, 2].map(|channel| value(x, y, channel)));
                }
            }
        }
        let mut head = [0; 13];
        head[..4].copy_from_slice(&(width as u32).to_be_bytes());
        head[4..8].copy_from_slice(&(height as u32).to_be_bytes());
        head[8..].copy_from_slice(&[8, 2, 0, 0, 1]);
        let file = stored_png(head, &rows);
        // The judge reads the same.
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file))
            .read_info()
            .unwrap();
        let mut theirs = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut theirs).unwrap();
        let mut memory = vec![0; own_png::decode_scratch(&file).unwrap()];
        let mut data = vec![0; 2 * width * height];
        let mut ours = ViewMut::new(&mut data, width, height, Format::Rgb565).unwrap();
        own_png::decode(&file, &mut ours, Scratch::new(&mut memory)).unwrap();
        assert!(
            worst(&rgb_of(&ours.as_view()), &theirs) <= 7,
            "{width} x {height}"
        );
        // A pixel that is not what its sum says.
        let mut torn = file.clone();
        let end = torn.len() - 30;
        torn[end] ^= 1;
        assert!(own_png::decode(&torn, &mut ours, Scratch::new(&mut memory)).is_err());
    }
}

#[test]
fn bitmaps_and_maps_keep_every_pixel() {
    for_all(|image| {
        let file = written(|sink| bmp::encode(&image, sink));
        assert_eq!(codec::kind(&file), Some(codec::Kind::Bmp));
        assert_eq!(
            u32::from_le_bytes(file[2..6].try_into().unwrap()) as usize,
            file.len()
        );
        let info = bmp::info(&file).unwrap();
        assert_eq!(
            (info.width, info.height, info.format),
            (image.width(), image.height(), image.format())
        );
        let mut data = vec![0; image.data().len()];
        let mut ours = ViewMut::new(&mut data, image.width(), image.height(), image.format()).unwrap();
        bmp::decode(&file, &mut ours).unwrap();
        assert_eq!(data, image.data());

        let file = written(|sink| pnm::encode(&image, sink));
        let info = pnm::info(&file).unwrap();
        let mut data = vec![0; info.format.image_bytes(info.width, info.height)];
        let mut ours = ViewMut::new(&mut data, info.width, info.height, info.format).unwrap();
        pnm::decode(&file, &mut ours).unwrap();
        assert_eq!(rgb_of(&ours.as_view()), rgb_of(&image));
    });
    let text = b"P3 # three\n# pixels\n3 1 15\n15 0 0  0 15 0\n0 0 15";
    let mut data = [0; 6];
    let mut image = ViewMut::new(&mut data, 3, 1, Format::Rgb565).unwrap();
    pnm::decode(text, &mut image).unwrap();
    assert_eq!(rgb_of(&image.as_view()), [255, 0, 0, 0, 255, 0, 0, 0, 255]);
}

#[test]
fn a_film_of_gif_is_read_by_others() {
    let grey = picture(Format::Grey, 40, 31);
    let grey = View::new(&grey, 40, 31, Format::Grey).unwrap();
    let file = written(|sink| {
        gif::head(40, 31, false, true, sink)?;
        gif::frame(&grey, false, 7, sink)?;
        gif::frame(&grey, false, 9, sink)?;
        gif::end(sink)
    });
    let mut options = ::gif::DecodeOptions::new();
    options.set_color_output(::gif::ColorOutput::RGBA);
    let mut reader = options.read_info(&file[..]).unwrap();
    for delay in [7, 9] {
        let frame = reader.read_next_frame().unwrap().unwrap();
        assert_eq!(frame.delay, delay);
        let theirs: Vec<u8> = frame.buffer.chunks(4).map(|rgba| rgba[0]).collect();
        assert_eq!(theirs, grey.data());
    }
    assert!(reader.read_next_frame().unwrap().is_none());
}

#[test]
fn a_film_of_jpeg_has_heads_that_fit() {
    let mut movie = avi::Movie {
        width: 320,
        height: 240,
        frame_us: 40_000,
        ..avi::Movie::default()
    };
    let frames: [&[u8]; 2] = [&[1, 2, 3], &[4; 10]];
    let mut body = Vec::new();
    let mut index = Vec::new();
    for frame in frames {
        let offset = movie.frame_bytes;
        movie.add(frame.len() as u32);
        body.extend(written(|sink| avi::frame(frame, sink)));
        index.extend(written(|sink| avi::index_entry(offset, frame.len() as u32, sink)));
    }
    let mut file = movie.head().to_vec();
    file.extend(&body);
    file.extend(written(|sink| avi::index_head(movie.frames, sink)));
    file.extend(&index);
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(word(4), file.len() - 8);
    // Every chunk ends where the next begins.
    assert_eq!(&file[12..16], b"LIST");
    let movi = 20 + word(16);
    assert_eq!(&file[movi..movi + 4], b"LIST");
    assert_eq!(&file[movi + 8..movi + 12], b"movi");
    let idx = movi + 8 + word(movi + 4);
    assert_eq!(&file[idx..idx + 4], b"idx1");
    // The index counts from `movi`.
    let second = movi + 8 + word(idx + 8 + 16 + 8);
    assert_eq!(&file[second..second + 4], b"00dc");
    assert_eq!(word(second + 4), 10);
}

#[test]
fn a_stream_of_frames_is_read_back() {
    let data = picture(Format::Rgb565, 33, 9);
    let frame = imageio::Frame {
        elapsed_ms: 33,
        width: 33,
        height: 9,
        format: PixFormat::Rgb565,
        size_bytes: data.len() as u32,
    };
    let file = written(|sink| imageio::write(&frame, &data, sink));
    assert_eq!(file.len(), imageio::FRAME_HEAD + imageio::padded(data.len()));
    assert_eq!(imageio::read_head(&file).unwrap(), frame);
    assert_eq!(&file[imageio::FRAME_HEAD..][..data.len()], data);
    let mut torn = file.clone();
    torn[16] ^= 1;
    assert!(imageio::read_head(&torn).is_err());
}

/// Decodes whatever the head promises, up to a size that a test can bear.
fn decode_any(file: &[u8]) {
    let info = [
        jpeg::info(file),
        own_png::info(file),
        bmp::info(file),
        pnm::info(file),
    ];
    let mut memory = vec![0; 1 << 18];
    for (index, info) in info.into_iter().enumerate() {
        let Ok(info) = info else { continue };
        if info.width * info.height > 1 << 16 {
            continue;
        }
        let mut data = vec![0; info.format.image_bytes(info.width, info.height)];
        let mut image = ViewMut::new(&mut data, info.width, info.height, info.format).unwrap();
        let _ = match index {
            0 => jpeg::decode(file, &mut image),
            1 => own_png::decode(file, &mut image, Scratch::new(&mut memory)),
            2 => bmp::decode(file, &mut image),
            _ => pnm::decode(file, &mut image),
        };
    }
    let _ = imageio::read_head(file);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn torn_files_are_refused_in_order(
        kind in 0..4usize,
        format in 0..3usize,
        size in 0..4usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        keep in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let (width, height) = SIZES[size];
        let data = picture(FORMATS[format], width, height);
        let image = View::new(&data, width, height, FORMATS[format]).unwrap();
        let mut memory = vec![0; own_png::encode_scratch(FORMATS[format], width, height)];
        let mut file = written(|sink| match kind {
            0 => jpeg::encode(&image, 50, jpeg::Subsampling::Auto, sink),
            1 => own_png::encode(&image, Scratch::new(&mut memory), sink),
            2 => bmp::encode(&image, sink),
            _ => pnm::encode(&image, sink),
        });
        for (place, value) in changes {
            let place = place.index(file.len());
            file[place] = value;
        }
        if let Some(keep) = keep {
            file.truncate(keep.index(file.len() + 1));
        }
        decode_any(&file);
    }
}
