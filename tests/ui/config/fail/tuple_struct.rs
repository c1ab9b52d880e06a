//! The fields have no names.
// Underlined: `Place`.

use airbyte_runtime::prelude::*;

#[config]
struct Place(String);

fn main() {}
