//! Files by way of Python's streams, so that every volume works, one that a host has mounted included.

use crate::{Error, Obj, Result, protected, qstr, sys};

/// A file that is open; the end closes it.
pub struct File(Option<Obj>);

impl File {
    /// `open(path, mode)`. Runs Python; may raise, an OSError for one.
    pub fn open(path: Obj, mode: u16) -> Result<File> {
        let open = Obj::from_raw((&raw const sys::mp_vfs_open_obj).cast_mut().cast());
        open.call(&[path, Obj::qstr(mode)]).map(|file| File(Some(file)))
    }

    /// Reads until `into` is full or the file ends; how many bytes. Runs Python; may raise.
    pub fn read(&self, into: &mut [u8]) -> Result<usize> {
        self.exchange(into.as_mut_ptr(), into.len(), sys::MP_STREAM_RW_READ)
    }

    /// Writes all of it. Runs Python; may raise, if the volume is full for one.
    pub fn write(&self, bytes: &[u8]) -> Result<()> {
        let done = self.exchange(bytes.as_ptr().cast_mut(), bytes.len(), sys::MP_STREAM_RW_WRITE)?;
        if done < bytes.len() {
            return Err(Error::Os(NO_SPACE));
        }
        Ok(())
    }

    fn exchange(&self, bytes: *mut u8, count: usize, direction: i32) -> Result<usize> {
        let (file, mut errno) = (self.file()?.into_raw(), 0);
        let into = &raw mut errno;
        // SAFETY: so many bytes, borrowed by the caller for this call; the object is asked whether it is a stream. RAISES: caught.
        let done = protected(|| unsafe {
            let wanted = if direction == sys::MP_STREAM_RW_READ {
                sys::MP_STREAM_OP_READ
            } else {
                sys::MP_STREAM_OP_WRITE
            };
            sys::mp_get_stream_raise(file, wanted);
            sys::mp_stream_rw(file, bytes.cast(), count as _, into, direction as _)
        })?;
        if errno != 0 {
            return Err(Error::Os(errno));
        }
        Ok(done as usize)
    }

    /// Goes to `offset` from the start, or from the end; where it is then. Runs Python; may raise.
    pub fn seek(&self, offset: i32, from_end: bool) -> Result<usize> {
        let whence = if from_end { 2 } else { 0 };
        let at = self
            .file()?
            .call_method(qstr::seek, &[Obj::from_i32(offset)?, Obj::small_int(whence)])?;
        usize::try_from(at.to_i32()?).map_err(|_| Error::Value(c"seek() of the file gave a negative place"))
    }

    /// How long the file is; it is at its start then. Runs Python; may raise.
    pub fn size(&self) -> Result<usize> {
        let size = self.seek(0, true)?;
        self.seek(0, false)?;
        Ok(size)
    }

    /// What is buffered goes to the volume. Runs Python; may raise.
    pub fn flush(&self) -> Result<()> {
        self.file()?.call_method(qstr::flush, &[]).map(|_| ())
    }

    /// Closes it; what goes wrong is told, as the end of the value cannot. Runs Python; may raise.
    pub fn close(mut self) -> Result<()> {
        let Some(file) = self.0.take() else { return Ok(()) };
        file.call_method(qstr::close, &[]).map(|_| ())
    }

    /// The file object, to be kept where the collector sees it. Plain.
    pub fn into_obj(mut self) -> Obj {
        self.0.take().unwrap_or(Obj::NONE)
    }

    /// A file that [`File::into_obj`] gave away. Plain.
    pub fn from_obj(file: Obj) -> File {
        File(Some(file))
    }

    fn file(&self) -> Result<Obj> {
        self.0.ok_or(Error::Value(c"the file is closed"))
    }
}

/// MP_ENOSPC.
const NO_SPACE: i32 = 28;

impl Drop for File {
    fn drop(&mut self) {
        if let Some(file) = self.0.take() {
            // An error came before this one, and is told.
            let _ = file.call_method(qstr::close, &[]);
        }
    }
}
