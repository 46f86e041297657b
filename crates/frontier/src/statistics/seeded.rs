//! Seeded: numbers that look random and are the same for everyone who holds the seed.
//!
//! SplitMix64 (Steele, Lea & Flood 2014). For bootstraps and simulations, never for a secret.

/// A stream of numbers.
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Seeded {
    pub fn new(seed: u64) -> Seeded {
        Seeded(seed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1, in steps of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 to below `bound`, which is above 0; evenly but for one part in 2^64 / `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.draw()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_the_paper() {
        // The first values for the seed 1234567, as other implementations print them.
        let mut seeded = Seeded::new(1_234_567);
        assert_eq!(seeded.draw(), 6_457_827_717_110_365_317);
        assert_eq!(seeded.draw(), 3_203_168_211_198_807_973);
        assert!((0..1_000).all(|_| seeded.below(3) < 3 && seeded.unit() < 1.0));
    }
}
