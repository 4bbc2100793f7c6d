//! Numbers that look random and are the same in every run.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};

/// A sequence that its seed determines (SplitMix64).
pub(super) struct Sequence(u64);

impl Sequence {
    /// The sequence of record `number` for a purpose of its own.
    pub(super) fn of(purpose: u64, number: u32) -> Self {
        let mut sequence = Self(purpose << 40 ^ u64::from(number));
        // Neighbors begin alike otherwise.
        sequence.0 = sequence.next();
        sequence
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is small enough for the remainder to be as good as even.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        (self.next() % u64::from(end)) as u32
    }

    pub(super) fn one_of<T: Copy>(&mut self, choice: &[T]) -> T {
        choice[self.below(choice.len() as u32) as usize]
    }

    /// The random part of an identifier.
    pub(super) fn ten_bytes(&mut self) -> [u8; 10] {
        let (one, other) = (self.next().to_le_bytes(), self.next().to_le_bytes());
        std::array::from_fn(|place| if place < 8 { one[place] } else { other[place - 8] })
    }
}

impl TryRng for Sequence {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for some in bytes.chunks_mut(8) {
            some.copy_from_slice(&self.next().to_le_bytes()[..some.len()]);
        }
        Ok(())
    }
}

/// It is none: whoever runs this program knows every key it makes. They are measured and open nothing.
impl TryCryptoRng for Sequence {}
