//! What an installation fetches and takes, from apt's list of files.

use crate::{process, say};
use std::fmt;
use std::process::Command;

/// Of the packages that apt would fetch.
#[derive(Debug, PartialEq)]
pub struct Plan {
    packages: usize,
    download_bytes: u64,
    /// Unknown if apt-cache does not tell.
    installed_kb: Option<u64>,
}

impl Plan {
    /// From the lines of `apt-get --print-uris`: `'URI' name_version_arch.deb bytes hash`.
    pub fn of(uris: &[String]) -> Plan {
        let files: Vec<(&str, u64)> = uris.iter().filter_map(|line| file(line)).collect();
        let names: Vec<&str> = files
            .iter()
            .filter_map(|(file, _)| file.split('_').next())
            .collect();
        let shown = process::answer(
            Command::new("apt-cache")
                .args(["show", "--no-all-versions"])
                .args(&names),
        );
        Plan {
            packages: files.len(),
            download_bytes: files.iter().map(|(_, bytes)| bytes).sum(),
            installed_kb: shown.ok().map(|said| installed_kb(&said)),
        }
    }
}

fn file(line: &str) -> Option<(&str, u64)> {
    let mut words = line.strip_prefix('\'')?.split_once("' ")?.1.split(' ');
    let name = words.next().filter(|name| name.ends_with(".deb"))?;
    Some((name, words.next()?.parse().ok()?))
}

fn installed_kb(paragraphs: &str) -> u64 {
    let sizes = paragraphs
        .lines()
        .filter_map(|line| line.strip_prefix("Installed-Size: "));
    sizes.filter_map(|size| size.trim().parse::<u64>().ok()).sum()
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{} packages, {} to fetch",
            self.packages,
            say::megabytes(self.download_bytes / 1_000_000)
        )?;
        match self.installed_kb {
            Some(kb) => write!(f, ", {} on the disk", say::megabytes(kb * 1024 / 1_000_000)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_s_list_is_summed_up() {
        let lines = [
            "'http://m/pool/c/cmake_3.25.1-1_amd64.deb' cmake_3.25.1-1_amd64.deb 8692000 SHA256:00",
            "'http://m/pool/n/ninja-build_1.11.1-2_amd64.deb' ninja-build_1.11.1-2_amd64.deb 145000 SHA256:11",
            "Reading package lists...",
        ];
        assert_eq!(file(lines[0]), Some(("cmake_3.25.1-1_amd64.deb", 8_692_000)));
        assert_eq!(
            lines
                .iter()
                .filter_map(|line| file(line))
                .map(|(_, bytes)| bytes)
                .sum::<u64>(),
            8_837_000
        );
        assert_eq!(
            installed_kb("Package: a\nInstalled-Size: 100\n\nPackage: b\nInstalled-Size: 23\n"),
            123
        );
        let plan = Plan {
            packages: 45,
            download_bytes: 330_000_000,
            installed_kb: Some(1_600_000),
        };
        assert_eq!(
            plan.to_string(),
            "45 packages, 330 MB to fetch, 1.6 GB on the disk"
        );
    }
}
