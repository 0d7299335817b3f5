//! A sweep as a picture: a dot for each setting, its moment to the right, its clock upwards.

use std::fmt::Write;

use super::Found;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 60.0;
const BOTTOM: f64 = 340.0;
const TOP: f64 = 40.0;
/// What the axes reach to.
const MOST_NS: f64 = 26.0;
const LEAST_MHZ: f64 = 35.0;
const MOST_MHZ: f64 = 135.0;

fn x(ps: u32) -> f64 {
    LEFT + f64::from(ps) / 1000.0 / MOST_NS * (WIDTH - LEFT - 20.0)
}

fn y(hz: u32) -> f64 {
    let share = (f64::from(hz) / 1e6 - LEAST_MHZ) / (MOST_MHZ - LEAST_MHZ);
    BOTTOM - share * (BOTTOM - TOP)
}

fn label_axes(svg: &mut String) {
    for ns in (0..=25).step_by(5) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{ns}</text>",
            x(ns * 1000),
            BOTTOM + 18.0
        );
    }
    for mhz in (40..=130).step_by(10) {
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{mhz}</text>",
            LEFT - 8.0,
            y(mhz * 1_000_000) + 4.0
        );
    }
}

/// The picture, as SVG.
pub fn draw(found: &Found) -> String {
    let (mut svg, best) = (String::new(), found.sweep.best());
    // A string takes all that is written to it.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <path d=\"M{LEFT} {TOP}V{BOTTOM}H{}\" fill=\"none\" stroke=\"black\"/>\n\
         <text x=\"{LEFT}\" y=\"20\">clock in MHz, upwards; sampled so many ns after the edge of the clock</text>\n",
        WIDTH - 20.0
    );
    label_axes(&mut svg);
    if let Some(ps) = found.sweep.answer_ps() {
        let _ = writeln!(
            svg,
            "<path d=\"M{0:.1} {TOP}V{BOTTOM}\" stroke=\"gray\" stroke-dasharray=\"4 3\"/>",
            x(ps)
        );
    }
    for point in found.sweep.points() {
        let setting = point.setting;
        let (at_x, at_y) = (x(setting.sample_ps()), y(setting.clock_hz));
        let color = if point.errors == 0 { "green" } else { "crimson" };
        let _ = writeln!(
            svg,
            "<circle cx=\"{at_x:.1}\" cy=\"{at_y:.1}\" r=\"4\" fill=\"{color}\"/>"
        );
        if setting.clock_hz == found.now_hz && setting.late {
            let _ = writeln!(
                svg,
                "<circle cx=\"{at_x:.1}\" cy=\"{at_y:.1}\" r=\"8\" fill=\"none\" stroke=\"black\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\">now</text>",
                at_x + 12.0,
                at_y + 4.0
            );
        }
        if let Some(best) = best.filter(|best| best.setting == setting) {
            let from = x(setting.sample_ps() - best.margin_ps);
            let _ = writeln!(
                svg,
                "<path d=\"M{from:.1} {at_y:.1}H{at_x:.1}\" stroke=\"blue\" stroke-width=\"2\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\" fill=\"blue\">best: {} MHz, {:.1} ns to spare</text>",
                at_x + 12.0,
                at_y + 4.0,
                setting.clock_hz / 1_000_000,
                f64::from(best.margin_ps) / 1000.0
            );
        }
    }
    svg + "</svg>\n"
}
