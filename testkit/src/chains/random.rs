//! Numbers that look random and are the same in every run.

/// SplitMix64 (Steele, Lea and Flood, 2014): a seed of any value gives a sequence of its own.
#[derive(Clone, Debug)]
pub(super) struct Random<'c> {
    state: u64,
    /// What is taken first, one for each number.
    choices: &'c [u8],
}

impl<'c> Random<'c> {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed, choices: &[] }
    }

    /// Takes its numbers from `choices` while there are any.
    pub(super) fn choosing(choices: &'c [u8]) -> Self {
        Self { state: 0, choices }
    }

    fn next(&mut self) -> u64 {
        if let Some((choice, rest)) = self.choices.split_first() {
            self.choices = rest;
            return (*choice).into();
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit` - 1.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        // The bias of a remainder is of no weight for limits this small.
        (self.next() % limit as u64) as usize
    }

    /// Yes in `percent` of a hundred cases.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, which are not empty.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Up to `most` of `choices`, at least one.
    pub(super) fn some<T: Clone>(&mut self, choices: &[T], most: usize) -> Vec<T> {
        (0..=self.below(most)).map(|_| self.pick(choices).clone()).collect()
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}
