//! An image as borrowed bytes.

use crate::format::MAX_SIDE;
use crate::pixel::by_format;
use crate::{Area, Error, Format, Pixel, Region};

/// An image that is only read.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    data: &'a [u8],
    width: usize,
    height: usize,
    format: Format,
}

/// An image that is changed in place.
#[derive(Debug)]
pub struct ViewMut<'a> {
    data: &'a mut [u8],
    width: usize,
    height: usize,
    format: Format,
}

/// The bytes of an image, if the buffer has as many.
fn checked(has_bytes: usize, width: usize, height: usize, format: Format) -> Result<usize, Error> {
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
        return Err(Error::Size { width, height });
    }
    let needed_bytes = format.image_bytes(width, height);
    if has_bytes < needed_bytes {
        return Err(Error::Buffer {
            needed_bytes,
            has_bytes,
        });
    }
    Ok(needed_bytes)
}

impl<'a> View<'a> {
    /// An image in the first bytes of `data`.
    ///
    /// # Errors
    /// [`Error::Size`] and [`Error::Buffer`].
    pub fn new(data: &'a [u8], width: usize, height: usize, format: Format) -> Result<Self, Error> {
        let bytes = checked(data.len(), width, height, format)?;
        Ok(View {
            data: &data[..bytes],
            width,
            height,
            format,
        })
    }

    /// Pixels in a row.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// How pixels lie in memory.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// All bytes.
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The bytes of one row; `y` must be below the height.
    pub fn row(&self, y: usize) -> &'a [u8] {
        let bytes = self.format.row_bytes(self.width);
        &self.data[y * bytes..(y + 1) * bytes]
    }

    /// The row nearest to `y`.
    pub fn row_clamped(&self, y: isize) -> &'a [u8] {
        self.row(y.clamp(0, self.height as isize - 1) as usize)
    }

    /// The pixel at (x, y), or nothing outside the image.
    pub fn pixel(&self, x: i32, y: i32) -> Option<u16> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.width && y < self.height).then(|| self.at(x, y))
    }

    /// The pixel at (x, y), which must be inside.
    pub fn at(&self, x: usize, y: usize) -> u16 {
        let row = self.row(y);
        by_format!(self.format, P => P::get(row, x))
    }

    /// The brightness at (x, y), which must be inside.
    pub fn grey_at(&self, x: usize, y: usize) -> u8 {
        let row = self.row(y);
        by_format!(self.format, P => P::grey(P::get(row, x)))
    }

    /// The whole image as an area.
    pub const fn area(&self) -> Area {
        Area {
            x: 0,
            y: 0,
            w: self.width,
            h: self.height,
        }
    }

    /// The part of a region that lies in the image; without one, all of it.
    ///
    /// # Errors
    /// [`Error::Outside`] if there is none.
    pub fn area_of(&self, region: Option<Region>) -> Result<Area, Error> {
        region.map_or(Ok(self.area()), |region| region.within(self.width, self.height))
    }

    /// Refuses another image of another size.
    ///
    /// # Errors
    /// [`Error::Mismatch`].
    pub fn same_size(&self, other: &View) -> Result<(), Error> {
        if (self.width, self.height) != (other.width, other.height) {
            return Err(Error::Mismatch {
                first: (self.width, self.height),
                second: (other.width, other.height),
            });
        }
        Ok(())
    }
}

impl<'a> ViewMut<'a> {
    /// An image in the first bytes of `data`.
    ///
    /// # Errors
    /// [`Error::Size`] and [`Error::Buffer`].
    pub fn new(data: &'a mut [u8], width: usize, height: usize, format: Format) -> Result<Self, Error> {
        let bytes = checked(data.len(), width, height, format)?;
        Ok(ViewMut {
            data: &mut data[..bytes],
            width,
            height,
            format,
        })
    }

    /// Pixels in a row.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// How pixels lie in memory.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The same image, to be read.
    pub fn as_view(&self) -> View<'_> {
        View {
            data: self.data,
            width: self.width,
            height: self.height,
            format: self.format,
        }
    }

    /// The same image under another lifetime.
    pub fn reborrow(&mut self) -> ViewMut<'_> {
        ViewMut {
            data: self.data,
            width: self.width,
            height: self.height,
            format: self.format,
        }
    }

    /// All bytes.
    pub fn data_mut(&mut self) -> &mut [u8] {
        self.data
    }

    /// The bytes of one row; `y` must be below the height.
    pub fn row_mut(&mut self, y: usize) -> &mut [u8] {
        let bytes = self.format.row_bytes(self.width);
        &mut self.data[y * bytes..(y + 1) * bytes]
    }

    /// Sets the pixel at (x, y); outside the image nothing happens.
    pub fn set_pixel(&mut self, x: i32, y: i32, value: u16) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if x < self.width && y < self.height {
            let format = self.format;
            let row = self.row_mut(y);
            by_format!(format, P => P::put(row, x, value));
        }
    }

    /// Width and height.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }
}

/// True where an operation may change pixels: the mask is bright there, or there is no mask.
pub(crate) fn admits(mask: Option<&View>, x: usize, y: usize) -> bool {
    mask.is_none_or(|mask| {
        x < mask.width
            && y < mask.height
            && by_format!(mask.format, P => P::grey(P::get(mask.row(y), x)) > 127)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_buffers_are_checked() {
        let mut data = [0; 10];
        assert!(matches!(
            View::new(&data, 0, 5, Format::Grey),
            Err(Error::Size { .. })
        ));
        assert!(matches!(
            View::new(&data, usize::MAX, 5, Format::Grey),
            Err(Error::Size { .. })
        ));
        assert_eq!(
            ViewMut::new(&mut data, 3, 2, Format::Rgb565).unwrap_err(),
            Error::Buffer {
                needed_bytes: 12,
                has_bytes: 10
            }
        );
    }

    #[test]
    fn pixels_outside_are_none_and_cannot_be_set() {
        let mut data = [7; 6];
        let mut image = ViewMut::new(&mut data, 3, 2, Format::Grey).unwrap();
        for (x, y) in [(-1, 0), (3, 0), (0, 2), (0, -1), (i32::MIN, i32::MAX)] {
            image.set_pixel(x, y, 1);
            assert_eq!(image.as_view().pixel(x, y), None);
        }
        image.set_pixel(2, 1, 9);
        assert_eq!(image.as_view().pixel(2, 1), Some(9));
        assert_eq!(data, [7, 7, 7, 7, 7, 9]);
    }
}
