//! Makes a program smaller as long as it does the same harm.

use crate::node::Node;

/// The smallest program found in so many trials for which `still` holds; it holds for `program`.
pub fn shrink(program: Vec<Node>, trials: usize, mut holds: impl FnMut(&[Node]) -> bool) -> Vec<Node> {
    let mut best = program;
    let mut left = trials;
    let mut still = |trial: &[Node]| {
        let more = left.checked_sub(1);
        left = more.unwrap_or(0);
        more.is_some() && holds(trial)
    };
    // Most often the last few do it alone.
    for count in [1, 2, 4, 8, 16, 32, 64, 128, 256] {
        let start = best.len().saturating_sub(count);
        if start > 0 && still(&best[start..]) {
            best.drain(..start);
            break;
        }
    }
    loop {
        let before = (best.len(), size(&best));
        best = fewer(best, &mut still);
        best = simpler(best, &mut still);
        if (best.len(), size(&best)) == before {
            return best;
        }
    }
}

fn size(program: &[Node]) -> usize {
    program
        .iter()
        .map(|node| node.size() * 64 + node.to_string().len())
        .sum()
}

/// Leaves out statements, in halves first.
fn fewer(mut best: Vec<Node>, still: &mut impl FnMut(&[Node]) -> bool) -> Vec<Node> {
    let mut step = best.len().div_ceil(2);
    while step > 0 {
        let mut start = 0;
        while start < best.len() {
            let end = (start + step).min(best.len());
            let without: Vec<Node> = best[..start].iter().chain(&best[end..]).cloned().collect();
            if still(&without) {
                best = without;
            } else {
                start = end;
            }
        }
        step /= 2;
    }
    best
}

/// Puts something simpler in the place of each part.
fn simpler(mut best: Vec<Node>, still: &mut impl FnMut(&[Node]) -> bool) -> Vec<Node> {
    let plain = ["None", "0", "1"].map(Node::leaf);
    for statement in 0..best.len() {
        let mut number = 0;
        while let Some(part) = best[statement].at(number).cloned() {
            let parts = part.children().iter().chain(&plain);
            for smaller in parts.filter(|other| other.to_string().len() < part.to_string().len()) {
                let mut trial = best.clone();
                trial[statement] = best[statement].with(number, smaller);
                if still(&trial) {
                    best = trial;
                    break;
                }
            }
            number += 1;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_does_the_harm_is_left() {
        let call = |n: u32| {
            Node::of(
                "f($, [$, $])",
                vec![Node::leaf(n.to_string()), Node::leaf("bad"), Node::leaf("2222")],
            )
        };
        let program: Vec<Node> = (1000..1020).map(call).chain([Node::leaf("x = last")]).collect();
        let still = |program: &[Node]| {
            let text: Vec<String> = program.iter().map(Node::to_string).collect();
            text.iter().any(|line| line.contains("bad")) && text.iter().any(|line| line.contains("last"))
        };
        let text: Vec<String> = shrink(program, 1000, still).iter().map(Node::to_string).collect();
        assert_eq!(text, ["bad", "x = last"]);
    }
}
