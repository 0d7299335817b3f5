//! `spiram sweep`: at which clocks and sample points the PSRAM of a board answers rightly, as text, picture or data.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use psram::train::{Best, Point, Setting, Sweep};

use crate::asked::Whom;
use crate::failure::Failure;

mod picture;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    whom: Whom,

    /// Also draw it, as SVG, into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// As data
    #[arg(long)]
    json: bool,
}

const SOURCE: &str = "import spiram
for p in spiram.sweep(): print('point', *p)
print('now', spiram.info()['clock_hz'])";
const LIMIT_S: u64 = 60;

/// What a board said of its link.
struct Found {
    sweep: Sweep,
    now_hz: u32,
}

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut board = args.whom.ask()?;
    let said = board.port.ask(SOURCE, LIMIT_S)?;
    board.port.leave();
    let last = said.error.trim_end().lines().last().unwrap_or_default();
    if last.starts_with("AttributeError") {
        return Err(Failure::new("the firmware on the board has no sweep()").hint("flash a newer one"));
    }
    if !last.is_empty() {
        return Err(Failure::new(format!("the board could not be swept: {last}"))
            .hint("`spiram doctor` says what is wrong with it"));
    }
    let found = parse(&said.out).ok_or_else(|| {
        Failure::new(format!(
            "the board answered otherwise than expected: {:?}",
            said.out
        ))
    })?;
    if let Some(path) = &args.svg {
        fs::write(path, picture::draw(&found))
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
    }
    if args.json {
        println!("{}", as_json(&found));
    } else {
        let plot = said.out.lines().filter(|line| !is_data(line));
        plot.for_each(|line| println!("{}", line.trim_end()));
    }
    Ok(match found.sweep.best() {
        Some(_) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

fn is_data(line: &str) -> bool {
    line.starts_with("point ") || line.starts_with("now ")
}

fn parse(said: &str) -> Option<Found> {
    let (mut sweep, mut now_hz) = (Sweep::default(), None);
    for line in said.lines().filter(|line| is_data(line)) {
        let mut words = line.split_whitespace();
        let what = words.next();
        let numbers: Vec<u32> = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
        match (what, &*numbers) {
            (Some("now"), &[hz]) => now_hz = Some(hz),
            (_, &[clock_hz, late, errors, bits]) => sweep.add(Point {
                setting: Setting {
                    clock_hz,
                    late: late == 1,
                },
                errors,
                bits,
            }),
            _ => return None,
        }
    }
    Some(Found {
        sweep,
        now_hz: now_hz?,
    })
}

fn as_json(found: &Found) -> serde_json::Value {
    let points: Vec<_> = found
        .sweep
        .points()
        .iter()
        .map(|point| {
            serde_json::json!({
                "clock_hz": point.setting.clock_hz,
                "late": point.setting.late,
                "sample_ps": point.setting.sample_ps(),
                "errors": point.errors,
                "bits": point.bits,
            })
        })
        .collect();
    let best = found.sweep.best().map(|Best { setting, margin_ps }| {
        serde_json::json!({"clock_hz": setting.clock_hz, "late": setting.late, "margin_ps": margin_ps})
    });
    serde_json::json!({
        "points": points,
        "answer_ps": found.sweep.answer_ps(),
        "now_hz": found.now_hz,
        "best": best,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "  MHz  sampled\r\npoint 50000000 0 9 100\r\npoint 50000000 1 0 100\r\npoint 84000000 1 0 100\r\nnow 50000000\r\n";

    #[test]
    fn an_answer_is_read_and_drawn() {
        let found = parse(SAID).expect("an answer");
        assert_eq!((found.sweep.points().len(), found.now_hz), (3, 50_000_000));
        assert_eq!(as_json(&found)["points"][0]["errors"], 9);
        assert_eq!(as_json(&found)["answer_ps"], 11_904);
        let svg = picture::draw(&found);
        assert_eq!(
            svg.matches("<circle").count(),
            4,
            "three points, and a ring around the one in force"
        );
        assert!(
            svg.starts_with("<svg") && svg.contains("best: 50 MHz, 8.1 ns to spare"),
            "{svg}"
        );
        assert!(parse("point x\nnow 1").is_none() && parse("point 1 2 3 4").is_none());
    }
}
