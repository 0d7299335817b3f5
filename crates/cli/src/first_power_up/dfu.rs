//! The list of `dfu-util -l`: devices, and the layout of their flash in the words of DfuSe (ST UM0424).

use super::verdict::{BOOT0, REPLACE, Verdict, udev};

/// ST's boot loader in ROM, and ours.
const ROM: &str = "0483:df11";
const OURS: &str = "1209:0002";
const FLASH_BASE: &str = "0x08000000";

/// A device with its memories.
#[derive(Debug, Default, PartialEq, Eq)]
struct Device {
    id: String,
    path: String,
    serial: String,
    memories: Vec<String>,
}

/// What the list shows; `None` if this is no list of dfu-util's.
pub fn read(text: &str, board: &str) -> Option<Verdict> {
    let listed = text.lines().any(|line| line.contains("Found DFU: ["));
    if !listed && !text.contains("dfu-util") {
        return None;
    }
    let (roms, others): (Vec<Device>, Vec<Device>) =
        devices(text).into_iter().partition(|device| device.id == ROM);
    Some(match roms.as_slice() {
        [] => without(text, &others, board),
        [device] => one(device, board),
        several => two(several),
    })
}

/// One line for each memory: lines of one device have its path in common.
fn devices(text: &str) -> Vec<Device> {
    let mut found: Vec<Device> = Vec::new();
    for line in text.lines() {
        let Some((id, rest)) = line
            .split_once("Found DFU: [")
            .and_then(|(_, rest)| rest.split_once(']'))
        else {
            continue;
        };
        let (id, path) = (id.to_ascii_lowercase(), field(rest, "path"));
        let at = found
            .iter()
            .position(|device| device.id == id && device.path == path);
        let at = at.unwrap_or_else(|| {
            let serial = field(rest, "serial");
            found.push(Device {
                id,
                path,
                serial,
                memories: Vec::new(),
            });
            found.len() - 1
        });
        found[at].memories.push(field(rest, "name"));
    }
    found
}

/// The text between the quotes behind `key=`.
fn field(line: &str, key: &str) -> String {
    let opening = format!("{key}=\"");
    let value = line
        .split_once(&opening)
        .and_then(|(_, rest)| rest.split_once('"'));
    value.map_or_else(String::new, |(value, _)| value.to_owned())
}

/// Number of sectors and bytes in each, of memory that all has sectors of one size: `@Internal Flash /0x08000000/256*08Kg`.
fn layout(name: &str) -> Option<(u64, u64)> {
    let mut parts = name.split('/');
    let (_, base, sectors) = (parts.next()?, parts.next()?, parts.next()?);
    if base.trim() != FLASH_BASE || sectors.contains(',') {
        return None;
    }
    let (count, size) = sectors.split_once('*')?;
    let digits = size.bytes().take_while(u8::is_ascii_digit).count();
    let unit = match size[digits..].chars().next()? {
        'K' => 1024,
        'M' => 1024 * 1024,
        _ => 1,
    };
    Some((
        count.trim().parse().ok()?,
        size[..digits].parse::<u64>().ok()?.checked_mul(unit)?,
    ))
}

fn one(device: &Device, board: &str) -> Verdict {
    let Some(flash) = device.memories.iter().find(|name| name.contains(FLASH_BASE)) else {
        return Verdict::not_yet(format!(
            "ST's boot loader without flash at {FLASH_BASE}; it lists {}",
            device.memories.join(", ")
        ))
        .then("paste the whole list: each memory of the device has a line of its own");
    };
    let serial = &device.serial;
    match layout(flash) {
        Some((256, 0x2000)) => Verdict::ready(format!("an STM32H7A3VI or a chip like it, 2 MB of flash (256 sectors of 8 KB), serial {serial}"))
            .then(format!("flash it: dfu-util -a 0 -D dist/spiram-{board}.dfu (from `cargo xtask build`)"))
            .then("take the bridge from BOOT0 to 3V3 away again (weact: let BOOT0 go), and press reset")
            .then("open the console, 115200 baud 8N1; the first lines say what the memory chip is (docs/owner/README.md)"),
        Some((256, 0x800)) => Verdict::not_yet(
            "early silicon of the STM32H7A3 (revision Z): its boot loader tells 2 KB for sectors that have 8 KB, and so would be erased in the wrong places",
        )
        .then(format!("flash it by SWD instead: probe-rs download --chip STM32H7A3VITx dist/spiram-{board}.elf")),
        Some((128, 0x2000)) => Verdict::not_yet("an STM32H7A3VG: 1 MB of flash, expected 2 MB (STM32H7A3VI)").then(REPLACE),
        Some((_, 0x2000)) => Verdict::not_yet(format!("a chip of the H7A3's family with less flash (`{flash}`), such as an STM32H7B0")).then(REPLACE),
        Some((_, 0x2_0000)) => Verdict::not_yet(format!(
            "an STM32H750 or H743 (sectors of 128 KB: `{flash}`): the chip that the board came with is still in place"
        ))
        .then(REPLACE),
        _ => Verdict::not_yet(format!("a chip of another family: its flash is `{flash}`, expected `@Internal Flash /0x08000000/256*08Kg`"))
            .then("look whether another board is plugged in; if not, read the marking on the chip"),
    }
}

