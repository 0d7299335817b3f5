//! The Python module `crc`: the sums of OpenMV's debug protocol.

use pyvision::crc;
use upy::{fun, module};

module! {
    crc_module = crc {
        crc16: fun!(keywords 0.., crc::crc16),
        crc32: fun!(keywords 0.., crc::crc32),
    }
}
