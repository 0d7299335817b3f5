//! docs/errata.md says where each erratum is dealt with. A place that is no longer there is a page that lies.

use std::fs;
use std::path::Path;

/// Every `` `path`: `text` `` of the page.
fn places(page: &str) -> Vec<(&str, &str)> {
    let marked: Vec<&str> = page.split('`').collect();
    // Odd pieces lie between backticks, even ones around them.
    (1..marked.len().saturating_sub(2))
        .step_by(2)
        .filter(|&i| marked[i + 1] == ": ")
        .map(|i| (marked[i], marked[i + 2]))
        .collect()
}

#[test]
fn every_place_that_the_errata_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/errata.md")).expect("docs/errata.md");
    let places = places(&page);
    assert!(places.len() > 20, "only {} places found", places.len());
    let missing: Vec<_> = places
        .into_iter()
        .filter(|(path, text)| {
            let source = fs::read_to_string(root.join(path)).unwrap_or_default();
            // Comments are broken into lines anywhere.
            !source
                .replace("\n//!", "")
                .replace("\n    ///", "")
                .contains(text)
        })
        .collect();
    assert!(missing.is_empty(), "not in the source any more: {missing:#?}");
}

#[test]
fn every_erratum_says_how_it_is_known_and_whether_it_holds() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errata.md")).unwrap();
    let entries: Vec<&str> = page.split("\n### ").skip(1).collect();
    for number in 1..=16 {
        let name = format!("E{number}:");
        assert!(
            entries
                .iter()
                .any(|entry| entry.split_once('\n').unwrap().0.contains(&name)),
            "{name} is missing"
        );
    }
    for entry in entries {
        for word in ["**Known:**", "**Holds for H7A3:**"] {
            assert!(
                entry.contains(word),
                "{word} is missing in {}",
                entry.lines().next().unwrap()
            );
        }
    }
}