fn two(several: &[Device]) -> Verdict {
    let paths: Vec<&str> = several.iter().map(|device| device.path.as_str()).collect();
    Verdict::not_yet(format!(
        "{} boards in their boot loaders, at {}",
        several.len(),
        paths.join(" and ")
    ))
    .then("unplug all but the one to be flashed, and look again")
    .then(format!(
        "or name it to dfu-util each time: dfu-util -p {} ...",
        paths[0]
    ))
}

fn without(text: &str, others: &[Device], board: &str) -> Verdict {
    let denied = text
        .lines()
        .any(|line| line.contains(ROM) && line.contains("Cannot open"));
    if denied {
        return Verdict::not_yet("ST's boot loader is there, but this user may not open it")
            .then(udev("0483"));
    }
    if let Some(device) = others.iter().find(|device| device.id == OURS) {
        return Verdict::ready(format!("spiram's own boot loader, serial {}", device.serial))
            .then(format!(
                "flash it: dfu-util -a 0 -s :leave -D dist/spiram-{board}.update.dfu (from `cargo xtask build`)"
            ))
            .then("or press reset; if it is there again, there is no program that is whole (docs/boot.md)");
    }
    let verdict = match others {
        [] => Verdict::not_yet("no boot loader on USB"),
        others => {
            let ids: Vec<&str> = others.iter().map(|device| device.id.as_str()).collect();
            Verdict::not_yet(format!(
                "other devices ({}), but no boot loader of ST's, {ROM}",
                ids.join(", ")
            ))
        }
    };
    verdict
        .then(BOOT0)
        .then("if it is still not there: measure 3.3 V, look at pins 70 and 71 (PA11, PA12) for bridges, then go by SWD (docs/owner/README.md)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_is_read_as_its_manual_writes_it() {
        for (name, expected) in [
            ("@Internal Flash   /0x08000000/256*08Kg", Some((256, 8192))),
            ("@Internal Flash  /0x08000000/0128*0002Kg", Some((128, 2048))),
            ("@Internal Flash  /0x08000000/2*1Mg", Some((2, 1 << 20))),
            ("@OTP Memory   /0x08FFF000/01*1024 e", None),
            ("@Internal Flash  /0x08000000/04*016Kg,01*064Kg", None),
            ("@Internal Flash  /0x08000000/1*99999999999999999999Kg", None),
            ("@Internal Flash  /0x08000000/1*18446744073709551615Kg", None),
            ("@Internal Flash  /0x08000000/256*", None),
            ("//*", None),
            ("", None),
        ] {
            assert_eq!(layout(name), expected, "{name}");
        }
    }

    #[test]
    fn lines_of_one_path_are_one_device() {
        let text = "Found DFU: [0483:DF11] path=\"1-1\", alt=1, name=\"a\", serial=\"1\"\n\
                    Found DFU: [0483:df11] path=\"1-1\", alt=0, name=\"b\", serial=\"1\"\n\
                    Found DFU: [0483:df11] path=\"1-2\", alt=0, name=\"b\", serial=\"2\"\nFound DFU: [";
        let found = devices(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].memories, ["a", "b"]);
    }
}
