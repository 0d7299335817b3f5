//! How long a program stands still for its collections: a picture of two rows of bars over one logarithmic axis.
//!
//! Drawn by hand: it is two dozen kinds of line, and a plotting library would double the time in which xtask compiles.

use std::fmt::Write;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 725.0;
/// Where each row of bars stands, and how high it may be.
const FLOORS: [f64; 2] = [170.0, 330.0];
const HEIGHT: f64 = 105.0;
/// The axis goes from 2^FIRST to 2^LAST microseconds, a bar a power.
const FIRST: i32 = 4;
const LAST: i32 = 18;

/// One row: whose pauses, in milliseconds.
pub struct Row<'a> {
    pub name: &'a str,
    pub colour: &'a str,
    pub pauses_ms: &'a [f64],
}

/// The picture.
pub fn svg(title: &str, rows: [Row; 2]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} 380\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>{title}</title>\n\
         <rect width=\"{WIDTH}\" height=\"380\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"24\" font-size=\"14\" font-weight=\"bold\" fill=\"#222\">{title}</text>\n"
    );
    for (row, floor) in rows.iter().zip(FLOORS) {
        bars(&mut svg, row, floor);
    }
    for power in FIRST..=LAST {
        let x = x(power);
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\" fill=\"#222\">{}</text>",
            FLOORS[1] + 18.0,
            label(power)
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"372\" text-anchor=\"middle\" fill=\"#222\">a collection takes, in virtual time</text>\n</svg>",
        (LEFT + RIGHT) / 2.0
    );
    svg
}

fn bars(svg: &mut String, row: &Row, floor: f64) {
    let counts = counts(row.pauses_ms);
    let all = row.pauses_ms.len().max(1) as f64;
    let highest = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let longest = row.pauses_ms.iter().copied().fold(0.0, f64::max);
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{:.0}\" fill=\"#222\"><tspan font-weight=\"bold\">{}</tspan>: {} collections, the longest {} ms</text>\n\
         <path d=\"M{LEFT} {floor}H{RIGHT}\" stroke=\"#888\"/>",
        floor - HEIGHT - 18.0,
        row.name,
        row.pauses_ms.len(),
        super::page::digits(longest)
    );
    for (bucket, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let left = x(FIRST + bucket as i32);
        let right = x(FIRST + bucket as i32 + 1);
        let height = HEIGHT * count as f64 / highest;
        let _ = writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{}\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"11\" fill=\"#222\">{:.0} %</text>",
            left + 1.0,
            floor - height,
            right - left - 2.0,
            row.colour,
            (left + right) / 2.0,
            floor - height - 3.0,
            100.0 * count as f64 / all
        );
    }
}

/// How many pauses are in each bucket; those beyond the axis are in its first and last.
fn counts(pauses_ms: &[f64]) -> Vec<usize> {
    let mut counts = vec![0; (LAST - FIRST) as usize];
    for ms in pauses_ms {
        let power = (ms * 1000.0).log2().floor() as i32;
        counts[power.clamp(FIRST, LAST - 1).abs_diff(FIRST) as usize] += 1;
    }
    counts
}

fn x(power: i32) -> f64 {
    LEFT + (RIGHT - LEFT) * f64::from(power - FIRST) / f64::from(LAST - FIRST)
}

/// `64 us`, `2 ms`: steps of two, so that a thousand is 1024.
fn label(power: i32) -> String {
    if power < 10 {
        format!("{} us", 1 << power)
    } else {
        format!("{} ms", 1 << (power - 10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_counted_by_powers_of_two_and_none_is_lost() {
        let counts = counts(&[0.001, 0.017, 0.033, 1.0, 1.1, 9999.0]);
        assert_eq!(counts[0], 2, "below the axis, and in its first bucket");
        assert_eq!(counts[1], 1);
        assert_eq!((counts[5], counts[6]), (1, 1), "1000 us and 1100 us");
        assert_eq!(counts[counts.len() - 1], 1);
        assert_eq!(counts.iter().sum::<usize>(), 6);
    }

    #[test]
    fn the_axis_is_labelled_in_steps_of_two() {
        assert_eq!([4, 9, 10, 17].map(label), ["16 us", "512 us", "1 ms", "128 ms"]);
    }
}
