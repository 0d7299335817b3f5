//! The Python module `umalloc`: what the image operations have borrowed of the heap.

use pyvision::umalloc;
use upy::{fun, module};

module! {
    umalloc_module = umalloc {
        init: fun!(0, umalloc::init),
        collect: fun!(0, umalloc::collect),
        stats: fun!(0, umalloc::stats),
        print_stats: fun!(0, umalloc::print_stats),
    }
}
