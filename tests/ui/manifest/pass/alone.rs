//! Connectors that are nothing but a manifest.

use std::process::ExitCode;

use airbyte_runtime::manifest::{EmbeddedManifest, Registry};

static MANIFEST: EmbeddedManifest = airbyte_runtime::manifest!("ui/manifest/pass/alone.yaml", strict);

#[allow(dead_code)]
mod plain {
    airbyte_runtime::main!(manifest = "ui/manifest/pass/alone.yaml");
}

#[allow(dead_code)]
mod strict {
    airbyte_runtime::main!(manifest = "ui/manifest/pass/alone.yaml", strict);
}

#[allow(dead_code)]
mod with_classes {
    use airbyte_runtime::manifest::Registry;

    fn registry() -> Registry {
        Registry::new()
    }

    airbyte_runtime::main!(manifest = "ui/manifest/pass/alone.yaml", registry = registry(),);

    mod strict {
        use super::registry;

        airbyte_runtime::main!(manifest = "ui/manifest/pass/alone.yaml", strict, registry = registry());
    }

    mod strict_at_last {
        use super::registry;

        airbyte_runtime::main!(manifest = "ui/manifest/pass/alone.yaml", registry = registry(), strict);
    }
}

fn main() {
    let spec = MANIFEST.run_with(Registry::new(), ["spec".into()], std::io::sink());
    assert!(spec == ExitCode::SUCCESS);
    let unknown = MANIFEST.run_with(Registry::new(), ["read".into(), "--manifest-path=x".into()], std::io::sink());
    assert!(unknown == ExitCode::from(2));
}
