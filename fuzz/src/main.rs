//! libFuzzer's end of `airbyte_runtime::fuzzing`: the environment variable `FUZZ_TARGET` names the function.

#![no_main]

use std::sync::LazyLock;

use airbyte_runtime::fuzzing::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    let target = TARGETS.iter().find(|target| target.name == name);
    *target.unwrap_or_else(|| panic!("FUZZ_TARGET is `{name}`, and not one of {}", names.join(", ")))
});

fuzz_target!(|data: &[u8]| {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    (TARGET.run)(data);
    TARGET.require_memory(data, MEMORY.peak_usage().saturating_sub(before));
});
