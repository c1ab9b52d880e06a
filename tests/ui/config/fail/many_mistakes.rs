//! Four mistakes in one enum, all reported at once.
// Underlined: `tagg`, `Cloud` (no doc comment), `host` (no doc comment), and the second `"cloud"` or `Other`.

use airbyte_runtime::prelude::*;

#[config(tagg = "method")]
enum Hosting {
    Cloud,
    /// On a machine of your own.
    Server {
        host: String,
    },
    /// Anything else.
    #[config(value = "cloud")]
    Other,
}

fn main() {}
