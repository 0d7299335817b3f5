//! What the writers of movies have in common: a file that stays open from call to call.

use core::cell::Cell;

use upy::{Error, File, Obj, ObjCell, Result, qstr};
use vision::codec::Sink;

use crate::file::Into;

/// An open file inside an object.
pub struct Kept {
    /// None if it was closed.
    file: ObjCell,
    /// Bytes that were written to it one behind the other.
    bytes: Cell<usize>,
}

impl Kept {
    /// Opens it, to be read or written anew.
    pub fn open(path: Obj, mode: u16) -> Result<Kept> {
        Ok(Kept {
            file: ObjCell::new(File::open(path, mode)?.into_obj()),
            bytes: Cell::new(0),
        })
    }

    /// A new file to be written.
    pub fn new(path: Obj) -> Result<Kept> {
        Kept::open(path, qstr::wb)
    }

    pub fn is_closed(&self) -> bool {
        self.file.get() == Obj::NONE
    }

    /// Bytes that were written one behind the other.
    pub fn bytes(&self) -> usize {
        self.bytes.get()
    }

    /// Does something with the file, which stays open.
    pub fn with<R>(&self, then: impl FnOnce(&File) -> Result<R>) -> Result<R> {
        if self.is_closed() {
            return Err(Error::Value(c"the file is closed"));
        }
        let file = File::from_obj(self.file.get());
        let result = then(&file);
        file.into_obj();
        result
    }

    /// Writes at the end.
    pub fn append(
        &self,
        write: impl FnOnce(&mut dyn Sink) -> core::result::Result<(), vision::Error>,
    ) -> Result<()> {
        self.with(|file| {
            let mut into = Into::new(file);
            let result = write(&mut into);
            let bytes = into.bytes();
            into.end(result)?;
            self.bytes.set(self.bytes.get() + bytes);
            Ok(())
        })
    }

    /// What was written goes to the volume.
    pub fn sync(&self) -> Result<()> {
        self.with(File::flush)
    }

    /// Closes it; a second time nothing happens.
    pub fn close(&self) -> Result<()> {
        if self.is_closed() {
            return Ok(());
        }
        let file = File::from_obj(self.file.get());
        self.file.set(Obj::NONE);
        file.close()
    }
}
