//! The points between a black and a white set, with the direction from black to white.

use super::segment::Sets;
use super::threshold::NEITHER;
use crate::{Error, Found};

/// Sets with fewer pixels have no edges.
const LEAST_PIXELS: u32 = 25;

/// A point between two pixels.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
pub(super) struct Edge {
    /// Both sets, the smaller number first.
    pub pair: [u32; 2],
    /// In halves of a pixel.
    pub x: u16,
    pub y: u16,
    /// Towards white, -255 to 255.
    pub gx: i16,
    pub gy: i16,
}

/// Collects the points of all edges.
pub(super) fn collect(
    binary: &[u8],
    width: usize,
    sets: &mut Sets,
    edges: &mut Found<Edge>,
) -> Result<(), Error> {
    let height = binary.len() / width;
    for y in 1..height - 1 {
        crate::stop::check()?;
        // True if the pixel before already stands in a pair with the one below this: then left and down is known.
        let mut known = false;
        for x in 1..width - 1 {
            let at = y * width + x;
            let colour = binary[at];
            if colour == NEITHER {
                known = false;
                continue;
            }
            let own = sets.of(at);
            if sets.size(own) < LEAST_PIXELS {
                known = false;
                continue;
            }
            let mut last = false;
            for (dx, dy) in [(1i32, 0i32), (0, 1), (-1, 1), (1, 1)] {
                if (dx, dy) == (-1, 1) && known {
                    continue;
                }
                let next = (at as i64 + i64::from(dx) + i64::from(dy) * width as i64) as usize;
                if colour == NEITHER || binary[next] == NEITHER || binary[next] == colour {
                    continue;
                }
                let other = sets.of(next);
                if sets.size(other) < LEAST_PIXELS {
                    continue;
                }
                let rise = i32::from(binary[next]) - i32::from(colour);
                edges.push(Edge {
                    pair: [own.min(other), own.max(other)],
                    x: (2 * x as i32 + dx) as u16,
                    y: (2 * y as i32 + dy) as u16,
                    gx: (dx * rise) as i16,
                    gy: (dy * rise) as i16,
                })?;
                last |= (dx, dy) == (1, 1);
            }
            known = last;
        }
    }
    Ok(())
}
