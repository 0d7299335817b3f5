//! `spiram doctor`: all that can be asked of a board, on a serial port or of the virtual board, as one report to attach to an issue.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::asked::Whom;
use crate::failure::Failure;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    whom: Whom,

    /// Also write the report to this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// The report as data
    #[arg(long)]
    json: bool,
}

/// One question.
struct Step {
    name: &'static str,
    /// Python for it; what it raises, or `False` as its last line, is a finding.
    source: &'static str,
    /// No answer takes longer.
    limit_s: u64,
}

const STEPS: &[Step] = &[
    Step {
        name: "firmware",
        source: "import sys, os\nprint(sys.version)\nprint(*os.uname())",
        limit_s: 10,
    },
    Step {
        name: "last fault",
        source: "import spiram\nprint(spiram.last_fault())",
        limit_s: 10,
    },
    Step {
        name: "memory chip",
        source: "i = spiram.info()\nfor k in i: print(k, '=', i[k])\nprint(i['size'] > 0)",
        limit_s: 10,
    },
    Step {
        name: "supply",
        source: "m = i['brown_out_mv']\nprint('the chip resets below', m, 'mV;', 'as the memory wants' if m >= 2700 else 'the memory wants 2700 (docs/bring-up.md)')",
        limit_s: 10,
    },
    Step {
        name: "diagnosis",
        source: "d = spiram.diagnose()\nprint('no bad joint was looked for: the chip is in use' if d is None else d)",
        limit_s: 10,
    },
    Step {
        name: "sweep",
        source: "i = spiram.info()\nif i['mode'] == 'QPI': spiram.sweep()\nelse: print('no memory on four lines')",
        limit_s: 60,
    },
    Step {
        name: "memory test",
        source: "print(spiram.memtest(), 'bytes tested') if i['size'] else print('no memory to test')",
        limit_s: 60,
    },
    Step {
        name: "self-test",
        source: "print(spiram.selftest()) if i['size'] else print('no memory to test')",
        limit_s: 300,
    },
    Step {
        name: "heap",
        source: "h = spiram.heap()\nfor k in h: print(k, '=', h[k])",
        limit_s: 10,
    },
];

/// An answer.
struct Answer {
    step: &'static str,
    text: String,
    is_good: bool,
}

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut board = args.whom.ask()?;
    let mut answers = Vec::new();
    for (n, step) in STEPS.iter().enumerate() {
        eprintln!("[{}/{}] {}", n + 1, STEPS.len(), step.name);
        let said = board.port.ask(step.source, step.limit_s)?;
        let text = format!("{}{}", said.out, said.error).replace('\r', "");
        let is_good = said.error.is_empty() && text.trim_end().lines().last() != Some("False");
        answers.push(Answer {
            step: step.name,
            text,
            is_good,
        });
    }
    board.port.leave();
    let report = if args.json {
        as_json(&answers)
    } else {
        as_text(&board.path, &answers)
    };
    print!("{report}");
    if let Some(path) = &args.report {
        fs::write(path, &report)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
    }
    let is_good = answers.iter().all(|answer| answer.is_good);
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn as_text(path: &Path, answers: &[Answer]) -> String {
    let mut text = format!(
        "spiram doctor {}, on {}\n",
        env!("CARGO_PKG_VERSION"),
        path.display()
    );
    for Answer {
        step,
        text: said,
        is_good,
    } in answers
    {
        let verdict = if *is_good { "good" } else { "LOOK AT THIS" };
        text += &format!("\n== {step}: {verdict}\n{}\n", said.trim_end());
    }
    text
}

fn as_json(answers: &[Answer]) -> String {
    let steps: Vec<_> = answers
        .iter()
        .map(|answer| serde_json::json!({"step": answer.step, "good": answer.is_good, "said": answer.text}))
        .collect();
    format!(
        "{}\n",
        serde_json::json!({"version": env!("CARGO_PKG_VERSION"), "steps": steps})
    )
}
