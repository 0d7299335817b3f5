//! Where a line of pixels changes between light and dark.

use crate::{Error, Found};

/// Places are counted in 32nds of a pixel.
pub const UNIT: u32 = 32;

/// How much brightness must come back from an extreme before that counts: a fifth of the line's range, but not noise.
fn least_change(line: &[u8]) -> u8 {
    let (least, most) = line.iter().fold((255, 0), |(least, most), level| {
        (*level.min(&least), *level.max(&most))
    });
    (most.saturating_sub(least) / 5).max(12)
}

/// The edges of a line, in turns from light to dark and back; the first one goes to dark.
pub fn edges(line: &[u8], edges: &mut Found<u32>) -> Result<(), Error> {
    edges.clear();
    let least = least_change(line);
    let Some(&first) = line.first() else { return Ok(()) };
    // The extreme that was confirmed last, and the one that is being looked for.
    let mut confirmed: Option<(usize, u8)> = None;
    let (mut lightest, mut darkest) = ((0, first), (0, first));
    // What the line is going to: None until the first change.
    let mut to_dark: Option<bool> = None;
    for (at, &level) in line.iter().enumerate() {
        if level > lightest.1 {
            lightest = (at, level);
        }
        if level < darkest.1 {
            darkest = (at, level);
        }
        let falls = to_dark != Some(true) && lightest.1 - level >= least;
        let rises = to_dark != Some(false) && level - darkest.1 >= least;
        if !falls && !rises {
            continue;
        }
        let extreme = if falls { lightest } else { darkest };
        match confirmed {
            Some(before) => edges.push(crossing(line, before, extreme))?,
            // A line that begins dark has its first edge at its beginning.
            None if rises => edges.push(0)?,
            None => {}
        }
        confirmed = Some(extreme);
        to_dark = Some(falls);
        (lightest, darkest) = ((at, level), (at, level));
    }
    if let Some(before) = confirmed {
        let last = if to_dark == Some(true) { darkest } else { lightest };
        edges.push(crossing(line, before, last))?;
    }
    if edges.len() % 2 != 0 {
        edges.push(line.len() as u32 * UNIT)?;
    }
    Ok(())
}

/// Where the line crosses the middle between two extremes; pixels are as wide as UNIT, their middles count.
fn crossing(line: &[u8], (from, start): (usize, u8), (to, end): (usize, u8)) -> u32 {
    let middle = (u32::from(start) + u32::from(end)) / 2;
    let falls = end < start;
    for at in from..to {
        let (a, b) = (u32::from(line[at]), u32::from(line[at + 1]));
        let crosses = if falls {
            a > middle && b <= middle
        } else {
            a <= middle && b > middle
        };
        if crosses {
            let whole = a.abs_diff(b).max(1);
            let share = (a.abs_diff(middle) * UNIT + whole / 2) / whole;
            return at as u32 * UNIT + UNIT / 2 + share;
        }
    }
    to as u32 * UNIT + UNIT / 2
}

/// The widths between edges, with the light before the first and behind the last, and where each begins, from either end of
/// the line. Bars have odd numbers. How many there are.
pub fn widths(
    edges: &[u32],
    length: usize,
    backwards: bool,
    widths: &mut [u32],
    starts: &mut [u32],
) -> usize {
    let end = length as u32 * UNIT;
    let count = edges.len() + 1;
    let place = |at: usize| match at.checked_sub(1) {
        None => 0,
        Some(at) => edges.get(at).copied().unwrap_or(end),
    };
    for at in 0..count {
        let (from, to) = if backwards {
            (place(count - at), place(count - at - 1))
        } else {
            (place(at), place(at + 1))
        };
        widths[at] = from.abs_diff(to);
        starts[at] = from;
    }
    starts[count] = if backwards { 0 } else { end };
    count
}
