//! Where things are in the checkout, and which boards there are.

use crate::process;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The board that is taken when none is named.
pub const DEFAULT_BOARD: &str = "devebox";

/// The checkout.
pub struct Project {
    /// Its root folder, absolute.
    pub root: PathBuf,
    /// What cargo says of it, once it was asked.
    workspace: OnceLock<Workspace>,
}

/// What `cargo metadata` tells of a checkout.
#[derive(Debug, Default, PartialEq)]
struct Workspace {
    target: PathBuf,
    members: Vec<Member>,
}

#[derive(Debug, Default, PartialEq)]
struct Member {
    name: String,
    dir: PathBuf,
    /// Folders of the members that it is built with.
    built_with: Vec<PathBuf>,
}

impl Workspace {
    fn parse(said: &str) -> Result<Workspace> {
        let said: Value = serde_json::from_str(said).context("reading cargo metadata")?;
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let path = |value: &Value| PathBuf::from(value.as_str().unwrap_or_default());
        let target = path(&said["target_directory"]);
        if target.as_os_str().is_empty() {
            bail!("cargo metadata names no target_directory");
        }
        let member = |package: &Value| Member {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            dir: path(&package["manifest_path"])
                .parent()
                .map(Path::to_path_buf)
                .unwrap_or_default(),
            built_with: list(&package["dependencies"])
                .iter()
                .filter(|dependency| dependency["kind"] != "dev" && dependency["path"].is_string())
                .map(|dependency| path(&dependency["path"]))
                .collect(),
        };
        let members = list(&said["packages"]).iter().map(member).collect();
        Ok(Workspace { target, members })
    }

    /// The folder of a member, and those of all that it is built with.
    fn folders(&self, name: &str) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = self
            .members
            .iter()
            .filter(|member| member.name == name)
            .map(|member| member.dir.clone())
            .collect();
        let mut next = 0;
        while let Some(folder) = folders.get(next).cloned() {
            for member in self.members.iter().filter(|member| member.dir == folder) {
                for other in &member.built_with {
                    if !folders.contains(other) {
                        folders.push(other.clone());
                    }
                }
            }
            next += 1;
        }
        folders
    }
}

impl Project {
    /// The checkout that this tool belongs to.
    pub fn find() -> Result<Project> {
        // cargo sets the variable when it runs us; the compiled-in value serves a call without cargo.
        let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let own = Path::new(&own);
        let root = own
            .ancestors()
            .find(|dir| dir.join("board").is_dir())
            .with_context(|| {
                format!(
                    "{} is not in a checkout of spiram: no folder above it has board/",
                    own.display()
                )
            })?;
        Ok(Project::at(root.to_path_buf()))
    }

    /// A checkout at a folder.
    pub fn at(root: PathBuf) -> Project {
        Project {
            root,
            workspace: OnceLock::new(),
        }
    }

    /// Asks cargo, which knows its settings and variables; without an answer, what it does by default.
    fn workspace(&self) -> &Workspace {
        self.workspace.get_or_init(|| {
            let mut command = Command::new("cargo");
            command
                .current_dir(&self.root)
                .args(["metadata", "--no-deps", "--format-version", "1"]);
            process::answer(&mut command)
                .and_then(|said| Workspace::parse(&said))
                .unwrap_or_else(|_| Workspace {
                    target: self.root.join("target"),
                    members: Vec::new(),
                })
        })
    }

    /// The folders of a package and of all of ours that it is built with.
    pub fn folders(&self, package: &str) -> Vec<PathBuf> {
        self.workspace().folders(package)
    }

    /// What set-up puts beside the sources; ignored by git, may be deleted at any time.
    pub fn deps(&self) -> PathBuf {
        self.root.join(".deps")
    }

    /// Cargo's output folder for the host.
    pub fn target(&self) -> PathBuf {
        self.workspace().target.clone()
    }

    /// The day of the commit in seconds since 1970, so that everybody who builds a commit builds the same; that of
    /// MicroPython's release outside of a repository. `SOURCE_DATE_EPOCH` stands above both (reproducible-builds.org).
    pub fn date_epoch(&self) -> String {
        const RELEASE_S: i64 = 1_744_675_200;
        const DAY_S: i64 = 86_400;
        if let Ok(own) = std::env::var("SOURCE_DATE_EPOCH") {
            return own;
        }
        let seconds = self
            .commit_s()
            .map_or(RELEASE_S, |seconds| seconds - seconds.rem_euclid(DAY_S));
        seconds.to_string()
    }

