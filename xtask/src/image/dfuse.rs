//! The DfuSe file format (ST UM0391) around what is to be written, for `dfu-util -D` and ST's tools.
//!
//! One target (the internal flash, alternate setting 0) with its elements, which are written in their order. No USB is spoken here.

use super::Image;

/// Vendor and product number of ST's boot loader in USB DFU mode (AN2606).
pub const ROM: (u16, u16) = (0x0483, 0xDF11);
/// And of ours.
pub const LOADER: (u16, u16) = (0x1209, 0x0002);

/// The file's bytes, for the loader with these numbers.
pub fn dfuse((vendor, product): (u16, u16), elements: &[Image]) -> Vec<u8> {
    let mut content = Vec::new();
    for element in elements {
        content.extend(element.address.to_le_bytes());
        content.extend((element.bytes.len() as u32).to_le_bytes());
        content.extend(&element.bytes);
    }

    // Target prefix: signature, alternate setting, "is named", name of 255 bytes, size, number of elements.
    let mut target = b"Target".to_vec();
    target.push(0);
    target.extend(1u32.to_le_bytes());
    let mut name = [0u8; 255];
    name[..6].copy_from_slice(b"spiram");
    target.extend(name);
    target.extend((content.len() as u32).to_le_bytes());
    target.extend((elements.len() as u32).to_le_bytes());
    target.extend(content);

    // Prefix: signature, format version, size of the file but for the suffix, number of targets.
    const PREFIX_BYTES: usize = 11;
    let mut file = b"DfuSe\x01".to_vec();
    file.extend(((PREFIX_BYTES + target.len()) as u32).to_le_bytes());
    file.push(1);
    file.extend(target);

    // Suffix: firmware version (any), product, vendor, DFU version 1.1a, signature reversed, its length, CRC.
    for half in [0xFFFF, product, vendor, 0x011A] {
        file.extend(half.to_le_bytes());
    }
    file.extend(b"UFD\x10");
    // The standard's CRC-32 without the final inversion.
    let crc = !crc32fast::hash(&file);
    file.extend(crc.to_le_bytes());
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process;
    use std::process::Command;

    fn example() -> Vec<u8> {
        let element = Image {
            address: 0x0800_0000,
            bytes: b"0123456789".to_vec(),
        };
        dfuse(ROM, &[element])
    }

    #[test]
    fn sizes_in_the_file_agree_with_the_file() {
        let file = example();
        let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(word(6) + 16, file.len(), "size in the prefix, and the suffix");
        assert_eq!(word(11 + 266), 8 + 10, "size of the target");
        assert_eq!(word(11 + 274), 0x0800_0000, "address of the element");
        assert_eq!(word(11 + 278), 10, "size of the element");
        assert_eq!(&file[11 + 282..][..10], b"0123456789");
    }

    #[test]
    fn dfu_utils_own_parser_accepts_the_file() {
        let Some(dfu_suffix) = process::which("dfu-suffix") else {
            eprintln!("not checked by dfu-suffix, which is not installed (package dfu-util)");
            return;
        };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spiram.dfu");
        std::fs::write(&path, example()).unwrap();
        let check = || process::output(Command::new(&dfu_suffix).arg("--check").arg(&path));
        let said = check().unwrap();
        assert!(
            said.contains("0x0483") && said.to_lowercase().contains("0xdf11"),
            "{said}"
        );

        let mut broken = example();
        broken[300] ^= 1;
        std::fs::write(&path, broken).unwrap();
        let said = check().unwrap_or_else(|error| error.to_string());
        assert!(
            !said.to_lowercase().contains("0xdf11"),
            "a flipped bit must be seen: {said}"
        );
    }
}
