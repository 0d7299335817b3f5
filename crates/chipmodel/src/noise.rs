//! Numbers that look like noise and can be had again: splitmix64 (Steele, Lea, Flood 2014).

/// A sequence of them, with a period of 2^64.
#[derive(Clone, Debug)]
pub struct Noise(u64);

impl Noise {
    /// The sequence that belongs to `seed`.
    pub const fn new(seed: u64) -> Self {
        Noise(seed)
    }

    /// The next one.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // The authors' generator with the seed 1234567, as other implementations print it.
        let mut noise = Noise::new(1_234_567);
        let first = [noise.next(), noise.next(), noise.next()];
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}
