//! Dice: where does randomness come from?

/// Whoever fills bytes that nobody can guess.
pub trait Dice: Send {
    /// Fills all of `out`.
    fn fill(&mut self, out: &mut [u8]);
}

/// The operating system's randomness: what every instance runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDice;

impl Dice for SystemDice {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out)
            .expect("the operating system gives randomness; without it no key may be made");
    }
}

/// The same bytes for the same seed: for simulations and tests only, since whoever knows the seed
/// knows every key made with it.
#[derive(Clone, Debug)]
pub struct SeededDice {
    seed: u64,
    drawn: u64,
    /// What the last block has left.
    rest: Vec<u8>,
}

impl SeededDice {
    /// Dice that fall the same way each time `seed` is given.
    pub fn new(seed: u64) -> SeededDice {
        SeededDice {
            seed,
            drawn: 0,
            rest: Vec::new(),
        }
    }
}

impl Dice for SeededDice {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            if self.rest.is_empty() {
                let seed = self.seed.to_be_bytes();
                let block = crate::sha256(&[b"seeded dice", &seed, &self.drawn.to_be_bytes()]);
                self.drawn += 1;
                self.rest = block.to_vec();
            }
            *byte = self.rest.pop().expect("it was filled above");
        }
    }
}

/// The next `N` bytes.
pub fn draw<const N: usize>(dice: &mut dyn Dice) -> [u8; N] {
    let mut bytes = [0; N];
    dice.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_however_it_is_asked() {
        let whole: [u8; 100] = draw(&mut SeededDice::new(7));
        let mut dice = SeededDice::new(7);
        let (one, other): ([u8; 33], [u8; 67]) = (draw(&mut dice), draw(&mut dice));
        assert_eq!([&one[..], &other[..]].concat(), whole);
        assert_ne!(draw::<32>(&mut SeededDice::new(8)), whole[..32]);
    }

    #[test]
    fn the_system_does_not_repeat() {
        let (one, other): ([u8; 32], [u8; 32]) = (draw(&mut SystemDice), draw(&mut SystemDice));
        assert_ne!(one, other);
    }
}
