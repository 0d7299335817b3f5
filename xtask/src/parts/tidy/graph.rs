//! What `cargo metadata` knows: who imports whom, and under which licence.

use crate::parts::Tally;
use crate::setup::core::TARGET;
use crate::{cargo, process, project::Project};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::process::Command;

/// Who may import whom, in the workspace. Build scripts count as imports, the second list is for tests only.
const ARROWS: &[(&str, &[&str], &[&str])] = &[
    ("psram", &[], &["chipmodel"]),
    ("tierheap", &[], &[]),
    ("vision", &[], &[]),
    ("omvproto", &[], &[]),
    ("h7a3", &["psram"], &[]),
    ("upy-sys", &[], &[]),
    ("upy", &["upy-sys", "tierheap"], &[]),
    ("pyvision", &["upy", "vision"], &[]),
    ("boot", &["h7a3", "boardfile"], &[]),
    // Host only: what a board file says, for both sides of the wall.
    ("boardfile", &[], &[]),
    (
        "firmware",
        &[
            "psram",
            "h7a3",
            "upy-sys",
            "upy",
            "omvproto",
            "pyvision",
            "boardfile",
        ],
        &[],
    ),
    // The wall: only the ELF and board/*.toml cross it.
    ("chipmodel", &[], &[]),
    ("m7time", &[], &[]),
    ("vboard", &["chipmodel", "m7time", "boardfile"], &[]),
    ("spiram", &["vboard", "boardfile", "psram"], &[]),
    ("pyfuzz", &["vboard"], &[]),
    // Runs on the virtual board, and knows nothing of it.
    ("halcases", &[], &[]),
    ("xtask", &[], &[]),
    ("spiram-bench", &["xtask"], &[]),
];

/// The crates that link Unicorn, and take its licence.
const GPL_CRATES: [&str; 3] = ["vboard", "spiram", "pyfuzz"];
const OUR_LICENCE: &str = "MIT OR Apache-2.0";
const OUR_GPL: &str = "GPL-2.0-or-later";

/// Licences that ask for no more than a notice.
const PERMISSIVE: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "BSL-1.0",
];
/// Licences that Unicorn's crates may have besides.
const GPL: &[&str] = &["GPL-2.0", "GPL-2.0-only", "GPL-2.0-or-later", "LGPL-2.1-or-later"];

pub fn run(project: &Project, tally: &mut Tally) -> Result<()> {
    let graph = Graph::read(project)?;
    tally.check(arrows(&graph));
    tally.check(own_licences(&graph));
    tally.check(licences_of_all(&graph));
    Ok(())
}

struct Package {
    name: String,
    licence: Option<String>,
    member: bool,
    /// Names of workspace packages that it imports: by dependency, by dev-dependency.
    imports: [Vec<String>; 2],
    /// All that is built for it, on the host or for the chip: ids.
    built_with: Vec<String>,
}

struct Graph(HashMap<String, Package>);

impl Graph {
    fn read(project: &Project) -> Result<Graph> {
        let verbose = process::answer(Command::new("rustc").arg("-vV"))?;
        let host = verbose
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .context("rustc -vV names no host")?;
        let mut command = cargo::host(project, "metadata");
        command.args(["--format-version", "1", "--all-features"]);
        command.args(["--filter-platform", host, "--filter-platform", TARGET]);
        let said: Value =
            serde_json::from_str(&process::output(&mut command)?).context("reading cargo metadata")?;
        Graph::parse(&said)
    }

    fn parse(said: &Value) -> Result<Graph> {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let members: BTreeSet<String> = list(&said["workspace_members"]).iter().map(text).collect();
        let mut packages = HashMap::new();
        for package in list(&said["packages"]) {
            let mut imports = [Vec::new(), Vec::new()];
            for dependency in list(&package["dependencies"]) {
                if dependency["path"].is_string() {
                    imports[usize::from(dependency["kind"] == "dev")].push(text(&dependency["name"]));
                }
            }
            let id = text(&package["id"]);
            let member = members.contains(&id);
            let licence = package["license"].as_str().map(str::to_owned);
            let name = text(&package["name"]);
            packages.insert(
                id,
                Package {
                    name,
                    licence,
                    member,
                    imports,
                    built_with: Vec::new(),
                },
            );
        }
        for node in list(&said["resolve"]["nodes"]) {
            let package = packages
                .get_mut(&text(&node["id"]))
                .context("cargo metadata has a node without a package")?;
            for dependency in list(&node["deps"]) {
                // Tests are not shipped, so their dependencies do not count here.
                if list(&dependency["dep_kinds"])
                    .iter()
                    .any(|kind| kind["kind"] != "dev")
                {
                    package.built_with.push(text(&dependency["pkg"]));
                }
            }
        }
        if !packages.values().any(|package| package.member) {
            bail!("cargo metadata names no workspace member");
        }
        Ok(Graph(packages))
    }

    fn members(&self) -> impl Iterator<Item = &Package> {
        self.0.values().filter(|package| package.member)
    }

