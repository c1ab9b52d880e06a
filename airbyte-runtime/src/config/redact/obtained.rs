//! Secrets that a run obtains: so many that only the last of them are looked for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, OnceLock};

use super::finder::Part;
use super::patterns::patterns;

/// As many are known at most. An API hardly repeats a token that as many others have followed.
const MOST: usize = 1_000;

/// As long are they together, in bytes: what finds all forms of one takes more than a hundred times its length.
const MOST_BYTES: usize = 256 << 10;

/// As many, or as long ones, are looked for together, because what finds them is built again for each one that comes.
const BLOCK: usize = 16;
const BLOCK_BYTES: usize = MOST_BYTES / 16;

/// The last secrets that were obtained or used.
#[derive(Default)]
pub(super) struct Obtained {
    /// The oldest first.
    blocks: VecDeque<Block>,
    /// The number of the newest block that each secret stands in.
    places: HashMap<String, u64>,
}

#[derive(Default)]
struct Block {
    number: u64,
    secrets: Vec<String>,
    bytes: usize,
    part: OnceLock<Arc<Part>>,
}

impl Obtained {
    /// Whether a secret is known and not soon to be forgotten.
    pub(super) fn has(&self, secret: &str) -> bool {
        let newest = self.blocks.back().map_or(0, |block| block.number);
        let half = self.blocks.len().div_ceil(2) as u64;
        self.places.get(secret).is_some_and(|number| newest - number <= half)
    }

    /// Makes a secret the newest, and forgets the oldest.
    pub(super) fn add(&mut self, secret: &str) {
        let number = self.blocks.back().map_or(0, |block| block.number);
        let is_over = |block: &Block| block.secrets.len() >= BLOCK || block.bytes >= BLOCK_BYTES;
        if self.blocks.back().is_none_or(is_over) {
            self.blocks.push_back(Block { number: number + 1, ..Block::default() });
        }
        let Some(newest) = self.blocks.back_mut() else { return };
        newest.secrets.push(secret.to_owned());
        newest.bytes += secret.len();
        newest.part = OnceLock::new();
        self.places.insert(secret.to_owned(), newest.number);
        while self.blocks.len() > 1 && self.is_full() {
            for forgotten in self.blocks.pop_front().into_iter().flat_map(|block| block.secrets) {
                let oldest = self.blocks.front().map_or(0, |block| block.number);
                if self.places.get(&forgotten).is_some_and(|number| *number < oldest) {
                    self.places.remove(&forgotten);
                }
            }
        }
    }

    fn is_full(&self) -> bool {
        let sum = |of: fn(&Block) -> usize| self.blocks.iter().map(of).sum::<usize>();
        sum(|block| block.secrets.len()) > MOST || sum(|block| block.bytes) > MOST_BYTES
    }

    /// What finds them.
    pub(super) fn parts(&self) -> impl Iterator<Item = Arc<Part>> {
        self.blocks
            .iter()
            .map(|block| Arc::clone(block.part.get_or_init(|| Arc::new(Part::new(&patterns(&block.secrets))))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token for each request is no reason to build anew what finds the others.
    #[test]
    fn what_finds_the_others_stays() {
        let mut obtained = Obtained::default();
        (0..40).for_each(|number| obtained.add(&format!("token {number}")));
        let before: Vec<Arc<Part>> = obtained.parts().collect();
        obtained.add("one more");
        let after: Vec<Arc<Part>> = obtained.parts().collect();
        let same = before.iter().zip(&after).filter(|(before, after)| Arc::ptr_eq(before, after)).count();
        assert_eq!((before.len(), after.len(), same), (3, 3, 2));
    }

    #[test]
    fn long_secrets_are_fewer() {
        let mut obtained = Obtained::default();
        let long = |number: usize| format!("{number:0>9000}");
        (0..100).for_each(|number| obtained.add(&long(number)));
        let known = (0..100).filter(|number| obtained.places.contains_key(&long(*number))).count();
        assert!((10..=MOST_BYTES / 9000 + 2).contains(&known), "{known}");
        assert!(obtained.has(&long(99)) && !obtained.has(&long(0)));
        assert!(obtained.blocks.iter().map(|block| block.bytes).sum::<usize>() <= MOST_BYTES);
    }
}
