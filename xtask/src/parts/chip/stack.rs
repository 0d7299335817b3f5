//! How much of the stack C and Rust use between two looks at it, added up from the firmware's instructions.
//!
//! Python's recursion ends where the margin begins (`MICROPY_STACK_CHECK_MARGIN`). Whatever runs from there to the next look
//! has to fit: a function's own frame, and those of all that it calls. Calls by pointer are not followed, so each way is
//! taken to end in another one of [`BY_POINTER_BYTES`].

use crate::{process, say};
use anyhow::{Context, Result, bail};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Command;

/// What a call by a type's slot may add: an operation, a comparison, a print.
const BY_POINTER_BYTES: u32 = 3 << 10;
/// An interrupt's frame with the floating-point registers, and its handler.
const INTERRUPT_BYTES: u32 = 1 << 10;

/// These look at the stack.
const CHECKS: &[&str] = &[
    "mp_cstack_check",
    "upy_core_cstack_check",
    "mp_stack_check",
    "upy_stack_room",
];

/// Only run before Python does, on a stack that is nearly empty.
const AT_START: &[&str] = &[
    "main",
    "Reset",
    "firmware::ram::start",
    "firmware::python::run",
    "upy::heap::use_memory",
    "upy::interpreter::use_heap",
];
/// Their ways end in a reset, or they have a stack of their own.
const LAST: &[&str] = &[
    "spiram_fault",
    "nlr_jump_fail",
    "core::panicking",
    "rust_begin_unwind",
    "__rustc::rust_begin_unwind",
    "rustc::rust_begin_unwind",
];

/// Frames whose size is known only when they run, and why each is bounded.
const VARIABLE: &[(&str, &str)] = &[
    (
        "fun_bc_call",
        "alloca, which looks at the stack first (mpconfigport.h)",
    ),
    ("mp_call_method_self_n_kw", "alloca, as above"),
    ("mp_import_from", "alloca, as above"),
    ("do_import_name", "alloca, as above"),
    ("evaluate_relative_import", "alloca, as above"),
    (
        "framebuf_poly",
        "an array, before which our edit looks at the stack",
    ),
    (
        "re_sub_helper",
        "an array for the groups of a pattern, which are 255 at most, of 8 bytes each",
    ),
];
const VARIABLE_BYTES: u32 = 2048;

/// Call themselves without a look at the stack, and why each ends.
const BOUNDED: &[(&str, &str)] = &[];

struct Function {
    name: String,
    frame: u32,
    calls: Vec<u32>,
    varies: bool,
}

/// Adds up the ways through a firmware; fails if one is longer than the margin allows.
pub fn fits(elf: &Path, config: &str) -> Result<()> {
    let margin = margin(config).context("mpconfigport.h has no MICROPY_STACK_CHECK_MARGIN (n * 1024)")?;
    let objdump = process::which("arm-none-eabi-objdump").context("arm-none-eabi-objdump is missing")?;
    let code = process::output(
        Command::new(&objdump)
            .args(["-d", "-C", "--no-show-raw-insn"])
            .arg(elf),
    )?;
    let functions = read(&code);
    if functions.len() < 1000 {
        bail!(
            "only {} functions were found in {}: the check looks at the wrong file",
            functions.len(),
            elf.display()
        );
    }
    let limit = margin - BY_POINTER_BYTES - INTERRUPT_BYTES;
    let mut ways = Ways::new(&functions);
    let mut faults: Vec<String> = functions
        .values()
        .filter(|f| f.varies && !VARIABLE.iter().any(|(name, _)| *name == f.name))
        .map(|f| format!("{} has a frame of unknown size", f.name))
        .collect();
    let mut longest: Vec<(u32, u32)> = functions
        .iter()
        .filter(|(_, f)| !is_one_of(&f.name, AT_START) && !is_one_of(&f.name, LAST))
        .map(|(&address, _)| (ways.bytes(address), address))
        .collect();
    longest.sort_unstable_by(|a, b| b.cmp(a));
    for &(bytes, address) in longest.iter().filter(|(bytes, _)| *bytes > limit) {
        faults.push(format!("{bytes} bytes by {}", ways.path(address)));
    }
    faults.extend(ways.endless);
    let mut largest: Vec<(u32, &str)> = functions.values().map(|f| (f.frame, f.name.as_str())).collect();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    for (bytes, name) in largest.iter().take(5) {
        say::line(format!("   frame of {bytes:>5} bytes: {name}"));
    }
    if let Some(&(bytes, address)) = longest.first() {
        let mut ways = Ways::new(&functions);
        ways.bytes(address);
        say::line(format!(
            "   longest way {bytes} bytes of {limit}: {}",
            ways.path(address)
        ));
    }
    if !faults.is_empty() {
        bail!(
            "stack beyond Python's margin of {margin} bytes, of which {limit} count here:\n  {}",
            faults.join("\n  ")
        );
    }
    Ok(())
}