    /// All that is built for the members which `chosen` takes, themselves included.
    fn closure(&self, chosen: impl Fn(&Package) -> bool) -> Vec<&Package> {
        let mut open: Vec<&str> = self
            .0
            .iter()
            .filter(|(_, package)| package.member && chosen(package))
            .map(|(id, _)| id.as_str())
            .collect();
        let mut seen: BTreeSet<&str> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            for next in self
                .0
                .get(id)
                .map(|package| package.built_with.as_slice())
                .unwrap_or_default()
            {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        seen.into_iter().filter_map(|id| self.0.get(id)).collect()
    }
}

fn arrows(graph: &Graph) -> Result<()> {
    let mut wrong = Vec::new();
    for package in graph.members() {
        let Some((_, normal, dev)) = ARROWS.iter().find(|(name, ..)| *name == package.name) else {
            wrong.push(format!("{} is not in the table of crates", package.name));
            continue;
        };
        let [imports, for_tests] = &package.imports;
        for import in imports.iter().filter(|import| !normal.contains(&import.as_str())) {
            wrong.push(format!("{} must not import {import}", package.name));
        }
        for import in for_tests
            .iter()
            .filter(|import| !normal.contains(&import.as_str()) && !dev.contains(&import.as_str()))
        {
            wrong.push(format!("{} must not import {import} for its tests", package.name));
        }
    }
    report("imports (see ARCHITECTURE.md, Rooms)", wrong)
}

fn own_licences(graph: &Graph) -> Result<()> {
    let mut wrong = Vec::new();
    for package in graph.members() {
        let expected = if GPL_CRATES.contains(&package.name.as_str()) {
            OUR_GPL
        } else {
            OUR_LICENCE
        };
        if package.licence.as_deref() != Some(expected) {
            wrong.push(format!(
                "{} has {:?}, expected {expected:?}",
                package.name, package.licence
            ));
        }
    }
    report("licences of our crates", wrong)
}

fn licences_of_all(graph: &Graph) -> Result<()> {
    let mut wrong = Vec::new();
    let is_gpl = |package: &Package| GPL_CRATES.contains(&package.name.as_str());
    for package in graph.closure(|package| !is_gpl(package)) {
        if !allows(package.licence.as_deref(), &[PERMISSIVE]) {
            wrong.push(format!(
                "{} has {:?}, which is not permissive",
                package.name, package.licence
            ));
        }
    }
    for package in graph.closure(is_gpl) {
        if !allows(package.licence.as_deref(), &[PERMISSIVE, GPL]) {
            wrong.push(format!(
                "{} has {:?}, which does not go with GPL-2.0",
                package.name, package.licence
            ));
        }
    }
    report("licences of the crates we build with", wrong)
}

/// True if an SPDX expression can be met with the licences in `lists`. Exceptions (`WITH`) only ever allow more.
fn allows(expression: Option<&str>, lists: &[&[&str]]) -> bool {
    let Some(expression) = expression else {
        return false;
    };
    // `OR` binds weaker than `AND`; brackets in practice only group the `OR` inside an `AND`.
    let expression = expression.replace('/', " OR ");
    let known = |licence: &str| {
        let licence = licence.split(" WITH ").next().unwrap_or(licence).trim();
        lists.iter().any(|list| list.contains(&licence))
    };
    let any = |part: &str| part.split(" OR ").any(|choice| choice.split(" AND ").all(&known));
    if expression.contains('(') {
        expression
            .split(['(', ')'])
            .map(|part| {
                part.trim()
                    .trim_start_matches("AND ")
                    .trim_end_matches(" AND")
                    .trim()
            })
            .filter(|part| !part.is_empty() && *part != "AND")
            .all(any)
    } else {
        any(&expression)
    }
}

fn report(what: &str, wrong: Vec<String>) -> Result<()> {
    if !wrong.is_empty() {
        bail!("{what}: {}", wrong.join("; "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two crates of ours, and one of others with the given licence under the second.
    fn graph(first_imports: &str, kind: Value, licence: &str) -> Graph {
        let said = serde_json::json!({
            "workspace_members": ["a", "b"],
            "packages": [
                { "id": "a", "name": "chipmodel", "license": OUR_LICENCE, "dependencies":
                    [{ "name": first_imports, "path": "/x", "kind": kind }] },
                { "id": "b", "name": "vboard", "license": OUR_GPL, "dependencies":
                    [{ "name": "chipmodel", "path": "/y", "kind": null }, { "name": "other", "kind": null }] },
                { "id": "c", "name": "other", "license": licence, "dependencies": [] },
            ],
            "resolve": { "nodes": [
                { "id": "a", "deps": [] },
                { "id": "b", "deps": [{ "pkg": "a", "dep_kinds": [{ "kind": null }] }, { "pkg": "c", "dep_kinds": [{ "kind": null }] }] },
                { "id": "c", "deps": [] },
            ] },
        });
        Graph::parse(&said).unwrap()
    }

    #[test]
    fn an_arrow_over_the_wall_is_refused() {
        let error = arrows(&graph("vboard", Value::Null, "MIT"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("chipmodel must not import vboard"), "{error}");
        let error = arrows(&graph("h7a3", "dev".into(), "MIT"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("for its tests"), "{error}");
    }

    #[test]
    fn gpl_is_only_allowed_under_the_crates_that_link_unicorn() {
        assert!(licences_of_all(&graph("x", Value::Null, "GPL-2.0")).is_ok());
        assert!(licences_of_all(&graph("x", Value::Null, "GPL-3.0")).is_err());
        assert!(own_licences(&graph("x", Value::Null, "MIT")).is_ok());
    }

    #[test]
    fn licence_expressions_are_read() {
        let permissive = |text| allows(Some(text), &[PERMISSIVE]);
        assert!(
            permissive("MIT OR Apache-2.0") && permissive("MIT/Apache-2.0") && permissive("GPL-3.0 OR MIT")
        );
        assert!(
            permissive("(MIT OR Apache-2.0) AND Unicode-3.0") && permissive("Apache-2.0 WITH LLVM-exception")
        );
        assert!(!permissive("MIT AND GPL-2.0") && !permissive("(MIT OR Apache-2.0) AND GPL-2.0"));
        assert!(!allows(None, &[PERMISSIVE]));
    }
}
