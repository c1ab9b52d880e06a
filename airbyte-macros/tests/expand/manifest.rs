const SHOP: EmbeddedManifest = my::runtime::__private::define::EmbeddedManifest::new(
    ::core::env!("CARGO_PKG_NAME"),
    ::core::env!("CARGO_PKG_VERSION"),
    "tests/expand/manifest.yaml",
    ::core::include_str!(
        ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/",
        "tests/expand/manifest.yaml")
    ),
    &[
        ("orders", "tests/expand/manifest.yaml:8:11"),
        ("customers", "tests/expand/manifest.yaml:20:11"),
    ],
);
