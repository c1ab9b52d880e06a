//! How much memory the bodies of a read may take together: one that needs more waits for others to be done.
//!
//! A page of up to [`FREE`] bytes takes nothing from the budget, since the number of pages bounds those. What a body has
//! beyond that it takes from the budget piece by piece, before it reads on; where the budget has nothing left, it waits,
//! and the connection with it. One body at a time may go beyond the budget, so that bodies which each hold a part of it,
//! and one that is larger than all of it, come to their ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of each page that are not counted: a megabyte, after which a long page is read while it arrives, and what came
/// with its last bytes.
const FREE: usize = 3 << 19;
/// The budget is counted in these.
const UNIT: usize = 1 << 10;
/// As much is taken at once, at least.
const STEP: usize = 1 << 20;
/// The largest body or record that is held as a whole, in bytes.
const MAX_BODY: u64 = 1 << 30;
/// What the bodies may have of the machine's memory: one part in so many. What is made of them takes as much again.
const SHARE_OF_BODIES: u64 = 8;
/// The same for the largest of them.
const SHARE_OF_ONE: u64 = 4;
const LEAST_BUDGET: u64 = 64 << 20;
const MOST_BUDGET: u64 = 1 << 30;
/// Says another number of megabytes.
const BUDGET_VARIABLE: &str = "AIRBYTE_PAGE_MEMORY_MB";

/// The budget of a read.
#[derive(Clone)]
pub(super) struct Memory(Arc<Budget>);

struct Budget {
    left: Arc<Semaphore>,
    /// Held by the body that is beyond the budget.
    beyond: Arc<Semaphore>,
    bytes: u64,
    told: AtomicBool,
}

/// What a page has taken of the budget, until it is dropped.
pub(super) struct Grant {
    memory: Memory,
    held: Option<OwnedSemaphorePermit>,
    beyond: Option<OwnedSemaphorePermit>,
    /// So many bytes need no more.
    covered: usize,
    /// Whether somebody needs the page. One that nobody needs yet may be kept until another one has come, so it neither
    /// waits for others nor goes beyond the budget.
    is_needed: bool,
}

impl Memory {
    /// What this machine or this container has for bodies.
    pub(super) fn of_machine() -> Self {
        static BYTES: OnceLock<u64> = OnceLock::new();
        let wanted = || std::env::var(BUDGET_VARIABLE).ok()?.trim().parse::<u64>().ok();
        Self::of(*BYTES.get_or_init(|| match wanted() {
            Some(megabytes) => megabytes.saturating_mul(1 << 20),
            None => (machine() / SHARE_OF_BODIES).clamp(LEAST_BUDGET, MOST_BUDGET),
        }))
    }

    fn of(bytes: u64) -> Self {
        let units = usize::try_from(bytes / UNIT as u64).unwrap_or(usize::MAX).clamp(1, Semaphore::MAX_PERMITS);
        let left = Arc::new(Semaphore::new(units));
        Self(Arc::new(Budget { left, beyond: Arc::new(Semaphore::new(1)), bytes, told: AtomicBool::new(false) }))
    }

    /// A page that has taken nothing.
    pub(super) fn grant(&self) -> Grant {
        Grant { memory: self.clone(), held: None, beyond: None, covered: FREE, is_needed: true }
    }

    /// The same for a page that nobody needs yet.
    pub(super) fn spare(&self) -> Grant {
        Grant { is_needed: false, ..self.grant() }
    }
}

impl Budget {
    fn tell(&self) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::info!(
                "pages wait for each other, since those on their way take {} MB of memory; {BUDGET_VARIABLE} in the \
                 environment allows more",
                self.bytes >> 20
            );
        }
    }
}

impl Grant {
    /// Returns as soon as a body of so many bytes has its place: `false` if it gets none.
    pub(super) async fn cover(&mut self, bytes: usize) -> bool {
        bytes <= self.covered || self.take(bytes - self.covered).await
    }

