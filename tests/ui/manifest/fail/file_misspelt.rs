//! There is no such file, but one with nearly the same name.
// Underlined: the file, in quotes.

use airbyte_runtime::manifest::EmbeddedManifest;

const MANIFEST: EmbeddedManifest = airbyte_runtime::manifest!("ui/manifest/fail/not_ymal.yaml");

fn main() {}
