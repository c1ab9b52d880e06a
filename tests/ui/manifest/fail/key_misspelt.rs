//! A key that has to be there is misspelt, and another is ignored: the first is one error, the second may tell more.
// Underlined: the file, in quotes.

use airbyte_runtime::manifest::EmbeddedManifest;

const MANIFEST: EmbeddedManifest = airbyte_runtime::manifest!("ui/manifest/fail/key_misspelt.yaml");

fn main() {}
