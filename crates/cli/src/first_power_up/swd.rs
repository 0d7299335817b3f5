//! What OpenOCD and probe-rs print when they look for the chip by SWD.

use super::verdict::{REPLACE, Verdict, udev};

/// Below this the chip is in reset by its own brown-out level at the latest.
const LEAST_VOLT: f64 = 1.6;
/// DBGMCU_IDC's lower 12 bits: H7A3 and H7B0; H742 to H753; H723 to H735.
const DEVICE_IDS: &[(u32, Family)] = &[
    (0x480, Family::H7a3),
    (0x450, Family::H750),
    (0x483, Family::Other),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    H7a3,
    H750,
    Other,
}

const UNDER_RESET: &str = "connect under reset: the probe's NRST to NRST on the weact's header, on the devebox by a wire to the reset button; \
then `probe-rs info --connect-under-reset`, or openocd with -c \"reset_config srst_only connect_assert_srst\"";
const SIZE: &str = "read the size of its flash: openocd -f interface/stlink.cfg -f target/stm32h7x.cfg -c \"init; reset halt; flash probe 0; exit\"";

/// What the text shows; `None` if it is of neither tool.
pub fn read(text: &str, board: &str) -> Option<Verdict> {
    chip(text, board).or_else(|| probe(text)).or_else(|| {
        let known = [
            "Open On-Chip Debugger",
            "probe-rs",
            "Probing target via",
            "processor detected",
        ];
        known
            .iter()
            .any(|word| text.contains(word))
            .then(|| Verdict::not_yet("a probe, but the text ends before the chip is named").then(SIZE))
    })
}

/// The chip answered.
fn chip(text: &str, board: &str) -> Option<Verdict> {
    let family = family(text)?;
    let size_kb = size_kb(text);
    Some(match (family, size_kb) {
        (Family::H7a3, Some(2048)) => Verdict::ready("by SWD an STM32H7A3 with 2 MB of flash")
            .then(format!("flash it: probe-rs download --chip STM32H7A3VITx dist/spiram-{board}.elf, or openocd with \"program dist/spiram-{board}.elf verify reset exit\"")),
        (Family::H7a3, None) => Verdict::not_yet("by SWD an STM32H7A3 or H7B0; the text does not say how much flash it has").then(SIZE),
        (Family::H7a3, Some(kb)) => {
            Verdict::not_yet(format!("a chip of the H7A3's family with {kb} KB of flash, expected 2048 KB")).then(REPLACE)
        }
        (Family::H750, kb) => Verdict::not_yet(match kb {
            Some(128) => "an STM32H750 (128 KB of flash): the chip that the board came with is still in place".to_owned(),
            Some(kb) => format!("an STM32H743 or one like it, {kb} KB of flash"),
            None => "an STM32H74x or H75x: the chip that the board came with is still in place".to_owned(),
        })
        .then(REPLACE),
        (Family::Other, _) => Verdict::not_yet("an STM32H72x or H73x, expected an STM32H7A3").then(REPLACE),
    })
}

/// By OpenOCD's words, or by the word at 0x5C00_1000 that `probe-rs read b32` prints.
fn family(text: &str) -> Option<Family> {
    let named = [
        ("STM32H7Ax/7Bx", Family::H7a3),
        ("STM32H74x/75x", Family::H750),
        ("STM32H72x/73x", Family::Other),
    ];
    if let Some((_, family)) = named
        .iter()
        .find(|(name, _)| text.contains(&format!("Device: {name}")))
    {
        return Some(*family);
    }
    let word = text
        .split_whitespace()
        .find(|word| word.len() == 8 && (word.starts_with("1000") || word.starts_with("2000")))?;
    let id = u32::from_str_radix(word, 16).ok()? & 0xFFF;
    DEVICE_IDS
        .iter()
        .find(|(known, _)| *known == id)
        .map(|(_, family)| *family)
}

fn size_kb(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("flash size probed value ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The chip did not answer: how far it came.
fn probe(text: &str) -> Option<Verdict> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&[
        "LIBUSB_ERROR_ACCESS",
        "Permission denied",
        "This could be a permission issue",
    ]) {
        return Some(Verdict::not_yet("a probe that this user may not open").then(udev("0483")));
    }
    if has(&[
        "Error: open failed",
        "No connected probes were found",
        "No debug probes were found",
        "No probe was found",
        "unable to find a matching CMSIS-DAP device",
    ]) {
        return Some(
            Verdict::not_yet("no debug probe on USB")
                .then("plug the probe in; `lsusb` shows an ST-LINK as 0483:374x")
                .then("for another probe than an ST-LINK name its file to openocd, such as interface/cmsis-dap.cfg"),
        );
    }
    if let Some(volts) = volts(text).filter(|volts| *volts < LEAST_VOLT) {
        return Some(
            Verdict::not_yet(format!(
                "a probe, but {volts:.2} V at its VTref: the board has no supply"
            ))
            .then("supply the board by its USB socket, and join the probe's VTref to 3V3 and GND to GND")
            .then("if it still has none: look for a short between 3V3 and GND before anything else"),
        );
    }
    has(&["unable to connect to the target", "attaching to target under reset", "JtagNoDeviceConnected", "SwdDpWait", "Connecting to the chip was unsuccessful", "Cannot connect to"])
        .then(|| {
            Verdict::not_yet("a probe, but no answer from the chip")
                .then("SWDIO is PA13, SWCLK PA14: look at pins 72 and 76, and at each VDD pin, for joints that are open")
                .then(UNDER_RESET)
        })
}

fn volts(text: &str) -> Option<f64> {
    let (_, rest) = text.split_once("Target voltage: ")?;
    rest.split_whitespace().next()?.parse().ok()
}
