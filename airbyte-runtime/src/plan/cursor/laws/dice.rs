//! Random cases that a number brings back.

/// A generator of random numbers; equal seeds give equal numbers.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another, which is not zero.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True one time in so many.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end as u64 + 1) as usize);
        }
    }
}

/// Runs a law on as many cases as `CURSOR_LAWS_CASES` says, each with a seed of its own, beginning with
/// `CURSOR_LAWS_SEED`; a case that fails says which seed brings it back alone.
pub(crate) fn for_all(law: &str, usual: u64, case: impl Fn(&mut Dice) + std::panic::RefUnwindSafe) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let first = number("CURSOR_LAWS_SEED").unwrap_or(0);
    for seed in first..first + number("CURSOR_LAWS_CASES").unwrap_or(usual) {
        let result = std::panic::catch_unwind(|| case(&mut Dice::new(seed)));
        if let Err(panic) = result {
            tracing::error!("the law {law} is broken");
            let again =
                format!("CURSOR_LAWS_SEED={seed} CURSOR_LAWS_CASES=1 cargo test -p airbyte-runtime --lib {law}");
            let message = panic.downcast_ref::<String>().cloned();
            let message = message.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            panic!("{}\nthe same case again: {again}", message.unwrap_or_default());
        }
    }
}
