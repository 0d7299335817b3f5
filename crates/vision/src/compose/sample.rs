//! The source's colour at a place between its pixels: nearest, mean of an area, bilinear, bicubic, all in integers.

use super::hints::Hints;
use super::how::Compose;
use super::place::Place;
use crate::colour::rgb565;
use crate::geometry::Homography;
use crate::pixel::by_format;
use crate::{Area, Error, Format, Pixel, View};

/// With or without colour, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Colour {
    Grey(u8),
    Rgb([u8; 3]),
}

/// What is drawn at a pixel.
pub(super) struct Sample {
    pub colour: Colour,
    pub alpha: u8,
}

#[derive(Clone, Copy, PartialEq)]
enum Kernel {
    Nearest,
    Area,
    Bilinear,
    Bicubic,
}

/// A source with all that is done to its colours.
pub(super) struct Sampler<'a> {
    source: View<'a>,
    how: &'a Compose<'a>,
    kernel: Kernel,
    /// From the drawn rectangle back to where its pixel comes from.
    back: Option<Homography>,
    /// Three channels come out of [`Self::tap`].
    is_colour: bool,
    channel_first: bool,
    palette_first: bool,
}

impl<'a> Sampler<'a> {
    pub fn new(source: &'a View<'a>, how: &'a Compose<'a>, _place: &Place) -> Result<Self, Error> {
        if let Some(channel) = how.rgb_channel
            && channel > 2
        {
            return Err(Error::Argument {
                name: "rgb_channel",
                found: f32::from(channel),
                expected: "0, 1 or 2",
            });
        }
        let back = match how.transform {
            None => None,
            Some(matrix) => Some(Homography(matrix).inverse().ok_or(Error::Argument {
                name: "transform",
                found: 0.0,
                expected: "a matrix that has an inverse",
            })?),
        };
        let kernel = if how.hints.has(Hints::AREA) {
            Kernel::Area
        } else if how.hints.has(Hints::BICUBIC) {
            Kernel::Bicubic
        } else if how.hints.has(Hints::BILINEAR) {
            Kernel::Bilinear
        } else {
            Kernel::Nearest
        };
        let mut is_colour = source.format() == Format::Rgb565;
        let channel_first =
            is_colour && how.rgb_channel.is_some() && how.hints.has(Hints::EXTRACT_RGB_CHANNEL_FIRST);
        is_colour &= !channel_first;
        let palette_first =
            !is_colour && how.color_palette.is_some() && how.hints.has(Hints::APPLY_COLOR_PALETTE_FIRST);
        Ok(Sampler {
            source: *source,
            how,
            kernel,
            back,
            is_colour: is_colour || palette_first,
            channel_first,
            palette_first,
        })
    }

    /// What is drawn at a pixel of the destination; nothing if the transform takes it from outside the source.
    pub fn at(&self, place: &Place, x: usize, y: usize) -> Option<Sample> {
        let (mut x, mut y) = place.inside(x, y);
        if let Some(back) = &self.back {
            let (from_x, from_y) = back.apply(x as f32, y as f32)?;
            let (width, height) = place.size();
            let index = |at: f32, limit: usize| {
                let at = libm::rintf(at);
                (at >= 0.0 && at < limit as f32).then_some(at as usize)
            };
            x = index(from_x, width)?;
            y = index(from_y, height)?;
        }
        let channels = match self.kernel {
            Kernel::Nearest => {
                let (x, y) = place.nearest_inside(x, y);
                self.tap(x, y)
            }
            _ => {
                let ((x, y), size) = place.upright(x, y);
                match self.kernel {
                    Kernel::Area => self.mean(place.area, (x, y), size),
                    Kernel::Bicubic => self.cubic(place.area, (x, y), size),
                    _ => self.linear(place.area, (x, y), size),
                }
            }
        };
        Some(self.finish(channels))
    }

    /// Channel, palette and alpha.
    fn finish(&self, channels: [u8; 3]) -> Sample {
        let mut colour = if self.is_colour {
            Colour::Rgb(channels)
        } else {
            Colour::Grey(channels[0])
        };
        if let (Colour::Rgb(rgb), Some(channel)) = (colour, self.how.rgb_channel)
            && !self.palette_first
        {
            colour = Colour::Grey(rgb[usize::from(channel)]);
        }
        let mut alpha = self.how.alpha;
        if let Some(alphas) = self.how.alpha_palette {
            let grey = match colour {
                Colour::Grey(grey) => grey,
                Colour::Rgb(rgb) => rgb565::luma(rgb565::from_rgb(rgb)),
            };
            alpha = (u16::from(alpha) * u16::from(alphas[usize::from(grey)]) / 255) as u8;
        }
        if let (Colour::Grey(grey), Some(palette)) = (colour, self.how.color_palette) {
            colour = Colour::Rgb(rgb565::to_rgb(palette[usize::from(grey)]));
        }
        Sample { colour, alpha }
    }

    /// The channels of one pixel of the source, 0 to 255; without colour only the first.
    fn tap(&self, x: usize, y: usize) -> [u8; 3] {
        let row = self.source.row(y);
        if self.source.format() == Format::Rgb565 {
            let rgb = rgb565::to_rgb(crate::Rgb565::get(row, x));
            return match self.how.rgb_channel {
                Some(channel) if self.channel_first => {
                    let grey = rgb[usize::from(channel)];
                    self.through_palette(grey)
                }
                _ => rgb,
            };
        }
        let grey = by_format!(self.source.format(), P => P::grey(P::get(row, x)));
        self.through_palette(grey)
    }

