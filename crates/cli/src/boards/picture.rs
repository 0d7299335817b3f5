//! The pin-out of a board as SVG: each pin of the chip by the label beside it, and what shares its copper.

use std::fmt::Write;

use vboard::board::{Board, Net, netlist};

const ROW: usize = 20;
const COLUMN: usize = 236;
const TOP: usize = 64;
/// Colour by the part that a pin is joined to first; parts that are not named are lamps and keys.
const COLOURS: &[(&str, &str)] = &[
    ("memory", "#f4c7c3"),
    ("console", "#cfe3ff"),
    ("usb", "#d5ccf2"),
    ("flash", "#f6deb4"),
    ("sd", "#f9efae"),
    ("camera", "#cdeccd"),
    ("display", "#c8ecec"),
];
const LAMP_OR_KEY: &str = "#f3cfe6";
const FREE: &str = "#ffffff";

/// The whole picture.
pub fn draw(board: &Board) -> String {
    let nets = netlist(board);
    let headers: Vec<&str> = board.headers.iter().map(|header| header.name.as_str()).collect();
    let (width, height) = (5 * COLUMN + 32, TOP + 16 * ROW + 44);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"11\">\n\
         <title>{name}: what each pin is joined to</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fdfcf8\"/>\n\
         <text x=\"16\" y=\"28\" font-size=\"17\" font-weight=\"bold\">{name}</text>\n\
         <text x=\"16\" y=\"48\" fill=\"#555\">by the label beside the contact; a ring: not on the pin headers</text>\n",
        name = escaped(&board.name)
    );
    for net in nets.iter().filter(|net| net.pin.port < 5) {
        pin(&mut svg, net, &headers);
    }
    legend(&mut svg, TOP + 16 * ROW + 24);
    svg.push_str("</svg>\n");
    svg
}

/// One row: label, and its uses.
fn pin(svg: &mut String, net: &Net, headers: &[&str]) {
    let (x, y) = (
        16 + usize::from(net.pin.port) * COLUMN,
        TOP + usize::from(net.pin.number) * ROW,
    );
    let uses: Vec<&_> = net
        .joints
        .iter()
        .filter(|joint| !headers.contains(&joint.part.as_str()))
        .collect();
    let colour = uses.first().map_or(FREE, |joint| colour(&joint.part));
    let words: Vec<String> = uses.iter().map(|joint| joint.to_string()).collect();
    let brought_out = uses.len() < net.joints.len();
    let contact = if brought_out {
        "#b8902e"
    } else {
        "none\" stroke=\"#b8902e"
    };
    let _ = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{colour}\" stroke=\"#bbb\"/>\
         <circle cx=\"{cx}\" cy=\"{cy}\" r=\"5\" fill=\"{contact}\"/>\
         <text x=\"{lx}\" y=\"{ty}\" font-weight=\"bold\">{label}</text><text x=\"{ux}\" y=\"{ty}\">{words}</text>",
        w = COLUMN - 8,
        h = ROW - 2,
        cx = x + 10,
        cy = y + 9,
        lx = x + 22,
        ux = x + 62,
        ty = y + 13,
        label = net.pin,
        words = escaped(&words.join(", ")),
    );
}

fn legend(svg: &mut String, y: usize) {
    let entries = COLOURS
        .iter()
        .copied()
        .chain([("LED or key", LAMP_OR_KEY), ("free", FREE)]);
    for (number, (name, colour)) in entries.enumerate() {
        let x = 16 + number * 120;
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{top}\" width=\"14\" height=\"12\" fill=\"{colour}\" stroke=\"#bbb\"/><text x=\"{tx}\" y=\"{y}\">{name}</text>",
            top = y - 10,
            tx = x + 20
        );
    }
}

fn colour(part: &str) -> &'static str {
    COLOURS
        .iter()
        .find(|(name, _)| *name == part)
        .map_or(LAMP_OR_KEY, |(_, colour)| colour)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
