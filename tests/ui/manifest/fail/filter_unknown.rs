//! A template has a filter that does not exist, which ends the stream.
// Underlined: the file, in quotes.

use airbyte_runtime::manifest::EmbeddedManifest;

const MANIFEST: EmbeddedManifest = airbyte_runtime::manifest!("ui/manifest/fail/filter_unknown.yaml");

fn main() {}
