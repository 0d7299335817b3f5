//! What a user is told to type, where set-up may not or cannot install by itself.

use super::steps::{STEPS, Step};
use super::system::System;
use crate::project::Project;

/// One list of everything, for those who install by themselves: what stands, and what to type for the rest.
pub fn list(system: &System, project: &Project, missing: &[&Step], why: &str) -> String {
    let mut text = match (system.has_apt(), why) {
        (true, "") => {
            "these are missing, and this user can install no packages (neither root nor sudo):\n".to_owned()
        }
        (true, why) => format!("these are missing, and could not be installed ({why}):\n"),
        (false, _) => format!(
            "{} has no apt-get, so set-up installs nothing here by itself. It needs the following; what is missing has \
             to be installed by hand:\n",
            system.name
        ),
    };
    for step in STEPS.iter().filter(|step| !step.optional) {
        let is_missing = missing.iter().any(|other| other.what == step.what);
        if is_missing || !system.has_apt() {
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
    text += &what_to_type(system, missing);
    for step in missing {
        if let Some(line) = step.by_hand() {
            text += &format!("  {line}\n");
        }
    }
    text + "  then run the same command again"
}

fn what_to_type(system: &System, missing: &[&Step]) -> String {
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
    if system.has_apt() || system.is("debian") {
        return format!("  as root: apt-get update && apt-get install --no-install-recommends {debian}\n");
    }
    if system.is("fedora") || system.is("rhel") {
        return format!("  as root: dnf install {fedora}\n");
    }
    if system.is("macos") {
        return format!("  with Homebrew: brew install {brew}\n");
    }
    format!("  Debian calls the packages: {debian}\n  Fedora: {fedora}\n  Homebrew: {brew}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(release: &str, apt: bool) -> String {
        let missing: Vec<&Step> = STEPS.iter().filter(|step| !step.optional).collect();
        what_to_type(&System::parse(release, apt), &missing)
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
        let other = System::parse("ID=other\nPRETTY_NAME=\"Other 1\"\n", false);
        let text = list(&other, &project, &missing, "");
        assert!(text.starts_with("Other 1 has no apt-get"), "{text}");
        for step in STEPS.iter().filter(|step| !step.optional) {
            assert!(text.contains(step.what), "{} is not in\n{text}", step.what);
        }
        assert!(text.contains("missing  cmake"), "{text}");
    }
}
