//! What a camera looks at. The sensor's model makes its own pixel format, size and timing of it.

pub use chipmodel::bus::video::Scene as Frame;
use chipmodel::{Picos, Time};

/// A scene.
pub trait Frames {
    /// What is to be seen at `now`.
    fn frame(&mut self, now: Time) -> Frame;

    /// The same scene once more, for a snapshot.
    fn boxed(&self) -> Box<dyn Frames>;
}

/// Pictures one after the other, each for a time, and then again from the first.
#[derive(Clone, Debug)]
pub struct Album {
    frames: Vec<Frame>,
    each: Picos,
}

impl Album {
    /// These pictures; `None` if there are none.
    pub fn new(frames: Vec<Frame>, each: Picos) -> Option<Self> {
        (!frames.is_empty() && each.0 != 0).then_some(Album { frames, each })
    }
}

impl Frames for Album {
    fn frame(&mut self, now: Time) -> Frame {
        let n = now.0 / self.each.0 % self.frames.len() as u64;
        self.frames[n as usize].clone()
    }

    fn boxed(&self) -> Box<dyn Frames> {
        Box::new(self.clone())
    }
}

/// What a camera sees when nobody says what: bars of colour above, a ramp of grey below, and on it a square that goes to the right,
/// by one 40th of the picture in each 30th of a second.
#[derive(Clone, Copy, Debug)]
pub struct Pattern;

impl Frames for Pattern {
    fn frame(&mut self, now: Time) -> Frame {
        const WIDTH: usize = 320;
        const HEIGHT: usize = 240;
        let step = (now.0 / 33_333_333_333) as usize;
        let left = step * 8 % WIDTH;
        let pixel = |x: usize, y: usize| -> [u8; 3] {
            let in_square = (left..left + 24).contains(&x) && (168..192).contains(&y);
            match (in_square, y < HEIGHT / 2) {
                (true, _) => [255, 128, 0],
                (_, true) => {
                    let bar = 7 - x * 8 / WIDTH;
                    [bar >> 1 & 1, bar >> 2 & 1, bar & 1].map(|on| 255 * on as u8)
                }
                _ => [(x * 255 / (WIDTH - 1)) as u8; 3],
            }
        };
        let rows = (0..HEIGHT).flat_map(|y| (0..WIDTH).flat_map(move |x| pixel(x, y)));
        Frame {
            width: WIDTH as u16,
            height: HEIGHT as u16,
            rgb: rows.collect(),
        }
    }

    fn boxed(&self) -> Box<dyn Frames> {
        Box::new(*self)
    }
}

/// A picture that does not move.
#[derive(Clone, Debug)]
pub struct Still(pub Frame);

impl Frames for Still {
    fn frame(&mut self, _now: Time) -> Frame {
        self.0.clone()
    }

    fn boxed(&self) -> Box<dyn Frames> {
        Box::new(self.clone())
    }
}
