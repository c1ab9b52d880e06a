//! The manifest has a key that Airbyte does not know.
// Underlined: the file, in quotes.

use airbyte_runtime::manifest::EmbeddedManifest;

const MANIFEST: EmbeddedManifest = airbyte_runtime::manifest!("ui/manifest/fail/key_unknown.yaml");

fn main() {}
