//! `spiram decode`: two words of somebody's log, what was read and what was expected, as a verdict about the memory chip's pins.
//!
//! The words came over four lines, a nibble at a time: so each line has every fourth bit.

use std::process::ExitCode;

use psram::diagnose::{self, PADS, Told};

use crate::failure::Failure;

#[derive(clap::Args)]
pub struct Args {
    /// What the log says: "read 18098001 expected 5A698421"
    #[arg(required = true, value_name = "WORDS")]
    words: Vec<String>,

    /// The verdict as data
    #[arg(long)]
    json: bool,
}

const READ: &[&str] = &["read", "found", "got", "was", "is"];
const EXPECTED: &[&str] = &["expected", "wrote", "written", "should"];

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let text = args.words.join(" ");
    let (read, expected) = parse(&text)?;
    let (verdict, errors) = diagnose::decode(&read, &expected);
    let told = Told {
        verdict: &verdict,
        wiring: None,
    };
    if args.json {
        let pins: Vec<_> = verdict.pads().map(|pad| pad.number).collect();
        let json = serde_json::json!({
            "pins": pins,
            "ones_lost": errors.ones_lost,
            "zeros_gained": errors.zeros_gained,
            "verdict": told.to_string(),
        });
        println!("{json}");
        return Ok(ExitCode::SUCCESS);
    }
    for (n, pad) in PADS.iter().enumerate().take(4) {
        println!(
            "pin {} {:8} lost {} of {} ones, gained {} of {} zeros",
            pad.number,
            pad.name,
            errors.ones_lost[n],
            errors.sent[0][n],
            errors.zeros_gained[n],
            errors.sent[1][n]
        );
    }
    println!("{told}");
    Ok(ExitCode::SUCCESS)
}

/// What was read, and what was expected, as bytes.
fn parse(text: &str) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let (mut read, mut expected, mut next) = (None, None, None);
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let lower = word.to_ascii_lowercase();
        if READ.contains(&&*lower) {
            next = Some(false);
        } else if EXPECTED.contains(&&*lower) {
            next = Some(true);
        } else if let Some(bytes) = bytes(&lower) {
            match next.take() {
                Some(true) => expected = Some(bytes),
                Some(false) => read = Some(bytes),
                None => {}
            }
        }
    }
    match (read, expected) {
        (Some(read), Some(expected)) if read.len() == expected.len() => Ok((read, expected)),
        (Some(read), Some(expected)) => Err(Failure::new(format!(
            "what was read has {} bytes, and what was expected {}",
            read.len(),
            expected.len()
        ))
        .hint("write both with all their digits: 00000001, not 1")),
        (read, _) => Err(Failure::new(format!(
            "no number after `{}` in `{text}`",
            if read.is_some() { "expected" } else { "read" }
        ))
        .hint("as in: spiram decode \"read 18098001 expected 5A698421\"")),
    }
}

/// An even number of hexadecimal digits.
fn bytes(word: &str) -> Option<Vec<u8>> {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    let is_number =
        digits.len() >= 2 && digits.len() % 2 == 0 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_number.then(|| {
        let pairs = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]);
        pairs
            .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_order_and_spelling() {
        let pair = Ok((vec![0x18, 9, 0x80, 1], vec![0x5A, 0x69, 0x84, 0x21]));
        for text in [
            "read 18098001 expected 5A698421",
            "PSRAM: read 0x18098001, but expected 0x5a698421!",
            "expected=5A698421 found=18098001",
            "wrote 5A698421 at 10, got 18098001",
        ] {
            assert_eq!(parse(text).map_err(|_| ()), pair, "{text}");
        }
        for text in ["", "read 1 expected 2", "read 12 expected 1234", "expected 1234"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
