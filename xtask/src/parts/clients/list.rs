//! `tests/clients/clients.toml`: the clients, what they do, and what cannot work yet.

use anyhow::{Context, Result, bail};
use std::path::Path;

/// A tool that people use with such boards.
pub struct Client {
    pub name: String,
    pub version: String,
    /// The file of its packages, without `.txt`.
    pub set: String,
    /// Whether it belongs to every run of the tests.
    pub quick: bool,
    /// Whether it wants a port that can be found by its name.
    pub listed: bool,
    /// Whether it wants the port over USB, whose speed it sets.
    pub usb: bool,
    pub steps: Vec<Step>,
}

/// One thing that is tried.
pub struct Step {
    /// For people: what the client does.
    pub does: String,
    /// For `sh`.
    pub run: String,
    /// What its output has when all is well.
    pub says: String,
    /// Why it does not pass yet.
    pub fails: Option<String>,
}

impl Client {
    /// As it is asked for by name: `mpremote-1.29.0`.
    pub fn title(&self) -> String {
        format!("{}-{}", self.name, self.version).replace(' ', "-")
    }
}

/// Reads the file.
pub fn read(path: &Path) -> Result<Vec<Client>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    parse(&text).with_context(|| path.display().to_string())
}

fn parse(text: &str) -> Result<Vec<Client>> {
    let table: toml::Table = text.parse()?;
    let clients = table.get("client").and_then(toml::Value::as_array);
    let clients = clients.context("expected tables [[client]]")?;
    clients.iter().map(client).collect()
}

fn client(value: &toml::Value) -> Result<Client> {
    let table = value.as_table().context("a [[client]] is a table")?;
    let known = ["name", "version", "set", "quick", "listed", "usb", "step"];
    only(table, &known)?;
    let steps = table.get("step").and_then(toml::Value::as_array);
    let name = text(table, "name")?;
    let steps = steps.with_context(|| format!("{name} has no `step`"))?;
    Ok(Client {
        version: text(table, "version")?,
        set: text(table, "set")?,
        quick: flag(table, "quick")?,
        listed: flag(table, "listed")?,
        usb: flag(table, "usb")?,
        steps: steps
            .iter()
            .map(step)
            .collect::<Result<_>>()
            .with_context(|| name.clone())?,
        name,
    })
}

fn step(value: &toml::Value) -> Result<Step> {
    let table = value.as_table().context("a step is a table")?;
    only(table, &["does", "run", "says", "fails"])?;
    let fails = table.get("fails").map(|_| text(table, "fails")).transpose()?;
    Ok(Step {
        does: text(table, "does")?,
        run: text(table, "run")?,
        says: text(table, "says")?,
        fails,
    })
}

fn only(table: &toml::Table, known: &[&str]) -> Result<()> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => bail!("`{key}` is not known; expected {}", known.join(", ")),
        None => Ok(()),
    }
}

fn text(table: &toml::Table, key: &str) -> Result<String> {
    match table.get(key) {
        Some(toml::Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        found => bail!("`{key}`: expected a text, found {found:?}"),
    }
}

fn flag(table: &toml::Table, key: &str) -> Result<bool> {
    match table.get(key) {
        None => Ok(false),
        Some(toml::Value::Boolean(flag)) => Ok(*flag),
        Some(found) => bail!("`{key}`: expected true or false, found {found:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_in_a_step_are_quoted_since_they_may_hold_blanks() {
        let root = crate::project::Project::find().unwrap().root;
        for client in read(&root.join("tests/clients/clients.toml")).unwrap() {
            for step in client.steps {
                for folder in ["$HERE", "$MICROPYTHON", "$PWD", "$results"] {
                    let quoted = step.run.matches(&format!("\"{folder}")).count();
                    assert_eq!(
                        step.run.matches(folder).count(),
                        quoted,
                        "{folder} in {}",
                        step.run
                    );
                }
            }
        }
    }

    #[test]
    fn a_client_is_read_with_its_steps() {
        let clients = parse(
            "[[client]]\nname = 'a b'\nversion = '1'\nset = 'quick'\n\
             step = [{ does = 'x', run = 'y', says = 'z', fails = 'no disk' }]\n",
        )
        .unwrap();
        assert_eq!(clients[0].title(), "a-b-1");
        assert_eq!(clients[0].steps[0].fails.as_deref(), Some("no disk"));
        assert!(!clients[0].quick && !clients[0].listed);
    }

    #[test]
    fn what_is_wrong_is_told_by_name() {
        for (text, words) in [
            ("[[client]]\nname = 'a'\n", "a has no `step`"),
            (
                "[[client]]\nname = 'a'\nversion = '1'\nset = 's'\nstep = [{ does = 'x', run = 'y', fials = 'z' }]",
                "fials",
            ),
            ("[[client]]\nname = 3\nstep = []", "`name`"),
        ] {
            let error = format!("{:#}", parse(text).err().unwrap());
            assert!(error.contains(words), "{error}");
        }
    }
}
