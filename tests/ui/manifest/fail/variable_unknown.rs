//! A template names a variable that is not there: Airbyte would notice while reading, `strict` does at once.
// Underlined: the file, in quotes.

use airbyte_runtime::manifest::EmbeddedManifest;

const MANIFEST: EmbeddedManifest = airbyte_runtime::manifest!("ui/manifest/fail/variable_unknown.yaml", strict);

fn main() {}
