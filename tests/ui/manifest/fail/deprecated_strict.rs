//! A field is deprecated: Airbyte reads it, `strict` does not.
// Underlined: the file, in quotes.

use airbyte_runtime::manifest::EmbeddedManifest;

const MANIFEST: EmbeddedManifest = airbyte_runtime::manifest!("ui/manifest/fail/deprecated_strict.yaml", strict);

fn main() {}
