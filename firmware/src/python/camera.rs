//! What the modules `csi` and `sensor` have in common: formats of pixels, chips, sizes of frames.

/// A module with these entries, and the constants of a camera.
macro_rules! camera_module {
    ($symbol:ident = $python:ident { $($name:ident: $value:expr),* $(,)? }) => {
        upy::module! {
            $symbol = $python {
                $($name: $value,)*
                BINARY: upy::Value::int(0x0801_0000),
                GRAYSCALE: upy::Value::int(0x0802_0001),
                RGB565: upy::Value::int(0x0C03_0002),
                BAYER: upy::Value::int(0x0504_0001),
                YUV422: upy::Value::int(0x0405_0002),
                JPEG: upy::Value::int(0x0606_0000),
                OV2640: upy::Value::int(0x26),
                OV5640: upy::Value::int(0x56),
                OV7670: upy::Value::int(0x76),
                OV7725: upy::Value::int(0x77),
                SOFTCSI: upy::Value::int(0x50F7),
                QQCIF: upy::Value::int(0),
                QCIF: upy::Value::int(1),
                CIF: upy::Value::int(2),
                QQSIF: upy::Value::int(3),
                QSIF: upy::Value::int(4),
                SIF: upy::Value::int(5),
                QQQQVGA: upy::Value::int(6),
                QQQVGA: upy::Value::int(7),
                QQVGA: upy::Value::int(8),
                QVGA: upy::Value::int(9),
                VGA: upy::Value::int(10),
                HQQQQVGA: upy::Value::int(11),
                HQQQVGA: upy::Value::int(12),
                HQQVGA: upy::Value::int(13),
                HQVGA: upy::Value::int(14),
                HVGA: upy::Value::int(15),
                B64X32: upy::Value::int(16),
                B64X64: upy::Value::int(17),
                B128X64: upy::Value::int(18),
                B128X128: upy::Value::int(19),
                B160X160: upy::Value::int(20),
                B320X320: upy::Value::int(21),
                QQVGA2: upy::Value::int(22),
                WVGA: upy::Value::int(23),
                WVGA2: upy::Value::int(24),
                SVGA: upy::Value::int(25),
                XGA: upy::Value::int(26),
                WXGA: upy::Value::int(27),
                SXGA: upy::Value::int(28),
                SXGAM: upy::Value::int(29),
                UXGA: upy::Value::int(30),
                HD: upy::Value::int(31),
                FHD: upy::Value::int(32),
                QHD: upy::Value::int(33),
                QXGA: upy::Value::int(34),
                WQXGA2: upy::Value::int(35),
                LCD: upy::Value::int(22),
            }
        }
    };
}
pub(super) use camera_module;
