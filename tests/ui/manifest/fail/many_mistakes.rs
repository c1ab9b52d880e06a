//! Two mistakes: both are reported.
// Underlined: the file, in quotes, each time.

use airbyte_runtime::manifest::EmbeddedManifest;

const MANIFEST: EmbeddedManifest = airbyte_runtime::manifest!("ui/manifest/fail/many_mistakes.yaml");

fn main() {}
