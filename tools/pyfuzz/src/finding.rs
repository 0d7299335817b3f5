//! What was found: made small, and written down as a script that a person can run.

use crate::grammar;
use crate::ground::{End, Ground, Loss};
use crate::names::Names;
use crate::node::Node;
use crate::{prelude, shrink};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const TRIALS: usize = 600;
const SLOW_TRIALS: usize = 80;

/// All findings of a run, one of each kind.
pub struct Findings {
    folder: PathBuf,
    modules: Vec<String>,
    met: BTreeMap<String, u32>,
}

/// The line that makes the names of modules known.
pub fn imports(names: &Names) -> String {
    let modules = names.modules.iter().map(|module| format!("import {module}\n"));
    modules.collect()
}

impl Findings {
    /// Writes into this folder.
    pub fn new(folder: &Path, names: &Names) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Findings {
            folder: folder.to_owned(),
            modules: names.modules.clone(),
            met: BTreeMap::new(),
        })
    }

    /// How many kinds there are.
    pub fn count(&self) -> usize {
        self.met.len()
    }

    /// Whether none of this kind was met yet.
    pub fn is_new(&self, loss: &Loss) -> bool {
        !self.met.contains_key(&loss.kind)
    }

    /// Takes a file that brought the board down, and the script that does it.
    pub fn note(&mut self, number: u64, file: &str, script: &str, loss: Loss) -> Result<(), String> {
        let times = self.met.entry(loss.kind.clone()).or_default();
        *times += 1;
        if *times > 1 {
            return Ok(());
        }
        eprintln!("pyfuzz: {file} {number}: {}", loss.kind);
        let path = self.folder.join(format!("{file}-{}.py", file_name(&loss.kind)));
        let comment = comment(&format!("{file} {number}: {}\n{}", loss.kind, loss.details));
        let text = format!("{comment}{}{script}", crate::files::SOURCE);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Takes a program that brought the board down. The first of a kind is made small.
    pub fn meet(
        &mut self,
        board: &mut dyn Ground,
        seed: u64,
        program: Vec<Node>,
        begun: u32,
        loss: Loss,
    ) -> Result<(), String> {
        let times = self.met.entry(loss.kind.clone()).or_default();
        *times += 1;
        if *times > 1 {
            return Ok(());
        }
        eprintln!("pyfuzz: seed {seed}: {}", loss.kind);
        let path = self.folder.join(format!("{}.py", file_name(&loss.kind)));
        // Before anything else: making it small may take long.
        let whole = self.script(&program, &loss, seed);
        fs::write(&path, whole).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut begun_only = program;
        begun_only.truncate(begun.max(1) as usize);
        // Each trial of something slow is slow.
        let trials = if loss.kind.contains("Ctrl-C") {
            SLOW_TRIALS
        } else {
            TRIALS
        };
        let mut last = loss.clone();
        let small = shrink::shrink(begun_only, trials, |trial| {
            match board.run(&grammar::text(trial)).end {
                End::Lost(other) if other.kind == loss.kind => {
                    last = other;
                    true
                }
                _ => false,
            }
        });
        let text = self.script(&small, &last, seed);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        eprintln!(
            "pyfuzz: written to {}:\n{}",
            path.display(),
            grammar::script(&small)
        );
        Ok(())
    }

    fn script(&self, program: &[Node], loss: &Loss, seed: u64) -> String {
        let body = grammar::script(program);
        let body = if body.contains("D_") || body.contains("/r") {
            format!("D_ = disk()\n{body}")
        } else {
            body
        };
        let needed = prelude::needed(&body);
        let comment = comment(&format!("seed {seed}: {}\n{}", loss.kind, loss.details));
        let all = format!("{needed}{body}");
        let used = |module: &&String| {
            prelude::words(&all).any(|word| word == module.split('.').next().unwrap_or(module))
        };
        let imports: String = self
            .modules
            .iter()
            .filter(used)
            .map(|module| format!("import {module}\n"))
            .collect();
        format!("{comment}{imports}{all}")
    }
}

fn comment(text: &str) -> String {
    text.lines().map(|line| format!("# {line}\n")).collect()
}

/// Letters, digits and hyphens.
fn file_name(kind: &str) -> String {
    let plain: String = kind
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-").chars().take(90).collect()
}
