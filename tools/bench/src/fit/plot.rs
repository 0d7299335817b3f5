//! Memory over time: a small picture for each kind of program, free memory and the largest free block of both heaps.

use super::kind::{Filled, Look};
use super::page::Row;
use std::fmt::Write;

const COLUMNS: usize = 3;
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 150.0;
/// Inside a small picture, where the lines are.
const LEFT: f64 = 14.0;
const TOP: f64 = 28.0;
const INNER_WIDTH: f64 = 272.0;
const INNER_HEIGHT: f64 = 96.0;
const HEAD: f64 = 56.0;

const COLOURS: [&str; 2] = ["#b3571c", "#1c6bb3"];

pub fn svg(rows: &[Row]) -> String {
    let width = WIDTH * COLUMNS as f64;
    let height = HEAD + HEIGHT * rows.len().div_ceil(COLUMNS) as f64;
    let title = "Memory until MemoryError, and after all was dropped";
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <title>{title}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"14\" y=\"22\" font-size=\"14\" font-weight=\"bold\" fill=\"#222\">{title}</text>\n\
         <text x=\"14\" y=\"42\" fill=\"#222\">Thick: the largest free block, thin: all that is free, in MB, over virtual time. \
         <tspan fill=\"{}\">gc.c</tspan>, <tspan fill=\"{}\">tierheap</tspan>.</text>\n",
        COLOURS[0], COLOURS[1]
    );
    for (n, row) in rows.iter().enumerate() {
        let (x, y) = ((n % COLUMNS) as f64 * WIDTH, HEAD + (n / COLUMNS) as f64 * HEIGHT);
        let _ = writeln!(svg, "<g transform=\"translate({x},{y})\">");
        small(&mut svg, row);
        svg += "</g>\n";
    }
    svg + "</svg>\n"
}

fn small(svg: &mut String, Row { kind, stock, tier }: &Row) {
    let both = [stock, tier];
    let ms = |filled: &Filled| filled.dropped().ms - filled.fresh().ms;
    let longest_ms = both.iter().map(|filled| ms(filled)).max().unwrap_or(1).max(1);
    let most = both.iter().map(|filled| filled.fresh().free_bytes).max();
    let most = most.unwrap_or(1).max(1);
    let bottom = TOP + INNER_HEIGHT;
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"20\" fill=\"#222\" font-weight=\"bold\">{}</text>\n\
         <path d=\"M{LEFT} {TOP}V{bottom}H{:.0}\" fill=\"none\" stroke=\"#888\"/>\n\
         <text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\" fill=\"#555\">{:.0} s</text>\n\
         <text x=\"{:.0}\" y=\"{:.0}\" fill=\"#555\">{:.1}</text>",
        kind.name,
        LEFT + INNER_WIDTH,
        LEFT + INNER_WIDTH,
        bottom + 13.0,
        longest_ms as f64 / 1e3,
        LEFT + 2.0,
        TOP + 8.0,
        most as f64 / 1e6,
    );
    for (filled, colour) in both.into_iter().zip(COLOURS) {
        let begin = filled.fresh().ms;
        let points = |of: fn(&Look) -> u64| {
            let point = |look: &Look| {
                let x = LEFT + INNER_WIDTH * (look.ms - begin) as f64 / longest_ms as f64;
                let y = bottom - INNER_HEIGHT * of(look) as f64 / most as f64;
                format!("{x:.1},{y:.1}")
            };
            filled.looks.iter().map(point).collect::<Vec<_>>().join(" ")
        };
        for (stroke, points) in [
            (0.8, points(|look| look.free_bytes)),
            (2.0, points(|look| look.largest_bytes)),
        ] {
            let _ = writeln!(
                svg,
                "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{stroke}\"/>"
            );
        }
    }
}
