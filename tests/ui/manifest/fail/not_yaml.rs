//! The manifest is no YAML.
// Underlined: the file, in quotes.

use airbyte_runtime::manifest::EmbeddedManifest;

const MANIFEST: EmbeddedManifest = airbyte_runtime::manifest!("ui/manifest/fail/not_yaml.yaml");

fn main() {}
