//! A form of `main!` that does not exist.
// Underlined: the macro.

airbyte_runtime::main!(manifest = "manifest.yaml", strictly);