    /// When the checkout's commit was made. A checkout that belongs to another user is read, too; a repository above this
    /// folder is not this one's, nor one that a variable of git names.
    pub fn commit_s(&self) -> Option<i64> {
        let mut git = Command::new("git");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") {
                git.env_remove(name);
            }
        }
        git.current_dir(&self.root).args(["-c", "safe.directory=*"]);
        git.env(
            "GIT_CEILING_DIRECTORIES",
            self.root.parent().unwrap_or(&self.root),
        );
        process::answer(git.args(["log", "-1", "--format=%ct"]))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// A firmware, by the name of its board and variant.
    pub fn elf(&self, name: &str) -> PathBuf {
        self.target().join("firmware").join(format!("{name}.elf"))
    }

    /// Names of the memory parts that the driver knows: the files of `crates/psram/src/part/`.
    pub fn parts(&self) -> Result<Vec<String>> {
        let files = stems(&self.root.join("crates/psram/src/part"), "rs")?;
        Ok(files.into_iter().map(|file| file.replace('_', "-")).collect())
    }

    /// Names of the boards: the files of `board/`.
    pub fn boards(&self) -> Result<Vec<String>> {
        stems(&self.root.join("board"), "toml")
    }

    /// The file about a board.
    pub fn board_file(&self, board: &str) -> PathBuf {
        self.root.join("board").join(format!("{board}.toml"))
    }

    /// Checks a board's name that a user typed.
    pub fn check_board(&self, board: &str) -> Result<()> {
        let known = self.boards()?;
        if !known.iter().any(|name| name == board) {
            bail!("unknown board `{board}`; expected one of: {}", known.join(", "));
        }
        Ok(())
    }
}

/// Names of the files in `dir` that end in `.ext`, without that, in order.
fn stems(dir: &Path, ext: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == ext) {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_package_is_built_with_what_it_depends_on_and_tests_do_not_count() {
        let package = |name: &str, dependencies: &str| {
            format!(
                r#"{{"name":"{name}","manifest_path":"/my c/{name}/Cargo.toml","dependencies":[{dependencies}]}}"#
            )
        };
        let on =
            |name: &str, kind: &str| format!(r#"{{"name":"{name}","kind":{kind},"path":"/my c/{name}"}}"#);
        let said = format!(
            r#"{{"target_directory":"/t x","packages":[{},{},{},{}]}}"#,
            package("firmware", &on("h7a3", "null")),
            package(
                "h7a3",
                &[on("psram", "\"build\""), on("chipmodel", "\"dev\"")].join(",")
            ),
            package("psram", r#"{"name":"serde","kind":null}"#),
            package("chipmodel", "")
        );
        let workspace = Workspace::parse(&said).unwrap();
        assert_eq!(workspace.target, PathBuf::from("/t x"));
        let expected = ["firmware", "h7a3", "psram"].map(|name| PathBuf::from("/my c").join(name));
        assert_eq!(workspace.folders("firmware"), expected);
        assert!(Workspace::parse("{}").is_err());
    }

    #[test]
    fn cargo_is_asked_where_it_puts_things() {
        let project = Project::find().unwrap();
        assert!(project.target().is_absolute());
        assert!(
            project.folders("firmware").len() > 3,
            "{:?}",
            project.folders("firmware")
        );
    }

    #[test]
    fn a_copy_inside_of_another_repository_does_not_take_its_date() {
        let dir = tempfile::tempdir().unwrap();
        let git = |at: &Path, args: &[&str]| {
            let mut git = Command::new("git");
            git.current_dir(at)
                .args(["-c", "user.name=a", "-c", "user.email=a@b"])
                .args(args);
            git.env("GIT_COMMITTER_DATE", "2001-02-03T04:05:06Z");
            process::answer(&mut git).unwrap();
        };
        let outer = dir.path().canonicalize().unwrap();
        let copy = outer.join("copy");
        fs::create_dir(&copy).unwrap();
        git(&outer, &["init", "-q"]);
        git(&outer, &["commit", "-q", "--allow-empty", "-m", "outer"]);
        assert_eq!(Project::at(outer.clone()).commit_s(), Some(981_173_106));
        assert_eq!(Project::at(copy).commit_s(), None);
        assert!(
            Project::at(outer)
                .date_epoch()
                .parse::<i64>()
                .is_ok_and(|seconds| seconds % 86_400 == 0)
        );
    }
}