/// `(12 * 1024)` behind the name.
fn margin(config: &str) -> Option<u32> {
    let (_, rest) = config.split_once("#define MICROPY_STACK_CHECK_MARGIN")?;
    let (kilobytes, _) = rest.split_once('(')?.1.split_once('*')?;
    kilobytes.trim().parse::<u32>().ok().map(|n| n * 1024)
}

fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.iter().any(|known| {
        name == *known
            || name
                .strip_prefix(known)
                .is_some_and(|rest| rest.starts_with("::"))
    })
}

/// Ways from a function down.
struct Ways<'a> {
    functions: &'a HashMap<u32, Function>,
    known: HashMap<u32, (u32, Option<u32>)>,
    open: Vec<u32>,
    endless: Vec<String>,
}

impl<'a> Ways<'a> {
    fn new(functions: &'a HashMap<u32, Function>) -> Self {
        Ways {
            functions,
            known: HashMap::new(),
            open: Vec::new(),
            endless: Vec::new(),
        }
    }

    fn bytes(&mut self, address: u32) -> u32 {
        if let Some((bytes, _)) = self.known.get(&address) {
            return *bytes;
        }
        let functions = self.functions;
        let Some(function) = functions.get(&address) else {
            return 0;
        };
        if is_one_of(&function.name, LAST) {
            return 0;
        }
        if let Some(start) = self.open.iter().position(|&open| open == address) {
            self.circle(start);
            return 0;
        }
        self.open.push(address);
        let mut below = (0, None);
        for &callee in &function.calls {
            let bytes = self.bytes(callee);
            if bytes > below.0 {
                below = (bytes, Some(callee));
            }
        }
        self.open.pop();
        let own = function.frame + if function.varies { VARIABLE_BYTES } else { 0 };
        self.known.insert(address, (own + below.0, below.1));
        own + below.0
    }

    /// A function that is reached from itself must look at the stack on the way.
    fn circle(&mut self, start: usize) {
        let members: Vec<&Function> = self.open[start..]
            .iter()
            .filter_map(|address| self.functions.get(address))
            .collect();
        let checked = members.iter().any(|f| {
            f.calls
                .iter()
                .filter_map(|call| self.functions.get(call))
                .any(|callee| CHECKS.contains(&callee.name.as_str()))
        });
        let bounded = members
            .iter()
            .any(|f| BOUNDED.iter().any(|(name, _)| *name == f.name));
        if !checked && !bounded {
            let names: Vec<&str> = members.iter().map(|f| f.name.as_str()).collect();
            let line = format!("calls itself without a look at the stack: {}", names.join(" > "));
            if !self.endless.contains(&line) {
                self.endless.push(line);
            }
        }
    }

    fn path(&self, address: u32) -> String {
        let (mut names, mut next) = (Vec::new(), Some(address));
        while let Some(address) = next {
            names.extend(
                self.functions
                    .get(&address)
                    .map(|f| format!("{} {}", f.name, f.frame)),
            );
            next = self.known.get(&address).and_then(|(_, below)| *below);
        }
        names.join(" > ")
    }
}

