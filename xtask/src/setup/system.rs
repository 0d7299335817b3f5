//! Which system this is, and what its user can be told to type.

use super::steps::{STEPS, Step};
use crate::{process, project::Project};
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

    fn parse(release: &str, apt: bool) -> System {
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

    /// One list of everything, for those who install by themselves: what stands, and what to type for the rest.
    pub fn by_hand(&self, project: &Project, missing: &[&Step], why: &str) -> String {
        let mut text = match (self.apt, why) {
            (true, "") => {
                "these are missing, and this user can install no packages (neither root nor sudo):\n"
                    .to_owned()
            }
            (true, why) => format!("these are missing, and could not be installed ({why}):\n"),
            (false, _) => format!(
                "{} has no apt-get, so set-up installs nothing here by itself. It needs the following; what is missing has \
                 to be installed by hand:\n",
                self.name
            ),
        };
        for step in STEPS.iter().filter(|step| !step.optional) {
            let is_missing = missing.iter().any(|other| other.what == step.what);
            if is_missing || !self.apt {
                let found = step.found(project);
                let state = if is_missing { "missing" } else { "stands" };
                let version = found.unwrap_or_else(|why| why);
                text += &format!(
                    "  {state:<8} {:<18} {:<24} {version}; {}\n",
                    step.what,
                    step.least_words(),
                    step.why
                );
            }
        }
        text += &self.what_to_type(missing);
        for step in missing {
            if let Some(line) = step.by_hand() {
                text += &format!("  {line}\n");
            }
        }
        text + "  then run the same command again"
    }

    fn what_to_type(&self, missing: &[&Step]) -> String {
        let is = |family: &str| self.families.iter().any(|word| word == family);
        let names = |of: fn(&Step) -> &str| {
            let mut names: Vec<&str> = missing
                .iter()
                .filter(|step| step.is_package())
                .map(|step| of(step))
                .collect();
            names.retain(|name| !name.is_empty());
            names.dedup();
            names.join(" ")
        };
        let (debian, fedora, brew) = (
            names(|step| step.debian),
            names(|step| step.fedora),
            names(|step| step.brew),
        );
        if debian.is_empty() {
            return String::new();
        }
        if self.apt || is("debian") {
            return format!(
                "  as root: apt-get update && apt-get install --no-install-recommends {debian}\n"
            );
        }
        if is("fedora") || is("rhel") {
            return format!("  as root: dnf install {fedora}\n");
        }
        if is("macos") {
            return format!("  with Homebrew: brew install {brew}\n");
        }
        format!("  Debian calls the packages: {debian}\n  Fedora: {fedora}\n  Homebrew: {brew}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(release: &str, apt: bool) -> String {
        let missing: Vec<&Step> = STEPS.iter().filter(|step| !step.optional).collect();
        System::parse(release, apt).what_to_type(&missing)
    }

    #[test]
    fn each_system_is_told_its_own_command() {
        let debian = typed("ID=debian\nPRETTY_NAME=\"Debian\"\n", true);
        assert!(
            debian.contains("apt-get update && apt-get install") && debian.contains("ninja-build"),
            "{debian}"
        );
        assert!(typed("ID=ubuntu\nID_LIKE=debian\n", true).contains("apt-get update &&"));
        let fedora = typed("ID=fedora\n", false);
        assert!(
            fedora.contains("dnf install") && fedora.contains("arm-none-eabi-gcc-cs"),
            "{fedora}"
        );
        assert!(typed("ID=rocky\nID_LIKE=\"rhel centos fedora\"\n", false).contains("dnf"));
        let other = typed("ID=nixos\n", false);
        assert!(
            other.contains("Debian calls") && other.contains("Homebrew:"),
            "{other}"
        );
    }

    #[test]
    fn an_unknown_system_gets_the_whole_list_with_versions() {
        let project = Project::find().unwrap();
        let missing: Vec<&Step> = STEPS.iter().filter(|step| step.what == "cmake").collect();
        let text =
            System::parse("ID=other\nPRETTY_NAME=\"Other 1\"\n", false).by_hand(&project, &missing, "");
        assert!(text.starts_with("Other 1 has no apt-get"), "{text}");
        for step in STEPS.iter().filter(|step| !step.optional) {
            assert!(text.contains(step.what), "{} is not in\n{text}", step.what);
        }
        assert!(text.contains("missing  cmake"), "{text}");
    }
}
