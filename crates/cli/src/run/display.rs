//! `--display`, `--display-png`, `--display-show`: the display that is plugged in, and what it shows when the run ends.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use vboard::board::Board;
use vboard::{Machine, Picture, displays};

use super::kept;
use crate::failure::Failure;

/// Columns of a terminal that nobody knows.
const COLUMNS: usize = 80;

#[derive(clap::Args)]
pub struct Options {
    /// The display on the board's connector: st7735r-160x80, st7735r-128x160, st7789-240x240, st7789-240x320 or
    /// ili9341-320x240 [default: the board's own]
    #[arg(long, value_name = "KIND", value_parser = kind)]
    display: Option<&'static str>,

    /// Write what the display shows at the end of the run to this file, as PNG
    #[arg(long, value_name = "FILE")]
    display_png: Option<PathBuf>,

    /// Draw what the display shows at the end of the run into the terminal, in half blocks of 24-bit colours
    #[arg(long)]
    display_show: bool,
}

/// The kind of this name, or the names there are.
pub fn kind(name: &str) -> Result<&'static str, String> {
    let found = displays().find(|known| *known == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = displays().collect();
        format!("there is no display `{name}`; there are: {}", known.join(", "))
    })
}

impl Options {
    /// Plugs in what was asked for.
    pub fn plug(&self, machine: &mut Machine, board: &Board) -> Result<(), Failure> {
        if let Some(kind) = self.display {
            machine.put_display(board, kind).map_err(Failure::new)?;
        }
        if (self.display_png.is_some() || self.display_show) && machine.picture().is_none() {
            return Err(Failure::new(format!("{} carries no display", board.name))
                .hint("`--display st7789-240x320` plugs one into its connector"));
        }
        Ok(())
    }

    /// Shows what it shows.
    pub fn show(&self, machine: &Machine) -> Result<(), Failure> {
        let Some(picture) = machine.picture() else {
            return Ok(());
        };
        if let Some(path) = &self.display_png {
            write(path, &picture)?;
        }
        if self.display_show {
            let columns = rustix::termios::tcgetwinsize(rustix::stdio::stdout());
            let columns = columns.map_or(0, |size| usize::from(size.ws_col));
            print!(
                "{}",
                half_blocks(&picture, if columns == 0 { COLUMNS } else { columns })
            );
        }
        Ok(())
    }
}

fn write(path: &Path, picture: &Picture) -> Result<(), Failure> {
    let bytes = png(picture)
        .map_err(|error| Failure::new(format!("the picture {} cannot be made: {error}", path.display())))?;
    kept::write(path, "the picture of the display", &bytes)
}

/// The picture as a PNG file.
pub fn png(picture: &Picture) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width as u32, picture.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&picture.rgb)?;
    Ok(bytes)
}

/// Two dots below each other in a character: one its foreground, one its background. Wider pictures are made smaller.
fn half_blocks(picture: &Picture, columns: usize) -> String {
    let step = picture.width.div_ceil(columns.max(1)).max(1);
    let mut text = String::new();
    for y in (0..picture.height).step_by(2 * step) {
        for x in (0..picture.width).step_by(step) {
            let [r, g, b] = mean(picture, x, y, step);
            let [s, h, c] = mean(picture, x, y + step, step);
            // Writing to a String does not fail.
            let _ = write!(text, "\x1b[38;2;{r};{g};{b};48;2;{s};{h};{c}m\u{2580}");
        }
        text += "\x1b[0m\n";
    }
    text
}

/// The mean colour of a square, as far as it is inside.
fn mean(picture: &Picture, x: usize, y: usize, side: usize) -> [u8; 3] {
    let mut sums = [0usize; 3];
    let mut count = 0;
    for y in y..(y + side).min(picture.height) {
        for x in x..(x + side).min(picture.width) {
            for (sum, byte) in sums.iter_mut().zip(picture.at(x, y)) {
                *sum += usize::from(byte);
            }
            count += 1;
        }
    }
    sums.map(|sum| (sum / count.max(1)) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Picture {
        Picture {
            width: 2,
            height: 3,
            rgb: (0..18).collect(),
        }
    }

    #[test]
    fn two_rows_share_a_line_and_the_last_stands_on_black() {
        let text = half_blocks(&picture(), 80);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines[0].starts_with("\x1b[38;2;0;1;2;48;2;6;7;8m\u{2580}"),
            "{text:?}"
        );
        assert!(
            lines[1].starts_with("\x1b[38;2;12;13;14;48;2;0;0;0m\u{2580}"),
            "{text:?}"
        );
    }

    #[test]
    fn a_picture_wider_than_the_terminal_is_made_smaller() {
        let text = half_blocks(&picture(), 1);
        assert!(text.starts_with("\x1b[38;2;4;5;6;48;2;13;14;15m"), "{text:?}");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn a_png_can_be_read_again() {
        let bytes = png(&picture()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rgb).unwrap();
        assert_eq!((info.width, info.height, rgb), (2, 3, picture().rgb));
    }
}
