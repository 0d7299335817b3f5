//! The end of an operation that somebody asks for: Ctrl-C, as a rule. The program says once how it is told that this was asked;
//! operations look after each row or so, and end with [`Error::Stopped`].

use crate::Error;
use once_cell::race::OnceRef;

/// Whether the operation that runs shall end. It is called often, and may be called from anywhere.
#[derive(Debug)]
pub struct Watch(pub fn() -> bool);

static WATCH: OnceRef<Watch> = OnceRef::new();

/// From now on operations ask `watch`. The first one stays.
pub fn watch(watch: &'static Watch) {
    // An earlier one is as good.
    let _ = WATCH.set(watch);
}

/// An error if the operation shall end. What was changed by then stays so.
///
/// # Errors
/// [`Error::Stopped`].
#[inline]
pub fn check() -> Result<(), Error> {
    match WATCH.get() {
        Some(watch) if (watch.0)() => Err(Error::Stopped),
        _ => Ok(()),
    }
}
