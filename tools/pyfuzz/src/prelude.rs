//! The Python that drawn programs use, and which parts of it a given text needs.

const TEXT: &str = include_str!("prelude.py");

/// A part and the names by which it is known.
struct Part {
    name: &'static str,
    text: &'static str,
}

fn parts() -> impl Iterator<Item = Part> {
    // What stands before the first mark is a comment for the reader.
    TEXT.split("#: ").skip(1).map(|piece| {
        let (name, text) = piece.split_once('\n').unwrap_or((piece, ""));
        Part { name, text }
    })
}

/// All of it.
pub fn all() -> String {
    parts().map(|part| part.text).collect()
}

/// What `text` uses, and what that uses, in order.
pub fn needed(text: &str) -> String {
    let all: Vec<Part> = parts().collect();
    let mut wanted = vec![false; all.len()];
    let mut used = text.to_owned();
    // A part only uses what stands before it.
    for (index, part) in all.iter().enumerate().rev() {
        if words(&used).any(|word| word == part.name) {
            wanted[index] = true;
            used.push_str(part.text);
        }
    }
    all.iter()
        .zip(wanted)
        .filter(|(_, wanted)| *wanted)
        .map(|(part, _)| part.text)
        .collect()
}

/// The names in a text.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_brings_what_it_uses_and_nothing_else() {
        let text = needed("HD(4, 3)");
        for name in ["class HD", "class H:", "def act", "def w(", "v = ["] {
            assert!(text.contains(name), "{name} in {text}");
        }
        assert!(!text.contains("class HS"), "{text}");
        assert_eq!(needed("print(1)"), "");
    }

    #[test]
    fn every_part_only_uses_what_stands_before_it() {
        let all: Vec<Part> = parts().collect();
        for (index, part) in all.iter().enumerate() {
            let later = all[index + 1..]
                .iter()
                .find(|later| words(part.text).any(|word| word == later.name));
            assert_eq!(later.map(|later| later.name), None, "in {}", part.name);
        }
    }
}
