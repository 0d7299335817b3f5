//! What the MPU's attributes mean for an access (Armv7-M ARM, TEX, C and B encodings; Cortex-M7 TRM 5.9: shared
//! memory is treated as non-cacheable).

/// How an access is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Exact size, in order, and everything before it is out first.
    StronglyOrdered,
    /// Exact size, in order with its like.
    Device,
    /// Normal memory that is not cached; stores may be merged.
    NonCacheable,
    /// Cached, every store also goes out.
    WriteThrough,
    /// Cached, stores that miss go out.
    WriteBack,
    /// Cached, stores that miss fetch the line.
    WriteBackAllocate,
}

impl Policy {
    /// From RASR.TEX, C, B and S. `None` for encodings that are reserved or left to the implementation.
    pub const fn from_mpu(tex: u8, c: bool, b: bool, s: bool) -> Option<Policy> {
        let normal = match (tex, c, b) {
            (0, false, false) => return Some(Policy::StronglyOrdered),
            (0, false, true) | (2, false, false) => return Some(Policy::Device),
            (0, true, false) => Policy::WriteThrough,
            (0, true, true) => Policy::WriteBack,
            (1, false, false) => Policy::NonCacheable,
            (1, true, true) => Policy::WriteBackAllocate,
            // Separate outer and inner policies; the cache in the core follows the inner one, C and B.
            (4..=7, false, false) => Policy::NonCacheable,
            (4..=7, false, true) => Policy::WriteBackAllocate,
            (4..=7, true, false) => Policy::WriteThrough,
            (4..=7, true, true) => Policy::WriteBack,
            _ => return None,
        };
        Some(if s { Policy::NonCacheable } else { normal })
    }

    /// The cache may hold it.
    pub const fn is_cacheable(self) -> bool {
        matches!(
            self,
            Policy::WriteThrough | Policy::WriteBack | Policy::WriteBackAllocate
        )
    }

    /// Stores may be merged and drawn together.
    pub const fn is_normal(self) -> bool {
        !matches!(self, Policy::StronglyOrdered | Policy::Device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mpu_table_of_the_architecture_manual_is_followed() {
        let decode = |tex, c, b| Policy::from_mpu(tex, c == 1, b == 1, false);
        assert_eq!(decode(0, 0, 0), Some(Policy::StronglyOrdered));
        assert_eq!(decode(0, 0, 1), Some(Policy::Device));
        assert_eq!(decode(0, 1, 0), Some(Policy::WriteThrough));
        assert_eq!(decode(0, 1, 1), Some(Policy::WriteBack));
        assert_eq!(decode(1, 0, 0), Some(Policy::NonCacheable));
        assert_eq!(decode(1, 0, 1), None);
        assert_eq!(decode(1, 1, 0), None);
        assert_eq!(decode(1, 1, 1), Some(Policy::WriteBackAllocate));
        assert_eq!(decode(2, 0, 0), Some(Policy::Device));
        assert_eq!(decode(2, 0, 1), None);
        assert_eq!(decode(3, 0, 0), None);
    }

    #[test]
    fn shared_memory_is_not_cached() {
        assert_eq!(Policy::from_mpu(1, true, true, true), Some(Policy::NonCacheable));
        assert_eq!(
            Policy::from_mpu(0, false, false, true),
            Some(Policy::StronglyOrdered)
        );
    }
}
