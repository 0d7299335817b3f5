//! `tests/micropython-skips.toml`: the tests that cannot pass, each under its reason.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;

/// What the file says.
#[derive(Debug)]
pub struct Expected {
    reasons: BTreeMap<String, String>,
    small_heap: Vec<String>,
}

impl Expected {
    pub fn read(path: &Path) -> Result<Expected> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        Expected::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Expected> {
        let table: toml::Table = text.parse()?;
        let mut reasons = BTreeMap::new();
        let groups = table
            .get("group")
            .and_then(|groups| groups.as_array())
            .context("expected tables [[group]]")?;
        for group in groups {
            let reason = group
                .get("reason")
                .and_then(|reason| reason.as_str())
                .context("a group has no `reason`")?;
            let tests = group.get("tests").and_then(|tests| tests.as_array());
            let tests = tests.with_context(|| format!("the group {reason:?} has no `tests`"))?;
            for test in tests {
                let test = test
                    .as_str()
                    .with_context(|| format!("{test:?} in {reason:?} is no string"))?;
                if reasons.insert(test.to_owned(), reason.to_owned()).is_some() {
                    bail!("{test} is listed twice");
                }
            }
        }
        let small_heap = table
            .get("small_heap")
            .and_then(|tests| tests.as_array())
            .into_iter()
            .flatten();
        let small_heap = small_heap
            .filter_map(|test| test.as_str())
            .map(str::to_owned)
            .collect();
        Ok(Expected { reasons, small_heap })
    }

    /// True if a test is to run on a board without memory chip.
    pub fn wants_small_heap(&self, test: &str) -> bool {
        self.small_heap.iter().any(|listed| listed == test)
    }

    pub fn reason(&self, test: &str) -> Option<&str> {
        self.reasons.get(test).map(String::as_str)
    }

    /// Refuses a line about a test that does not exist.
    pub fn names_only(&self, tests: &[String]) -> Result<()> {
        let lost: Vec<&str> = self
            .reasons
            .keys()
            .chain(&self.small_heap)
            .filter(|test| !tests.contains(test))
            .map(String::as_str)
            .collect();
        if !lost.is_empty() {
            bail!(
                "tests/micropython-skips.toml lists tests that do not exist: {}",
                lost.join(", ")
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_found_by_test() {
        let expected =
            Expected::parse("[[group]]\nreason = 'no network'\ntests = ['extmod/a.py', 'extmod/b.py']\n")
                .unwrap();
        assert_eq!(expected.reason("extmod/b.py"), Some("no network"));
        assert_eq!(expected.reason("extmod/c.py"), None);
        assert!(
            expected
                .names_only(&["extmod/a.py".into(), "extmod/b.py".into()])
                .is_ok()
        );
        let error = expected
            .names_only(&["extmod/a.py".into()])
            .unwrap_err()
            .to_string();
        assert!(error.contains("extmod/b.py"), "{error}");
    }

    #[test]
    fn tests_that_want_a_small_heap_are_known() {
        let expected = Expected::parse("small_heap = ['stress/a.py']\ngroup = []\n").unwrap();
        assert!(expected.wants_small_heap("stress/a.py") && !expected.wants_small_heap("stress/b.py"));
        assert!(expected.names_only(&[]).is_err());
    }

    #[test]
    fn a_test_has_one_reason_and_every_group_has_one() {
        let twice = "[[group]]\nreason='a'\ntests=['x']\n[[group]]\nreason='b'\ntests=['x']\n";
        assert!(
            Expected::parse(twice)
                .unwrap_err()
                .to_string()
                .contains("listed twice")
        );
        assert!(Expected::parse("[[group]]\ntests=['x']\n").is_err());
        assert!(Expected::parse("[[grup]]\n").is_err());
    }
}
