//! Inputs that are almost what a function reads: known ones, cut, joined, repeated and strewn with words of their
//! language. Each is made of a seed, the function's name and a number, and can be made again.

/// Longer inputs are cut.
const LONGEST: usize = 32 << 10;
/// How often a part is repeated at most, for what grows with every level or every item.
const REPEATED: usize = 600;

/// The words in a dictionary of libFuzzer: quoted, one on each line, with `\\`, `\"` and `\xAB`.
pub fn dictionary(text: &str) -> Vec<Vec<u8>> {
    let quoted = text.lines().filter_map(|line| line.trim().split_once('"')?.1.strip_suffix('"'));
    quoted.map(unescaped).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match (first, rest) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                rest = after;
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("two digits");
                u8::from_str_radix(digits, 16).expect("two hexadecimal digits")
            }
            (b'\\', [escaped, after @ ..]) => {
                rest = after;
                *escaped
            }
            _ => *first,
        });
    }
    bytes
}

/// What makes one input.
pub struct Mutator(u64);

impl Mutator {
    pub fn new(seed: u64, target: &str, number: u64) -> Self {
        let name = target.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self(seed.rotate_left(48) ^ name.rotate_left(24) ^ number)
    }

    /// The next random number, by splitmix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).expect("a number")).expect("a number")
    }

    fn of<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        &choices[self.below(choices.len())]
    }

    /// A known input, changed a few times.
    pub fn input(mut self, seeds: &[Vec<u8>], words: &[Vec<u8>]) -> Vec<u8> {
        let mut data = self.of(seeds).clone();
        for _ in 0..=self.below(6) {
            self.change(&mut data, seeds, words);
            data.truncate(LONGEST);
        }
        data
    }

    fn change(&mut self, data: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[Vec<u8>]) {
        let part = self.part(data);
        match self.below(10) {
            0..3 if !words.is_empty() => {
                let word = self.of(words);
                // Over something, or between.
                let end = if self.below(2) == 0 { part.start } else { part.end.min(part.start + word.len()) };
                data.splice(part.start..end, word.iter().copied());
            }
            3 => {
                data.drain(part);
            }
            4 => {
                let copy = data[part.clone()].to_vec();
                let at = self.below(data.len() + 1);
                data.splice(at..at, copy);
            }
            5 => {
                let times = if self.below(4) == 0 { self.below(REPEATED) } else { self.below(8) };
                let piece = &data[part.start..part.end.min(part.start + 64)];
                let copies = piece.repeat(times);
                data.splice(part.start..part.start, copies);
            }
            6 => {
                let other = self.of(seeds);
                let taken = self.part(other);
                let inserted = other[taken].to_vec();
                data.splice(part, inserted);
            }
            7 => {
                let number = self.number();
                data.splice(part.start..part.end.min(part.start + 4), number.into_bytes());
            }
            8 => {
                let byte = *self.of(b"\"'{}[]()<>,:;%#*&!|-+.=/\\ \n\t09aZ\x00\x7f\xc3\xa9\xff");
                data.insert(part.start, byte);
            }
            _ => {
                if let Some(byte) = data.get_mut(part.start) {
                    *byte ^= 1 << (self.next() % 8);
                }
            }
        }
    }

    /// A part, mostly a short one.
    fn part(&mut self, data: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(data.len() + 1);
        let left = data.len() - start;
        let length = if self.below(3) == 0 { self.below(left + 1) } else { self.below(left.min(16) + 1) };
        start..start + length
    }

    /// Numbers at which something ends.
    fn number(&mut self) -> String {
        let edge = *self.of(&[0, 1, 7, 31, 32, 53, 63, 64, 127]);
        let power = 1_i128.checked_shl(edge).unwrap_or(i128::MAX);
        let near = power.saturating_add(i128::try_from(self.below(3)).expect("a number") - 1);
        let sign = if self.below(3) == 0 { "-" } else { "" };
        match self.below(4) {
            0 => format!("{sign}1e{edge}"),
            1 => format!("{sign}{near}.5"),
            _ => format!("{sign}{near}"),
        }
    }
}
