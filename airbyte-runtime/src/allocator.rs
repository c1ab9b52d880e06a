//! What glibc's allocator is to know of a read; for any other it is nothing.

use std::hint::black_box;

/// A page is seldom longer. The allocator keeps twice as much.
const PAGE: usize = 1 << 20;

/// Has the allocator keep what one page gives back for the next one.
///
/// It returns more than 128 KiB to the system at once, and gets it again for the next page, 4 KiB at a time and each
/// with a fault: a third of the time of a read. What it learns from is a large block that was given back: from then on
/// blocks of that size stay, and so does twice their length at the end of the heap (`M_MMAP_THRESHOLD` in mallopt(3)).
pub(crate) fn keep_pages() {
    drop(black_box(Vec::<u8>::with_capacity(PAGE)));
}
