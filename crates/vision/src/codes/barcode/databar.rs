//! GS1 DataBar Omnidirectional (and Truncated): ISO/IEC 24724. The payload is `01` and the item's fourteen digits.
//!
//! Two halves, the right one mirrored: an outer character, a finder, an inner character. A character is two times four widths,
//! and its value is their rank among all that the standard allows.

use super::text::{Text, check_digit};
use super::{Reading, Symbology, runs::UNIT};

/// Characters of a kind, by the sum of their widths of odd place: modules, the widest of odd place, how many the other four
/// widths can be, values of the groups before.
struct Group {
    odd: u32,
    widest_odd: u32,
    subset: u32,
    before: u32,
}

const fn group(odd: u32, widest_odd: u32, subset: u32, before: u32) -> Group {
    Group {
        odd,
        widest_odd,
        subset,
        before,
    }
}

const OUTER: [Group; 5] = [
    group(12, 8, 1, 0),
    group(10, 6, 10, 161),
    group(8, 4, 34, 961),
    group(6, 3, 70, 2015),
    group(4, 1, 126, 2715),
];
const INNER: [Group; 4] = [
    group(5, 2, 4, 0),
    group(7, 4, 20, 336),
    group(9, 6, 48, 1036),
    group(11, 8, 81, 1516),
];

/// The first three widths of the nine finders; two of one module follow.
const FINDERS: [[u32; 3]; 9] = [
    [3, 8, 2],
    [3, 5, 5],
    [3, 3, 7],
    [3, 1, 9],
    [2, 7, 4],
    [2, 5, 6],
    [2, 3, 8],
    [1, 5, 7],
    [1, 3, 9],
];

/// Widths as whole modules that fill `modules`: each edge goes to the nearest place.
fn modules_of<const N: usize>(widths: [u32; N], modules: u32) -> Option<[u32; N]> {
    let total: u32 = widths.iter().sum();
    // Less than about a pixel a module says nothing.
    if total * 4 < modules * UNIT * 3 {
        return None;
    }
    let (mut passed, mut before) = (0, 0);
    let whole = widths.map(|width| {
        passed += width;
        let edge = (passed * modules * 2 + total) / (2 * total);
        let own = edge - before;
        before = edge;
        own
    });
    whole.iter().all(|width| (1..=9).contains(width)).then_some(whole)
}

/// The rank of four widths among all of the same sum that are nowhere wider than `widest`, in the order of their digits; those
/// without a width of one module count only if `broad`.
fn rank(widths: [u32; 4], widest: u32, broad: bool) -> Option<u32> {
    let sum: u32 = widths.iter().sum();
    let mut before = 0;
    for a in 1..=widest {
        for b in 1..=widest {
            for c in 1..=widest {
                let own = [a, b, c, sum.saturating_sub(a + b + c)];
                let allowed = (1..=widest).contains(&own[3]) && (broad || own.contains(&1));
                if allowed && own == widths {
                    return Some(before);
                }
                before += u32::from(allowed);
            }
        }
    }
    None
}

/// The value of a character, read towards its finder, and its part of the check sum.
fn character(widths: [u32; 8], outer: bool) -> Option<(u32, u32)> {
    let whole = modules_of(widths, if outer { 16 } else { 15 })?;
    let odd: [u32; 4] = core::array::from_fn(|at| whole[2 * at]);
    let even: [u32; 4] = core::array::from_fn(|at| whole[2 * at + 1]);
    let groups: &[Group] = if outer { &OUTER } else { &INNER };
    let sum: u32 = odd.iter().sum();
    let group = groups.iter().find(|group| group.odd == sum)?;
    let odd_rank = rank(odd, group.widest_odd, outer)?;
    let even_rank = rank(even, 9 - group.widest_odd, !outer)?;
    let value = if outer {
        odd_rank * group.subset + even_rank
    } else {
        even_rank * group.subset + odd_rank
    };
    let weigh = |four: [u32; 4]| four.iter().rev().fold(0, |sum, width| 9 * sum + width);
    Some((value + group.before, weigh(odd) + 3 * weigh(even)))
}

fn finder(widths: [u32; 5]) -> Option<u32> {
    let whole = modules_of(widths, 15)?;
    let place = FINDERS.iter().position(|finder| whole[..3] == finder[..])?;
    (whole[3..] == [1, 1]).then_some(place as u32)
}

/// A half from its outer end: its value, its finder, its part of the check sum.
fn half(widths: [u32; 21]) -> Option<(u32, u32, u32)> {
    let finder = finder(core::array::from_fn(|at| widths[8 + at]))?;
    let (outer, outer_sum) = character(core::array::from_fn(|at| widths[at]), true)?;
    let (inner, inner_sum) = character(core::array::from_fn(|at| widths[20 - at]), false)?;
    Some((1597 * outer + inner, finder, outer_sum + 4 * inner_sum))
}

/// From the first bar to the last.
const COUNT: usize = 45;

pub fn read(widths: &[u32], text: &mut Text) -> Option<Reading> {
    let all = widths.get(1..=COUNT)?;
    // Half a code is 46 modules less its guard's space, the guards are one module each.
    let module = all[1..22].iter().sum::<u32>() / 46;
    if all[0].abs_diff(module) * 10 > 7 * module {
        return None;
    }
    let (left, left_finder, left_sum) = half(core::array::from_fn(|at| all[1 + at]))?;
    let (right, right_finder, right_sum) = half(core::array::from_fn(|at| all[42 - at]))?;
    // The 81 pairs of finders without two that a stray bar could make.
    let mut pair = 9 * left_finder + right_finder;
    pair -= u32::from(pair > 72);
    pair -= u32::from(pair > 8);
    if (left_sum + 16 * right_sum) % 79 != pair {
        return None;
    }
    let value = 4_537_077 * u64::from(left) + u64::from(right);
    text.number(value, 13)?;
    let check = check_digit(text.as_bytes());
    text.clear();
    text.number(1, 2)?;
    text.number(value, 13)?;
    text.digit(check)?;
    Some(Reading {
        symbology: Symbology::DataBar,
        count: COUNT,
    })
}