/// Functions by address, from objdump's text.
fn read(code: &str) -> HashMap<u32, Function> {
    let mut functions = HashMap::new();
    let mut current = None;
    for line in code.lines() {
        if let Some((address, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            let Ok(address) = u32::from_str_radix(address, 16) else {
                continue;
            };
            current = Some(address);
            functions.insert(
                address,
                Function {
                    name: plain(name),
                    frame: 0,
                    calls: Vec::new(),
                    varies: false,
                },
            );
        } else if let Some(function) = current.and_then(|address| functions.get_mut(&address)) {
            instruction(line, function);
        }
    }
    let known: HashSet<u32> = functions.keys().copied().collect();
    for function in functions.values_mut() {
        function.calls.retain(|call| known.contains(call));
    }
    functions
}

/// Without the hash that Rust appends.
fn plain(name: &str) -> String {
    match name.rsplit_once("::h") {
        Some((head, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            head.to_owned()
        }
        _ => name.to_owned(),
    }
}

fn instruction(line: &str, function: &mut Function) {
    let mut fields = line.split('\t').skip(1);
    let (Some(operation), operands) = (fields.next().map(str::trim), fields.next().unwrap_or("")) else {
        return;
    };
    let operands = operands.split([';', '@']).next().unwrap_or("").trim();
    let operation = operation.trim_end_matches(".w").trim_end_matches(".n");
    match operation {
        "push" => function.frame += 4 * registers(operands),
        "stmdb" if operands.starts_with("sp!") => function.frame += 4 * registers(operands),
        "vpush" => function.frame += 8 * registers(operands),
        "sub" | "subw" if operands.starts_with("sp,") => match immediate(operands) {
            Some(bytes) => function.frame += bytes,
            None => function.varies = true,
        },
        "str" | "strd" if operands.ends_with("]!") => {
            if let Some((_, bytes)) = operands.trim_end_matches("]!").split_once("[sp, #-") {
                function.frame += bytes.parse().unwrap_or(0);
            }
        }
        // A branch to a function's beginning is a call at its end.
        "bl" | "b" => {
            let target = operands
                .split(' ')
                .next()
                .and_then(|target| u32::from_str_radix(target, 16).ok());
            function.calls.extend(target);
        }
        _ => {}
    }
}

/// The number behind the last `#`.
fn immediate(operands: &str) -> Option<u32> {
    let (_, number) = operands.rsplit_once('#')?;
    match number.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    }
}

/// How many registers `{r4, r5, lr}` or `{d8-d10}` names.
fn registers(operands: &str) -> u32 {
    let list = operands.split(['{', '}']).nth(1).unwrap_or("");
    let number = |name: &str| name.trim().get(1..).and_then(|digits| digits.parse::<u32>().ok());
    list.split(',')
        .map(|item| match item.split_once('-') {
            Some((first, last)) => number(last)
                .zip(number(first))
                .map_or(1, |(last, first)| last - first + 1),
            None => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "\
08000100 <outer>:
 8000100:\tpush\t{r4, r5, r6, lr}
 8000102:\tvpush\t{d8-d10}
 8000104:\tsub.w\tsp, sp, #1024\t@ 0x400
 8000108:\tbl\t8000200 <inner>
08000200 <inner>:
 8000200:\tstmdb\tsp!, {r4, r5, r6, r7, r8, lr}
 8000204:\tsub\tsp, #8
 8000208:\tb.w\t8000300 <last>
08000300 <last>:
 8000300:\tstr.w\tlr, [sp, #-4]!
 8000304:\tbl\t8000200 <inner>
08000400 <array>:
 8000400:\tsub.w\tsp, sp, r3
";

    #[test]
    fn frames_and_ways_are_added_up() {
        let functions = read(CODE);
        let frames = [0x0800_0100, 0x0800_0200, 0x0800_0300].map(|address| functions[&address].frame);
        assert_eq!(frames, [16 + 24 + 1024, 24 + 8, 4]);
        assert!(functions[&0x0800_0400].varies && !functions[&0x0800_0100].varies);
        let mut ways = Ways::new(&functions);
        assert_eq!(ways.bytes(0x0800_0100), 1064 + 32 + 4);
        assert_eq!(ways.path(0x0800_0100), "outer 1064 > inner 32 > last 4");
    }

    #[test]
    fn a_circle_without_a_look_at_the_stack_is_found() {
        let functions = read(CODE);
        let mut ways = Ways::new(&functions);
        ways.bytes(0x0800_0100);
        assert_eq!(
            ways.endless,
            ["calls itself without a look at the stack: inner > last"]
        );
    }

    #[test]
    fn the_margin_is_read_from_the_configuration() {
        assert_eq!(
            margin("#define MICROPY_STACK_CHECK_MARGIN          (12 * 1024)\n"),
            Some(12288)
        );
    }
}
