//! Widths against patterns.

/// A pattern of up to eight widths of 1 to 4 modules, written as a decimal number.
pub const fn packed(mut digits: u32) -> u16 {
    let (mut bits, mut place) = (0, 0);
    while digits > 0 {
        bits |= ((digits % 10 - 1) as u16) << place;
        digits /= 10;
        place += 2;
    }
    bits
}

/// How far widths are from a pattern of `modules`, in 256ths of a module; None if one is off by more than 0.7 modules.
fn distance(widths: &[u32], pattern: impl Fn(usize) -> u32, modules: u32, total: u32) -> Option<u32> {
    let mut sum = 0;
    for (at, width) in widths.iter().enumerate() {
        let off = (width * modules).abs_diff(pattern(at) * total) * 256 / total;
        if off > 180 {
            return None;
        }
        sum += off;
    }
    Some(sum)
}

/// The pattern that is nearest to the widths, if it is near enough.
pub fn nearest(widths: &[u32], patterns: &[u16], modules: u32) -> Option<usize> {
    let total: u32 = widths.iter().sum();
    let count = widths.len();
    // Less than about a pixel a module says nothing.
    if total * 4 < modules * super::runs::UNIT * 3 {
        return None;
    }
    let of = |pattern: u16| move |at: usize| u32::from((pattern >> (2 * (count - 1 - at))) & 3) + 1;
    let mut best = (count as u32 * 77, None);
    for (index, pattern) in patterns.iter().enumerate() {
        if let Some(distance) = distance(widths, of(*pattern), modules, total)
            && distance < best.0
        {
            best = (distance, Some(index));
        }
    }
    best.1
}

/// True if the widths are all one module, `module` being its width in UNITs, within 0.7 of it.
pub fn are_narrow(widths: &[u32], module: u32) -> bool {
    widths
        .iter()
        .all(|width| width.abs_diff(module) * 10 <= module * 7)
}

/// Which of the widths are wide, the first as the highest bit, when `wide` of them must be; None if there is no clear gap.
pub fn wide_ones(widths: &[u32], wide: usize) -> Option<u32> {
    let mut sorted = [0; 16];
    let sorted = sorted.get_mut(..widths.len())?;
    sorted.copy_from_slice(widths);
    sorted.sort_unstable();
    let (narrow, rest) = sorted.split_at(widths.len().checked_sub(wide)?);
    let (widest_narrow, narrowest_wide) = (*narrow.last()?, *rest.first()?);
    // Wide is two to three times narrow, and all of a kind are about alike.
    let alike = widest_narrow * 10 <= narrow[0].max(1) * 22 && *rest.last()? * 10 <= narrowest_wide * 18;
    if !alike || narrowest_wide * 10 < widest_narrow * 12 {
        return None;
    }
    let limit = (widest_narrow + narrowest_wide) / 2;
    Some(
        widths
            .iter()
            .fold(0, |bits, width| (bits << 1) | u32::from(*width > limit)),
    )
}
