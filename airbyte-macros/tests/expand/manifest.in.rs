const SHOP: EmbeddedManifest = manifest!("tests/expand/manifest.yaml", crate = my::runtime);
