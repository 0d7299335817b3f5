//! `spiram cascade`: what OpenCV's XML becomes, and what is no such file.

use std::fs;

use crate::common::run;

/// A window of 4 x 6; two stages: of one feature with two rectangles, of one with three.
const XML: &str = r#"<?xml version="1.0"?>
<!-- what OpenCV writes -->
<opencv_storage>
<cascade type_id="opencv-cascade-classifier"><stageType>BOOST</stageType>
  <featureType>HAAR</featureType>
  <height>6</height>
  <width>4</width>
  <stageNum>2</stageNum>
  <stages>
    <_><maxWeakCount>1</maxWeakCount><stageThreshold>-1.5</stageThreshold>
      <weakClassifiers><_><internalNodes>0 -1 1 -0.25</internalNodes><leafValues>
            2.0 -7.5e-01</leafValues></_></weakClassifiers></_>
    <_><maxWeakCount>1</maxWeakCount><stageThreshold>0.999</stageThreshold>
      <weakClassifiers><_><internalNodes>0 -1 0 1.5e-3</internalNodes><leafValues>-1. 1.</leafValues></_></weakClassifiers></_>
  </stages>
  <features>
    <_><rects><_>0 0 4 6 -1.</_><_>0 2 4 2 3.</_><_>1 1 1 1 2.</_></rects><tilted>0</tilted></_>
    <_><rects><_>0 0 4 2 -1.</_><_>2 0 2 2 2.</_></rects><tilted>0</tilted></_>
  </features>
</cascade>
</opencv_storage>
"#;

fn convert(xml: &str) -> (String, Option<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("in.xml"), folder.path().join("out.cascade"));
    fs::write(&from, xml).unwrap();
    let seen = run(&["cascade", from.to_str().unwrap(), to.to_str().unwrap()]);
    let told = format!("{}{}", seen.out, seen.err);
    (told, fs::read(to).ok())
}

#[test]
fn numbers_become_4096ths_and_256ths() {
    let (told, file) = convert(XML);
    let mut expected = Vec::new();
    for word in [4u32, 6, 2] {
        expected.extend(word.to_le_bytes());
    }
    // One feature a stage, and bytes to a multiple of four.
    expected.extend([1, 1, 0, 0]);
    let shorts: [[i16; 2]; 4] = [[-384, 255], [-1024, 6], [512, -256], [-192, 256]];
    expected.extend(shorts.iter().flatten().flat_map(|number| number.to_le_bytes()));
    expected.extend([2, 3]);
    expected.extend([-1i8, 2, -1, 3, 2].map(|weight| weight as u8));
    for place in [
        [0, 0, 4, 2],
        [2, 0, 2, 2],
        [0, 0, 4, 6],
        [0, 2, 4, 2],
        [1, 1, 1, 1],
    ] {
        expected.extend(place);
    }
    assert_eq!(file, Some(expected), "{told}");
    assert!(
        told.contains("2 stages of 2 features for a window of 4 x 6"),
        "{told}"
    );
}

#[test]
fn what_cannot_be_converted_is_named() {
    let changed = |from: &str, to: &str| {
        let xml = XML.replace(from, to);
        assert_ne!(xml, XML);
        let (told, file) = convert(&xml);
        assert!(file.is_none());
        told
    };
    for (from, to, words) in [
        ("<tilted>0", "<tilted>1", "a feature is tilted"),
        ("HAAR", "LBP", "of the kind LBP, expected HAAR"),
        ("0 -1 1 -0.25", "1 0 1 -0.25 -1 -2 0 0.5", "a tree of 2 nodes"),
        ("-0.25", "-9.5", "beyond the 16 bits"),
        ("0 2 4 2 3.", "1 2 4 2 3.", "leaves the window of 4 x 6"),
        ("0 2 4 2 3.", "0 2 4 2 0.5", "small whole numbers"),
        ("0 -1 1 ", "0 -1 7 ", "feature 7 of 2"),
        ("</cascade>", "", "this is no XML"),
        ("cascade type_id", "haar type_id", "this is no XML"),
        ("<width>4", "<width>wide", "<width> is 'wide', expected a number"),
    ] {
        let told = changed(from, to);
        assert!(told.contains(words), "{to}: {told}");
    }
    let seen = run(&["cascade", "/nowhere/in.xml", "/nowhere/out"]);
    assert!(seen.err.contains("opencv-data"), "{}", seen.err);
}
