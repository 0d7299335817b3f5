//! A colour as sensors send it.

/// The upper bits of each.
pub fn rgb565([r, g, b]: [u8; 3]) -> u16 {
    u16::from(r >> 3) << 11 | u16::from(g >> 2) << 5 | u16::from(b >> 3)
}

/// ITU-R BT.601 as JFIF has it, full range, rounded.
pub fn yuv([r, g, b]: [u8; 3]) -> (u8, u8, u8) {
    let (r, g, b) = (i32::from(r), i32::from(g), i32::from(b));
    let clip = |value: i32| value.clamp(0, 255) as u8;
    (
        clip((77 * r + 150 * g + 29 * b + 128) >> 8),
        clip(((-43 * r - 85 * g + 128 * b + 128) >> 8) + 128),
        clip(((128 * r - 107 * g - 21 * b + 128) >> 8) + 128),
    )
}
