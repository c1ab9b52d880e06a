//! Two fields have one JSON key.
// Underlined: `account` of the second field, or its new name.

use airbyte_runtime::prelude::*;

#[config]
struct Account {
    /// The number of the account.
    account: u64,
    /// The name of the account.
    #[config(rename = "account")]
    name: String,
}

fn main() {}
