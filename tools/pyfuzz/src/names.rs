//! What there is to call, learned from the board: every module, every name in it, every name of every object.

use crate::grammar::makers::MAKERS;
use crate::ground::Ground;
use crate::prelude::words;

/// Left out of the grammar: what may bring the board down by its nature, or ends a run by what it is for.
pub const DANGERS: &[(&str, &str)] = &[
    ("machine.mem8", "reads and writes any address"),
    ("machine.mem16", "reads and writes any address"),
    ("machine.mem32", "reads and writes any address"),
    ("uctypes.struct", "lays a structure over any address"),
    ("uctypes.bytes_at", "reads any address"),
    ("uctypes.bytearray_at", "reads and writes any address"),
    ("micropython.asm_thumb", "is machine code"),
    (
        "micropython.viper",
        "has pointers; the grammar has a viper function without any",
    ),
    ("machine.reset", "resets, as it should"),
    ("machine.bootloader", "leaves the firmware, as it should"),
    ("machine.deepsleep", "ends in a reset, as it should"),
    (
        "machine.lightsleep",
        "stops the console's clock, so that Ctrl-C is lost, as it should",
    ),
    ("machine.WDT", "resets, as it should"),
    ("machine.soft_reset", "ends the program"),
    ("sys.exit", "ends the program"),
    ("builtins.SystemExit", "ends the program when it is raised"),
    ("os.dupterm", "gives the console to somebody, as it should"),
    ("micropython.kbd_intr", "switches Ctrl-C off, as it should"),
    (
        "marshal.loads",
        "takes bytecode, which is machine code of another machine",
    ),
    ("spiram.selftest", "takes seconds"),
    ("spiram.speed", "takes a quarter of a second"),
    ("builtins.KeyboardInterrupt", "is what the fuzzer itself sends"),
    ("builtins.BaseException", "catches what the fuzzer itself sends"),
];

/// A name in a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// `module.name`, or the name alone for a built-in one.
    pub path: String,
    /// Whether it can be called.
    pub is_callable: bool,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Importable.
    pub modules: Vec<String>,
    /// In modules.
    pub names: Vec<Name>,
    /// For each of [`MAKERS`] the names of its object.
    pub of_makers: Vec<Vec<String>>,
    /// All of those.
    pub attributes: Vec<String>,
}

const LEARN: &str = "\
def learn_(m, o):
 for n in dir(o):
  try: x = getattr(o, n)
  except Exception: continue
  print('N', m + n, 1 if callable(x) else 0)
  if isinstance(x, type): print('T', m + n, *dir(x))
";

/// Built-ins that the compiler calls, and a script can, too.
const CALLABLE_DUNDERS: &[&str] = &["__import__", "__build_class__", "__repl_print__"];

impl Names {
    /// Asks the board.
    pub fn learn(board: &mut dyn Ground) -> Result<Names, String> {
        let mut names = Names::default();
        let help = board.ask("help('modules')")?;
        let (list, _) = help.split_once("Plus any").unwrap_or((&help, ""));
        let mut modules: Vec<String> = list
            .split_whitespace()
            .map(|module| module.trim_end_matches("/__init__").replace('/', "."))
            .filter(|module| !module.starts_with('_') || module == "_asyncio")
            .collect();
        modules.sort();
        modules.dedup();
        board.ask(LEARN)?;
        for module in modules {
            // What is frozen may ask for things that the board lacks.
            if board.ask(&format!("import {module}")).is_err() {
                continue;
            }
            let prefix = if module == "builtins" {
                String::new()
            } else {
                format!("{module}.")
            };
            let said = board.ask(&format!("learn_({prefix:?}, {module})"))?;
            names.read(&said);
            names.modules.push(module);
        }
        Ok(names)
    }

    /// Asks for the names of each maker's object, once the prelude is there.
    pub fn learn_makers(&mut self, board: &mut dyn Ground) -> Result<(), String> {
        // One that needs what this firmware lacks has no names.
        let mut source = String::from("def m_(f):\n try: print(*dir(f()))\n except Exception: print()\n");
        for (maker, _) in MAKERS {
            source += &format!("m_(lambda: {maker})\n");
        }
        let said = board.ask(&source)?;
        for line in said.lines() {
            let mut known: Vec<String> = words(line).map(str::to_owned).collect();
            known.sort();
            self.attributes.extend(known.iter().cloned());
            self.of_makers.push(known);
        }
        self.attributes.sort();
        self.attributes.dedup();
        Ok(())
    }

    /// What can be called, in order.
    pub fn functions(&self) -> impl Iterator<Item = &Name> {
        self.names.iter().filter(|name| name.is_callable)
    }

    /// Some maker whose object has this attribute.
    pub fn owner(&self, attribute: usize, rng: &mut fastrand::Rng) -> Option<usize> {
        let name = self.attributes.get(attribute)?;
        let start = rng.usize(..self.of_makers.len().max(1));
        let all = (start..self.of_makers.len()).chain(0..start);
        all.into_iter()
            .find(|&maker| self.of_makers[maker].binary_search(name).is_ok())
    }

    fn read(&mut self, said: &str) {
        for line in said.lines() {
            let mut fields = line.split_whitespace();
            match (fields.next(), fields.next()) {
                (Some("N"), Some(path)) => {
                    let full = if path.contains('.') {
                        path.to_owned()
                    } else {
                        format!("builtins.{path}")
                    };
                    if DANGERS.iter().any(|(danger, _)| *danger == full)
                        || path.contains("__") && !CALLABLE_DUNDERS.contains(&path)
                    {
                        continue;
                    }
                    let mut flag = || fields.next() == Some("1");
                    self.names.push(Name {
                        path: path.to_owned(),
                        is_callable: flag(),
                    });
                }
                (Some("T"), Some(_)) => self.attributes.extend(fields.map(str::to_owned)),
                _ => {}
            }
        }
    }
}
