//! Text in cells of 8 x 10 pixels: the 8 x 8 glyphs of `font8x8` with a row above and below.

use super::blend::tame;
use crate::math::{ceil, floor};
use crate::{Point, ViewMut};
use core::ops::Range;

const CELL: (i32, i32) = (8, 10);

/// How text is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Text {
    /// A pixel value of the image's format.
    pub colour: u16,
    /// Factor on the cell's size.
    pub scale: f32,
    /// Pixels between cells of a line.
    pub x_spacing: i32,
    /// Pixels between lines.
    pub y_spacing: i32,
    /// All cells are equally wide; otherwise a glyph is as wide as what is set in it.
    pub mono_space: bool,
    /// Quarter turns of each glyph, clockwise.
    pub char_turns: u8,
    /// Glyphs mirrored left to right.
    pub char_hmirror: bool,
    /// Glyphs mirrored top to bottom.
    pub char_vflip: bool,
    /// Quarter turns of the whole text, clockwise, around its first corner.
    pub string_turns: u8,
    /// The text runs from right to left.
    pub string_hmirror: bool,
    /// Lines go from bottom to top.
    pub string_vflip: bool,
}

impl Text {
    /// Upright text of plain size.
    pub const fn new(colour: u16) -> Self {
        Text {
            colour,
            scale: 1.0,
            x_spacing: 0,
            y_spacing: 0,
            mono_space: true,
            char_turns: 0,
            char_hmirror: false,
            char_vflip: false,
            string_turns: 0,
            string_hmirror: false,
            string_vflip: false,
        }
    }
}

/// The rows of a glyph, the lowest bit left; what the font does not have is a question mark.
fn glyph(letter: char) -> [u8; 8] {
    let ascii = font8x8::legacy::BASIC_LEGACY;
    let code = letter as usize;
    if (0x20..0x7F).contains(&code) {
        ascii[code]
    } else {
        ascii['?' as usize]
    }
}

/// True if the glyph's cell is set at (x, y).
fn is_set(rows: &[u8; 8], x: i32, y: i32) -> bool {
    (0..8).contains(&x) && (1..9).contains(&y) && rows[y as usize - 1] >> x & 1 != 0
}

/// First column and number of columns that a glyph takes.
fn columns(rows: &[u8; 8], style: &Text) -> (i32, i32) {
    let used = rows.iter().fold(0, |all, row| all | row);
    if style.mono_space {
        return (0, CELL.0);
    }
    if used == 0 {
        return (0, CELL.0 / 2);
    }
    let first = used.trailing_zeros() as i32;
    // One column of air.
    (first, 8 - used.leading_zeros() as i32 - first + 1)
}

fn scaled(length: i32, scale: f32) -> i32 {
    floor(length as f32 * scale).max(0)
}

/// Width in pixels of the longest line, without turns.
pub fn text_width(words: &str, style: &Text) -> i32 {
    let line = |line: &str| {
        line.chars().fold(0, |sum: i32, letter| {
            let (_, count) = columns(&glyph(letter), style);
            sum.saturating_add(scaled(count, style.scale))
                .saturating_add(style.x_spacing)
        })
    };
    words.split(['\n', '\r']).map(line).max().unwrap_or(0)
}

/// Draws text with its first corner at `place`; `\n` begins a line, `\r` goes back to the beginning of its line. Ends between two
/// letters if the operation shall end.
pub fn text(image: &mut ViewMut, place: Point, words: &str, style: &Text) {
    let scale = style.scale;
    // A scale that is not a number, or so large that one cell covers any image, draws nothing of use.
    if !(scale > 0.0 && scale <= 4096.0) {
        return;
    }
    let place = Point::new(tame(place.x), tame(place.y));
    let line_height = scaled(CELL.1, scale).saturating_add(style.y_spacing);
    let (mut across, mut down) = (0i32, 0i32);
    for letter in words.chars() {
        if crate::stop::check().is_err() {
            return;
        }
        match letter {
            '\n' => {
                across = 0;
                down = tame(down.saturating_add(line_height));
                continue;
            }
            '\r' => {
                across = 0;
                continue;
            }
            _ => {}
        }
        let rows = glyph(letter);
        let (first, count) = columns(&rows, style);
        cell(image, place, (across, down), &rows, (first, count), style);
        across = tame(
            across
                .saturating_add(scaled(count, scale))
                .saturating_add(style.x_spacing),
        );
    }
}

