//! The record is a union.
// Underlined: `Port`.

use airbyte_runtime::prelude::*;

#[record]
union Port {
    number: u16,
    text: u32,
}

fn main() {}
