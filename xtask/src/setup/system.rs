//! Which system this is, and what its user can be told to type.

use crate::process;
use std::process::Command;

pub struct System {
    apt: bool,
    /// The words of os-release that name it and what it descends from; `macos` where there is no such file.
    pub families: Vec<String>,
    /// For people.
    pub name: String,
}

/// By which right packages can be installed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Right {
    Root,
    /// By sudo, without a word.
    Sudo,
    /// By sudo, which asks for a password.
    SudoAsks,
}

impl System {
    pub fn find() -> System {
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        System::parse(&release, process::which("apt-get").is_some())
    }

    pub fn parse(release: &str, apt: bool) -> System {
        let field = |name: &str| {
            let value = release
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value.map(|value| value.trim_matches('"').to_owned())
        };
        let words = format!(
            "{} {}",
            field("ID").unwrap_or_default(),
            field("ID_LIKE").unwrap_or_default()
        );
        let mut families: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        if release.is_empty() && cfg!(target_os = "macos") {
            families.push("macos".to_owned());
        }
        let name = field("PRETTY_NAME").unwrap_or_else(|| std::env::consts::OS.to_owned());
        System { apt, families, name }
    }

    /// Whether set-up can install packages here.
    pub fn has_apt(&self) -> bool {
        self.apt
    }

    /// How packages may be installed, if at all. sudo is not asked whether a password would do: it is asked once, for all.
    pub fn right(&self) -> Option<Right> {
        if process::answer(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0") {
            return Some(Right::Root);
        }
        let sudo = process::which("sudo")?;
        if process::succeeds(Command::new(sudo).args(["-n", "true"])) {
            return Some(Right::Sudo);
        }
        // A password can be typed where there is a terminal, wherever stdin comes from.
        std::fs::File::options()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .ok()
            .map(|_| Right::SudoAsks)
    }

    /// Whether it is this system, or descends from it.
    pub fn is(&self, family: &str) -> bool {
        self.families.iter().any(|word| word == family)
    }
}
