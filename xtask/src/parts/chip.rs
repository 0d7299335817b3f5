//! The firmware of every board: it builds, fits, can be packed for flashing, its C code keeps a promise, its banks do, and no
//! function takes too much of the stack.

use super::{Context, Tally, banks, frames};
use crate::heap::Heap;
use crate::project::DEFAULT_BOARD;
use crate::variant::Variant;
use crate::verb::build;
use crate::{firmware, process, project::Project, say};
use anyhow::{Context as _, Result, bail};
use std::process::Command;

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let project = context.project;
    // Tests of the virtual board want the other heaps too.
    for heap in Heap::ALL {
        let variant = Variant {
            heap,
            ..Variant::default()
        };
        tally.check(firmware::ensure(project, DEFAULT_BOARD, &variant));
    }
    for board in project.boards()? {
        let name = context.variant.name(&board);
        let built = say::timed(&format!("firmware for {name}"), || {
            firmware::build(project, &board, &context.variant)
        });
        tally.check(built.and_then(|elf| build::write(&elf, &project.root.join("dist"), &name)));
    }
    tally.check(c_code_keeps_the_upper_fp_registers(project, &context.variant));
    let elf = context.variant.elf(project, DEFAULT_BOARD);
    tally.check(frames::fit(project, &elf));
    tally.check(banks::apart(&elf));
    Ok(())
}

/// The C functions that save d11..d15 and were read: none calls anything that could catch an exception inside, so none
/// can find its values changed.
const MAY_SAVE_UPPER: &[&str] = &[
    "mp_cmath_sin",
    "mp_cmath_cos",
    "mp_obj_complex_binary_op",
    "mp_parse_num_decimal",
    "erfc2",
    "tgamma",
    "__lgamma_r",
];
/// And the one by which Rust calls MicroPython, which must save them, to give them back after an exception.
const MUST_SAVE_UPPER: &str = "upy_protected_call";

/// MicroPython's exceptions jump over C frames and restore d8..d10 only (py/nlrthumb.c). A C function that keeps a value
/// in d11..d15 over a call in which an exception is raised and caught may find it changed.
fn c_code_keeps_the_upper_fp_registers(project: &Project, variant: &Variant) -> Result<()> {
    let objdump = process::which("arm-none-eabi-objdump").context("arm-none-eabi-objdump is missing")?;
    let archives = firmware::c_archives(project, DEFAULT_BOARD, variant)?;
    let (mut functions, mut offenders, mut catcher_saves) = (0, Vec::new(), false);
    for archive in &archives {
        let code = process::output(
            Command::new(&objdump)
                .args(["-d", "--no-show-raw-insn"])
                .arg(archive),
        )?;
        let mut function = "";
        for line in code.lines() {
            if let Some(label) = line.strip_suffix(">:") {
                functions += 1;
                function = label.rsplit('<').next().unwrap_or(label);
            } else if saves_upper_registers(line) {
                if function == MUST_SAVE_UPPER {
                    catcher_saves = true;
                } else if !MAY_SAVE_UPPER.contains(&function) {
                    offenders.push(function.to_owned());
                }
            }
        }
    }
    if functions < 1000 {
        bail!("only {functions} C functions were found in {archives:?}: the check looks at the wrong files");
    }
    if !catcher_saves {
        bail!("{MUST_SAVE_UPPER} does not save d11..d15: an exception would change what Rust keeps there");
    }
    if !offenders.is_empty() {
        bail!(
            "C code saves d11..d15, which an exception would not restore: {}",
            offenders.join(", ")
        );
    }
    say::line(format!(
        "   {functions} C functions: none but those read uses a register above d10"
    ));
    Ok(())
}

/// True for `vpush {d8-d11}` and the like; the registers are given as a range or as a list.
fn saves_upper_registers(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.any(|word| word == "vpush" || word == "vstmdb")
        && words.any(|word| {
            word.trim_matches(['{', '}', ',']).split('-').any(|register| {
                register
                    .strip_prefix('d')
                    .and_then(|number| number.parse().ok())
                    .is_some_and(|n: u32| (11..=15).contains(&n))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_of_the_upper_registers_are_seen() {
        assert!(saves_upper_registers("  1c:\tvpush\t{d8-d11}"));
        assert!(saves_upper_registers("  1c:\tvpush\t{d12}"));
        assert!(saves_upper_registers("  1c:\tvstmdb\tsp!, {d8-d15}"));
        assert!(!saves_upper_registers("  1c:\tvpush\t{d8-d10}"));
        assert!(!saves_upper_registers("  1c:\tvpush\t{d1}"));
        assert!(!saves_upper_registers("  1c:\tvpop\t{d8-d15}"));
        assert!(!saves_upper_registers("  1c:\tvmov.f64\td12, d0"));
    }
}
