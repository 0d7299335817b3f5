//! The examples of machine vision, and what the documentation shows of them: each picture in docs/vision is the one that its script
//! saves on the virtual board, byte for byte. `SPIRAM_PICTURES=new cargo test -p spiram --test cli pictures` writes them anew.

use crate::common::{root, run_file_with};
use std::fs;
use tempfile::TempDir;

/// Behind the example: its picture as text.
const SHOW: &str = "
import binascii
with open('/flash/{name}.png', 'rb') as file:
    while True:
        part = file.read(64)
        if not part: break
        print('png', binascii.hexlify(part).decode())
";

#[track_caller]
fn draws(name: &str) {
    let source = fs::read_to_string(root().join("examples").join(format!("{name}.py"))).unwrap();
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("example.py");
    fs::write(&script, source + &SHOW.replace("{name}", name)).unwrap();
    let seen = run_file_with(&script, "esp-psram64h", &[]);
    assert_eq!(seen.code, Some(0), "{name}: {seen:?}");
    let mut made = Vec::new();
    for line in seen.out.lines().filter_map(|line| line.strip_prefix("png ")) {
        for at in (0..line.trim().len()).step_by(2) {
            made.push(u8::from_str_radix(&line[at..at + 2], 16).unwrap());
        }
    }
    assert!(made.starts_with(b"\x89PNG"), "{name} has saved no picture");
    let path = root().join("docs/vision").join(format!("{name}.png"));
    if std::env::var_os("SPIRAM_PICTURES").is_some() {
        fs::write(&path, &made).unwrap();
    }
    assert!(
        fs::read(&path).unwrap_or_default() == made,
        "{} is not what {name}.py saves now; if it should be: SPIRAM_PICTURES=new cargo test --release -p spiram --test cli pictures",
        path.display()
    );
}

/// A test for each.
macro_rules! pictures {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            draws(stringify!($name));
        }
    )*};
}

pictures! {
    vision_binary vision_blobs vision_convert vision_drawing vision_filters vision_geometry vision_histogram vision_light vision_math
    vision_movies vision_sensor vision_shapes vision_tags
}

#[test]
fn every_example_of_machine_vision_has_its_picture_and_a_place_in_the_page() {
    let page = fs::read_to_string(root().join("docs/vision-pictures.md")).unwrap();
    let tests = include_str!("pictures.rs");
    let mut count = 0;
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        // One that draws on a display, say, saves none.
        if !fs::read_to_string(&path)
            .unwrap()
            .contains(&format!("/flash/{name}.png"))
        {
            continue;
        }
        count += 1;
        assert!(
            page.contains(&format!("vision/{name}.png")),
            "docs/vision-pictures.md lacks {name}"
        );
        assert!(tests.contains(name), "no test draws {name}");
    }
    assert!(count >= 12, "{count} examples");
}