    fn through_palette(&self, grey: u8) -> [u8; 3] {
        match self.how.color_palette {
            Some(palette) if self.palette_first => rgb565::to_rgb(palette[usize::from(grey)]),
            _ => [grey, 0, 0],
        }
    }

    fn channels(&self) -> usize {
        if self.is_colour { 3 } else { 1 }
    }

    /// The rounded mean of the pixels that fall on one, at least one.
    fn mean(&self, area: Area, at: (usize, usize), size: (usize, usize)) -> [u8; 3] {
        let span = |at: usize, from: usize, length: usize, size: usize| {
            let first = at * length / size;
            let end = ((at + 1) * length / size).max(first + 1);
            from + first..from + end
        };
        let columns = span(at.0, area.x, area.w, size.0);
        let rows = span(at.1, area.y, area.h, size.1);
        let count = (columns.len() * rows.len()) as u32;
        let mut sums = [0u32; 3];
        for y in rows {
            for x in columns.clone() {
                for (sum, channel) in sums.iter_mut().zip(self.tap(x, y)) {
                    *sum += u32::from(channel);
                }
            }
        }
        sums.map(|sum| ((sum + count / 2) / count) as u8)
    }

    /// Between the four nearest, in 256ths of a pixel.
    fn linear(&self, area: Area, at: (usize, usize), size: (usize, usize)) -> [u8; 3] {
        let (x, fx) = position(at.0, area.w, size.0);
        let (y, fy) = position(at.1, area.h, size.1);
        let columns = [0, 1].map(|step| area.x + inside(x + step, area.w));
        let rows = [0, 1].map(|step| area.y + inside(y + step, area.h));
        let taps = rows.map(|row| columns.map(|column| self.tap(column, row)));
        let mut result = [0; 3];
        for (channel, result) in result.iter_mut().enumerate().take(self.channels()) {
            let across =
                taps.map(|row| i32::from(row[0][channel]) * (256 - fx) + i32::from(row[1][channel]) * fx);
            *result = ((across[0] * (256 - fy) + across[1] * fy + (1 << 15)) >> 16) as u8;
        }
        result
    }

    /// A cubic through the sixteen nearest, weights in 1024ths.
    fn cubic(&self, area: Area, at: (usize, usize), size: (usize, usize)) -> [u8; 3] {
        let (x, fx) = position(at.0, area.w, size.0);
        let (y, fy) = position(at.1, area.h, size.1);
        let columns = [-1, 0, 1, 2].map(|step| area.x + inside(x + step, area.w));
        let rows = [-1, 0, 1, 2].map(|step| area.y + inside(y + step, area.h));
        let (across, down) = (weights(fx), weights(fy));
        let mut sums = [0i64; 3];
        for (row, down) in rows.into_iter().zip(down) {
            for (column, across) in columns.into_iter().zip(across) {
                let tap = self.tap(column, row);
                for (sum, channel) in sums.iter_mut().zip(tap) {
                    *sum += i64::from(down * across) * i64::from(channel);
                }
            }
        }
        sums.map(|sum| ((sum + (1 << 19)) >> 20).clamp(0, 255) as u8)
    }
}

/// Where the middle of a scaled pixel lies between the source's middles: the pixel before it, and 256ths behind.
fn position(at: usize, length: usize, size: usize) -> (i32, i32) {
    // Most often 32 bits do, whose division the core has.
    let short = u32::try_from(2 * at + 1)
        .ok()
        .and_then(|at| at.checked_mul(128)?.checked_mul(u32::try_from(length).ok()?));
    if let Some(middle) = short {
        let middle = (middle / size as u32) as i32 - 128;
        return (middle >> 8, middle & 255);
    }
    let middle = ((2 * at as i64 + 1) * length as i64 * 128).div_euclid(size as i64) - 128;
    ((middle >> 8) as i32, (middle & 255) as i32)
}

/// The nearest index of `length`.
fn inside(at: i32, length: usize) -> usize {
    at.clamp(0, length as i32 - 1) as usize
}

/// Catmull-Rom weights of the four neighbours; their sum is exactly 1024.
fn weights(fraction: i32) -> [i32; 4] {
    let t = i64::from(fraction);
    // Thirds of a power carry 24 bits of fraction, halved by the formula: 15 bits more than the result has.
    let scaled = |value: i64| ((value + (1 << 14)) >> 15) as i32;
    let (t1, t2, t3) = (t << 16, (t * t) << 8, t * t * t);
    let first = scaled(-t3 + 2 * t2 - t1);
    let second = scaled(3 * t3 - 5 * t2 + (2 << 24));
    let last = scaled(t3 - t2);
    [first, second, 1024 - first - second - last, last]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cubic_weights() {
        assert_eq!(weights(0), [0, 1024, 0, 0]);
        assert_eq!(weights(128), [-64, 576, 576, -64]);
    }

    #[test]
    fn middles_coincide_without_scaling() {
        assert_eq!(position(5, 10, 10), (5, 0));
        assert_eq!(position(0, 10, 20), (-1, 192));
    }
}
