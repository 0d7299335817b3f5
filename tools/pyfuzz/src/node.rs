//! A piece of Python with its parts, so that a program can be made smaller without being parsed.

use std::borrow::Cow;
use std::fmt;

/// Text with holes, and what stands in them. The holes are `$`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    text: Cow<'static, str>,
    children: Vec<Node>,
}

impl Node {
    /// `Node::of("$ + $", vec![a, b])`
    pub fn of(text: impl Into<Cow<'static, str>>, children: Vec<Node>) -> Node {
        let text = text.into();
        debug_assert_eq!(text.matches('$').count(), children.len(), "{text}");
        Node { text, children }
    }

    /// Text without holes.
    pub fn leaf(text: impl Into<Cow<'static, str>>) -> Node {
        Node::of(text, Vec::new())
    }

    /// How many nodes there are, this one included.
    pub fn size(&self) -> usize {
        1 + self.children.iter().map(Node::size).sum::<usize>()
    }

    /// The node with this number in depth-first order; this one is 0.
    pub fn at(&self, number: usize) -> Option<&Node> {
        let mut left = number.checked_sub(1);
        if left.is_none() {
            return Some(self);
        }
        for child in &self.children {
            let size = child.size();
            let here = left?;
            if here < size {
                return child.at(here);
            }
            left = Some(here - size);
        }
        None
    }

    /// A copy with another node at this number.
    pub fn with(&self, number: usize, other: &Node) -> Node {
        let Some(mut left) = number.checked_sub(1) else {
            return other.clone();
        };
        let mut copy = self.clone();
        for child in &mut copy.children {
            let size = child.size();
            if left < size {
                *child = child.with(left, other);
                break;
            }
            left -= size;
        }
        copy
    }

    /// Its direct parts.
    pub fn children(&self) -> &[Node] {
        &self.children
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut children = self.children.iter();
        for (place, piece) in self.text.split('$').enumerate() {
            if place > 0
                && let Some(child) = children.next()
            {
                child.fmt(f)?;
            }
            f.write_str(piece)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum() -> Node {
        let call = Node::of("f($, $)", vec![Node::leaf("1"), Node::leaf("2")]);
        Node::of("$ + $", vec![call, Node::leaf("3")])
    }

    #[test]
    fn holes_are_filled_in_order() {
        assert_eq!(sum().to_string(), "f(1, 2) + 3");
    }

    #[test]
    fn every_node_is_reached_by_its_number_and_no_other_is() {
        let texts: Vec<_> = (0..6).map(|n| sum().at(n).map(Node::to_string)).collect();
        let expected = [
            Some("f(1, 2) + 3"),
            Some("f(1, 2)"),
            Some("1"),
            Some("2"),
            Some("3"),
            None,
        ];
        assert_eq!(texts, expected.map(|text| text.map(str::to_owned)));
    }

    #[test]
    fn a_node_is_replaced_where_it_stands() {
        let none = Node::leaf("None");
        let all: Vec<_> = (0..5).map(|n| sum().with(n, &none).to_string()).collect();
        assert_eq!(
            all,
            [
                "None",
                "None + 3",
                "f(None, 2) + 3",
                "f(1, None) + 3",
                "f(1, 2) + None"
            ]
        );
    }
}