    async fn take(&mut self, more: usize) -> bool {
        let more = more.max(STEP);
        let budget = &self.memory.0;
        // What no budget has is taken beyond it.
        let units = u32::try_from(more.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let taken = match Arc::clone(&budget.left).try_acquire_many_owned(units) {
            Ok(taken) => Some(taken),
            Err(_) if !self.is_needed => return false,
            Err(_) => {
                budget.tell();
                tokio::select! {
                    biased;
                    taken = Arc::clone(&budget.left).acquire_many_owned(units) => taken.ok(),
                    beyond = Arc::clone(&budget.beyond).acquire_owned() => {
                        self.beyond = beyond.ok();
                        None
                    }
                }
            }
        };
        match (taken, &mut self.held) {
            (Some(taken), Some(held)) => held.merge(taken),
            (Some(taken), held) => *held = Some(taken),
            (None, _) => {
                self.covered = usize::MAX;
                return true;
            }
        }
        self.covered += more;
        true
    }
}

/// The largest body or record that may be held as a whole.
pub(crate) fn max_body() -> usize {
    usize::try_from((machine() / SHARE_OF_ONE).clamp(LEAST_BUDGET, MAX_BODY)).unwrap_or(usize::MAX)
}

/// The memory that there is, in bytes: of the container, if it is bounded, or else of the machine.
fn machine() -> u64 {
    static BYTES: OnceLock<u64> = OnceLock::new();
    *BYTES.get_or_init(|| smallest(|path| std::fs::read_to_string(path).ok()))
}

/// The smallest of what the system's files say; as if there were no bound where none says anything.
fn smallest(read: impl Fn(&str) -> Option<String>) -> u64 {
    let number = |path| read(path)?.trim().parse::<u64>().ok();
    let bounds = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].map(number);
    let installed = read("/proc/meminfo").and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
    });
    let installed = installed.map(|kilobytes| kilobytes.saturating_mul(1 << 10));
    bounds.into_iter().chain([installed]).flatten().min().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    use tokio::task::{LocalSet, yield_now};

    use super::*;

    const MB: usize = 1 << 20;

    #[test]
    fn the_memory_of_a_container_counts_before_that_of_the_machine() {
        let meminfo = "MemTotal:       16384 kB\nMemFree: 1 kB\n";
        let table: [(&[(&str, &str)], u64); 5] = [
            (&[("/proc/meminfo", meminfo)], 16 << 20),
            (&[("/proc/meminfo", meminfo), ("/sys/fs/cgroup/memory.max", "max\n")], 16 << 20),
            (&[("/proc/meminfo", meminfo), ("/sys/fs/cgroup/memory.max", "4194304\n")], 4 << 20),
            (&[("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")], 9_223_372_036_854_771_712),
            (&[], u64::MAX),
        ];
        for (files, expected) in table {
            let read = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned());
            assert_eq!(smallest(read), expected, "{files:?}");
        }
    }

    /// Bodies that arrive in pieces, side by side; returns the most bytes that they had together beyond what is free.
    fn most_held(budget: usize, bodies: &[usize], piece: usize) -> usize {
        let memory = Memory::of(budget as u64);
        let (held, most, done) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)), Rc::new(RefCell::new(Vec::new())));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let tasks = LocalSet::new();
        for &body in bodies {
            let (mut grant, held, most, done) = (memory.grant(), held.clone(), most.clone(), done.clone());
            tasks.spawn_local(async move {
                let mut arrived: usize = 0;
                while arrived < body {
                    let next = (arrived + piece).min(body);
                    assert!(grant.cover(next).await);
                    held.set(held.get() + next.saturating_sub(FREE) - arrived.saturating_sub(FREE));
                    most.set(most.get().max(held.get()));
                    arrived = next;
                    yield_now().await;
                }
                held.set(held.get() - body.saturating_sub(FREE));
                done.borrow_mut().push(body);
            });
        }
        runtime.block_on(tasks);
        assert_eq!(done.borrow().len(), bodies.len());
        assert_eq!(memory.0.left.available_permits(), budget / UNIT, "something was not given back");
        assert_eq!(memory.0.beyond.available_permits(), 1);
        most.get()
    }

    #[test]
    fn small_pages_take_nothing() {
        let memory = Memory::of(MB as u64);
        let mut grants: Vec<Grant> = (0..100).map(|_| memory.grant()).collect();
        for grant in &mut grants {
            assert!(futures_util::FutureExt::now_or_never(grant.cover(FREE)).is_some());
        }
        assert_eq!(memory.0.left.available_permits(), MB / UNIT);
    }

    #[test]
    fn bodies_wait_for_each_other_and_all_come_to_their_end() {
        // Each could take the whole budget: together they stay within it, and the one that is beyond.
        for bodies in 1..=40 {
            let most = most_held(16 * MB, &vec![12 * MB; bodies], MB / 3);
            assert!(most <= (16 + 12) * MB, "{bodies} bodies held {most} bytes");
        }
    }

    #[test]
    fn a_body_that_is_larger_than_the_budget_comes_to_its_end() {
        let most = most_held(4 * MB, &[100 * MB, 2 * MB, 100 * MB, 3 * MB], MB);
        assert!(most <= (4 + 100) * MB, "{most}");
        most_held(UNIT, &[3 * MB, 3 * MB], 100);
    }

    #[test]
    fn a_page_that_nobody_needs_yet_keeps_nobody_waiting() {
        let memory = Memory::of(2 * MB as u64);
        let now = |grant: &mut Grant, bytes| futures_util::FutureExt::now_or_never(grant.cover(bytes));
        let (mut spare, mut needed) = (memory.spare(), memory.grant());
        assert_eq!(now(&mut spare, 3 * MB), Some(true));
        assert_eq!(now(&mut spare, 30 * MB), Some(false));
        assert_eq!(now(&mut needed, 30 * MB), Some(true), "the one that is needed may go beyond");
    }

    #[test]
    fn what_a_body_that_is_given_up_held_is_free_again() {
        let memory = Memory::of(2 * MB as u64);
        let now = |grant: &mut Grant, bytes| futures_util::FutureExt::now_or_never(grant.cover(bytes)).is_some();
        let (mut first, mut second, mut third) = (memory.grant(), memory.grant(), memory.grant());
        assert!(now(&mut first, 3 * MB));
        assert!(now(&mut second, 50 * MB), "one may go beyond");
        assert!(!now(&mut third, 3 * MB), "and no other");
        drop(second);
        assert!(now(&mut third, 3 * MB));
        drop((first, third));
        assert_eq!(memory.0.left.available_permits(), 2 * MB / UNIT);
    }
}
