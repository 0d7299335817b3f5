//! Working memory, lent by the caller and handed out front to back.

use crate::Error;
use bytemuck::Pod;

/// Bytes that `count` values of `T` take at most out of a [`Scratch`] of any alignment.
pub const fn bytes_for<T>(count: usize) -> usize {
    count
        .saturating_mul(size_of::<T>())
        .saturating_add(align_of::<T>() - 1)
}

/// So much is cleared at a time.
const STEP_BYTES: usize = 64 << 10;

/// What is left of the working memory.
#[derive(Debug)]
pub struct Scratch<'a> {
    rest: &'a mut [u8],
}

impl<'a> Scratch<'a> {
    /// Working memory in `bytes`; what they held does not matter.
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Scratch { rest: bytes }
    }

    /// No memory at all, for operations that need none.
    pub fn none() -> Self {
        Scratch { rest: &mut [] }
    }

    /// Bytes left.
    pub fn left_bytes(&self) -> usize {
        self.rest.len()
    }

    /// Lends what is left for a step; all of it is free again afterwards.
    pub fn step(&mut self) -> Scratch<'_> {
        Scratch { rest: self.rest }
    }

    /// Takes `count` values, all zero.
    ///
    /// # Errors
    /// [`Error::Scratch`] if there is not enough; [`Error::Stopped`], as megabytes in slow memory take a while.
    pub fn take<T: Pod>(&mut self, count: usize) -> Result<&'a mut [T], Error> {
        let slice = self.take_dirty(count)?;
        for part in slice.chunks_mut(STEP_BYTES / size_of::<T>().max(1)) {
            crate::stop::check()?;
            part.fill(T::zeroed());
        }
        Ok(slice)
    }

    /// Takes `count` values with whatever they hold.
    pub(crate) fn take_dirty<T: Pod>(&mut self, count: usize) -> Result<&'a mut [T], Error> {
        let has_bytes = self.rest.len();
        let needed_bytes = bytes_for::<T>(count);
        let refused = Error::Scratch {
            needed_bytes,
            has_bytes,
        };
        let skip = self.rest.as_ptr().align_offset(align_of::<T>());
        let bytes = count.checked_mul(size_of::<T>()).ok_or(refused)?;
        if skip.checked_add(bytes).is_none_or(|end| end > has_bytes) {
            return Err(refused);
        }
        let all = core::mem::take(&mut self.rest);
        let (taken, rest) = all[skip..].split_at_mut(bytes);
        self.rest = rest;
        Ok(bytemuck::cast_slice_mut(taken))
    }

    /// Takes as many values as fit, but at most `most`.
    pub(crate) fn take_up_to<T: Pod>(&mut self, most: usize) -> Result<&'a mut [T], Error> {
        let room = self.rest.len().saturating_sub(align_of::<T>() - 1) / size_of::<T>();
        self.take_dirty(room.min(most))
    }

    /// Takes a list of at most `most` things, fewer if memory is short.
    pub(crate) fn list<T: Pod>(
        &mut self,
        most: usize,
        what: &'static str,
    ) -> Result<crate::Found<'a, T>, Error> {
        Ok(crate::Found::new(self.take_up_to(most)?, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_promised_is_enough_at_any_alignment() {
        let mut bytes = [0xAA; 64];
        for offset in 0..8 {
            let needed = bytes_for::<u32>(3) + bytes_for::<u8>(5) + bytes_for::<i64>(2);
            let mut scratch = Scratch::new(&mut bytes[offset..offset + needed]);
            assert_eq!(scratch.take::<u32>(3), Ok(&mut [0; 3][..]));
            assert!(scratch.take::<u8>(5).is_ok());
            assert!(scratch.take::<i64>(2).is_ok());
        }
    }

    #[test]
    fn too_little_is_refused_in_bytes() {
        let mut bytes = [0; 8];
        let mut scratch = Scratch::new(&mut bytes);
        assert_eq!(
            scratch.take::<u8>(9).unwrap_err(),
            Error::Scratch {
                needed_bytes: 9,
                has_bytes: 8
            }
        );
        assert!(scratch.take::<u64>(usize::MAX).is_err());
        assert!(scratch.step().take::<u8>(8).is_ok());
        assert_eq!(scratch.left_bytes(), 8);
    }
}