/// Draws one glyph; `at` is its corner from the text's corner before the text is turned.
fn cell(
    image: &mut ViewMut,
    place: Point,
    at: (i32, i32),
    rows: &[u8; 8],
    (first, count): (i32, i32),
    style: &Text,
) {
    let size = (
        ceil(count as f32 * style.scale),
        ceil(CELL.1 as f32 * style.scale),
    );
    // Where the corner lies, and which way columns and rows go from there.
    let (mut across, mut right) = (at.0, 1);
    if style.string_hmirror {
        (across, right) = (-across, -1);
    }
    let (mut down, mut below) = (at.1, 1);
    if style.string_vflip {
        (down, below) = (-down, -1);
    }
    let (corner, u_step, v_step) = match style.string_turns % 4 {
        0 => ((across, down), (right, 0), (0, below)),
        1 => ((-down, across), (0, right), (-below, 0)),
        2 => ((-across, -down), (-right, 0), (0, -below)),
        _ => ((down, -across), (0, -right), (below, 0)),
    };
    let (x0, y0) = (place.x + corner.0, place.y + corner.1);
    // Along the image's x go columns of the glyph, or its rows.
    let limits = (image.width() as i32, image.height() as i32);
    let (us, vs) = if u_step.0 == 0 {
        (
            seen(y0, u_step.1, limits.1, size.0),
            seen(x0, v_step.0, limits.0, size.1),
        )
    } else {
        (
            seen(x0, u_step.0, limits.0, size.0),
            seen(y0, v_step.1, limits.1, size.1),
        )
    };
    for v in vs {
        let row = floor(v as f32 / style.scale).min(CELL.1 - 1);
        for u in us.clone() {
            let column = floor(u as f32 / style.scale).min(count - 1);
            let (x, y) = turned_glyph(column, row, count, style);
            if is_set(rows, first + x, y) {
                image.set_pixel(
                    x0 + u_step.0 * u + v_step.0 * v,
                    y0 + u_step.1 * u + v_step.1 * v,
                    style.colour,
                );
            }
        }
    }
}

/// Which of `count` steps from `start`, up or down, lie in an image that ends at `limit`: a letter may be much larger than that.
fn seen(start: i32, step: i32, limit: i32, count: i32) -> Range<i32> {
    if step > 0 {
        (-start).max(0)..count.min(limit - start)
    } else {
        (start - limit + 1).max(0)..count.min(start + 1)
    }
}

/// Which place of the glyph shows at (x, y) of its cell.
fn turned_glyph(x: i32, y: i32, count: i32, style: &Text) -> (i32, i32) {
    let mirrored = (
        if style.char_hmirror { count - 1 - x } else { x },
        if style.char_vflip { CELL.1 - 1 - y } else { y },
    );
    let (x, y) = mirrored;
    match style.char_turns % 4 {
        0 => (x, y),
        1 => (y - 1, CELL.1 - 2 - x),
        2 => (count - 1 - x, CELL.1 - 1 - y),
        _ => (count - y, x + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use std::vec;

    fn drawn(words: &str, style: &Text) -> std::vec::Vec<u8> {
        let mut data = vec![0; 64 * 32];
        let mut image = ViewMut::new(&mut data, 64, 32, Format::Grey).unwrap();
        text(&mut image, Point::new(8, 8), words, style);
        data
    }

    #[test]
    fn cells_are_eight_by_ten() {
        let style = Text::new(255);
        assert_eq!(text_width("abc", &style), 24);
        let one = drawn("H", &style);
        let two = drawn(" H", &style);
        for y in 0..32 {
            for x in 0..56 {
                assert_eq!(one[y * 64 + x], two[y * 64 + x + 8]);
            }
        }
        let below = drawn("\nH", &style);
        for y in 0..22 {
            assert_eq!(one[y * 64..y * 64 + 64], below[(y + 10) * 64..(y + 10) * 64 + 64]);
        }
        assert!(one.contains(&255));
    }

    #[test]
    fn twice_as_large_is_four_times_the_ink() {
        let ink = |style: &Text| drawn("e", style).iter().filter(|pixel| **pixel != 0).count();
        let style = Text::new(255);
        let large = Text { scale: 2.0, ..style };
        assert_eq!(ink(&large), 4 * ink(&style));
        for turns in 0..4 {
            let turned = Text {
                string_turns: turns,
                ..style
            };
            assert_eq!(ink(&turned), ink(&style), "{turns} turns");
            let turned = Text {
                char_turns: turns,
                ..style
            };
            assert_eq!(ink(&turned), ink(&style), "glyph, {turns} turns");
        }
    }

    /// Where letters go beyond the image, and all that is within stays.
    #[test]
    fn what_is_seen_of_large_letters_is_the_same_in_a_larger_image() {
        for number in 0..32 {
            let style = Text {
                scale: 7.3,
                string_turns: number % 4,
                string_hmirror: number & 4 != 0,
                string_vflip: number & 8 != 0,
                char_turns: number / 16,
                ..Text::new(255)
            };
            let mut large = vec![0; 300 * 300];
            let mut image = ViewMut::new(&mut large, 300, 300, Format::Grey).unwrap();
            text(&mut image, Point::new(130, 131), "HR\nB", &style);
            let mut small = vec![0; 64 * 32];
            let mut image = ViewMut::new(&mut small, 64, 32, Format::Grey).unwrap();
            text(&mut image, Point::new(30, 11), "HR\nB", &style);
            for y in 0..32 {
                assert_eq!(
                    small[y * 64..][..64],
                    large[(y + 120) * 300 + 100..][..64],
                    "{style:?}, {y}"
                );
            }
            assert!(small.contains(&255), "{style:?}");
        }
    }

    #[test]
    fn letters_beyond_the_font_and_mad_numbers_are_borne() {
        assert_eq!(drawn("\u{1F600}", &Text::new(255)), drawn("?", &Text::new(255)));
        let mut data = [0; 64];
        let mut image = ViewMut::new(&mut data, 8, 8, Format::Grey).unwrap();
        for scale in [f32::NAN, -1.0, 0.0, 0.01, f32::INFINITY] {
            let style = Text {
                scale,
                x_spacing: i32::MAX,
                y_spacing: i32::MIN,
                ..Text::new(1)
            };
            text(&mut image, Point::new(i32::MAX, i32::MIN), "ab\ncd", &style);
        }
    }
}
