//! No function of machine vision takes more than 4 KB of stack: read in the firmware's own instructions.
//!
//! What a function and those that it calls take together is bounded at the door, by `STACK_BYTES` of `pyvision`.

use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

const MOST_BYTES: u32 = 4096;

/// The bytes by which an instruction moves the stack pointer down, if it does: `sub sp, #n` in its three encodings
/// (ARMv7-M ARM, A7.7.176).
fn taken(first: u16, second: u16) -> Option<u32> {
    // T1.
    if first & 0xFF80 == 0xB080 {
        return Some(u32::from(first & 0x7F) * 4);
    }
    let wide = u32::from(first >> 10 & 1) << 11 | u32::from(second >> 12 & 7) << 8 | u32::from(second & 0xFF);
    if second & 0x8F00 != 0x0D00 {
        return None;
    }
    match first & 0xFBFF {
        // T3: a plain number.
        0xF2AD => Some(wide),
        // T2: eight bits turned (A5.3.2); the patterns that repeat a byte are no sizes of frames.
        0xF1AD if wide < 0x400 => Some(wide & 0xFF),
        0xF1AD => Some((0x80 | wide & 0x7F).rotate_right(wide >> 7)),
        _ => None,
    }
}

#[test]
fn frames_of_machine_vision_are_small() {
    let bytes = crate::elf("devebox");
    let elf = object::File::parse(&*bytes).expect("an ELF");
    let (mut functions, mut largest) = (0, 0);
    let mut too_large = Vec::new();
    for symbol in elf.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
        let name = symbol.name().unwrap_or_default();
        if !name.contains("6vision") && !name.contains("8pyvision") {
            continue;
        }
        functions += 1;
        // The first bank's, or the second's.
        let index = symbol.section_index().expect("a function lies somewhere");
        let section = elf.section_by_index(index).expect("a section");
        let body = section.data_range(symbol.address() & !1, symbol.size());
        let body = body.ok().flatten().expect("its bytes");
        let words: Vec<u16> = body
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        // Data between instructions could look like one; a frame is made at the start.
        let frame: u32 = words
            .windows(2)
            .take(24)
            .filter_map(|pair| taken(pair[0], pair[1]))
            .sum();
        largest = largest.max(frame);
        if frame > MOST_BYTES {
            too_large.push(format!("{name}: {frame} bytes"));
        }
    }
    assert!(functions > 300, "only {functions} functions were found");
    assert!(largest > 1000, "no frame was seen: the largest is {largest}");
    assert!(too_large.is_empty(), "{too_large:#?}");
}

#[test]
fn frames_are_read_as_assemblers_write_them() {
    // sub sp, #16; sub.w sp, sp, #4096; subw sp, sp, #3724; sub.w sp, sp, #10688; push {r4, lr}
    assert_eq!(taken(0xB084, 0), Some(16));
    assert_eq!(taken(0xF5AD, 0x5D80), Some(4096));
    assert_eq!(taken(0xF6AD, 0x6D8C), Some(3724));
    assert_eq!(taken(0xF5AD, 0x5D27), Some(10688));
    assert_eq!(taken(0xB510, 0xB084), None);
}
