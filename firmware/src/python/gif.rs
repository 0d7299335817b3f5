//! The Python module `gif`: animated GIF files.

use pyvision::gif;
use upy::{Value, module};

module! {
    gif_module = gif {
        Gif: Value::class::<gif::Gif>(),
    }
}
