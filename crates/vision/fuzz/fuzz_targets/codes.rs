//! Any bytes as a grey image: tags, rectangles and QR codes are looked for without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vision::codes::apriltag::{Families, Rect, Tag, find_apriltags, find_rects};
use vision::codes::qr::{QrCode, find_qrcodes};
use vision::{Format, Found, Scratch, View};

fuzz_target!(|data: &[u8]| {
    let [width, pixels @ ..] = data else { return };
    let width = usize::from(*width).max(1);
    let Ok(image) = View::new(pixels, width, pixels.len() / width, Format::Grey) else {
        return;
    };
    let mut memory = vec![0; 1 << 20];
    let mut tags = [Tag::default(); 16];
    let mut found = Found::new(&mut tags, "tags");
    let _ = find_apriltags(&image, None, Families(63), Scratch::new(&mut memory), &mut found);
    let mut rects = [Rect::default(); 16];
    let mut found = Found::new(&mut rects, "rectangles");
    let _ = find_rects(&image, None, 0, Scratch::new(&mut memory), &mut found);
    let (mut bytes, mut codes) = ([0; 4096], [QrCode::default(); 4]);
    let mut bytes = Found::new(&mut bytes, "bytes of codes");
    let mut found = Found::new(&mut codes, "codes");
    let _ = find_qrcodes(&image, None, Scratch::new(&mut memory), &mut bytes, &mut found);
});
