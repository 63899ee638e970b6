//! The one source of chance: the same seed gives the same corpus on every machine.
//!
//! PCG-XSH-RR 64/32 (O'Neill 2014, public constants), small and with no dependency.

/// A stream of pseudo-random choices.
pub struct Chance {
    state: u64,
}

impl Chance {
    const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
    const INCREMENT: u64 = 1_442_695_040_888_963_407;

    /// Starts the stream that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        let mut chance = Self {
            state: seed.wrapping_add(Self::INCREMENT),
        };
        chance.word();
        chance
    }

    /// The next 32 random bits.
    pub fn word(&mut self) -> u32 {
        let old = self.state;
        self.state = old
            .wrapping_mul(Self::MULTIPLIER)
            .wrapping_add(Self::INCREMENT);
        let mixed = (((old >> 18) ^ old) >> 27) as u32;
        mixed.rotate_right((old >> 59) as u32)
    }

    /// A number in `0..end`; `end` must not be 0.
    pub fn below(&mut self, end: u32) -> u32 {
        ((u64::from(self.word()) * u64::from(end)) >> 32) as u32
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True once in `n` times on average.
    pub fn once_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    /// One of `items`.
    pub fn of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len() as u32) as usize]
    }
}
