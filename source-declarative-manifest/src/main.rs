//! Runs any Airbyte `manifest.yaml`.
fn main() {}
