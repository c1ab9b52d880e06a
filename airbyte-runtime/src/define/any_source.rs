//! A source without its type: whatever reads one is compiled here, once, and not in the crate of each connector.

use std::any::Any;
use std::sync::Arc;

use super::config::Shape;
use super::source::{Source, SourceDef};
use crate::config::connection_specification;

/// All that the engine needs of a type that is a [`Source`].
#[derive(Clone, Copy)]
pub(crate) struct AnySource {
    pub(crate) definition: &'static SourceDef,
    pub(crate) shape: &'static Shape,
    /// Makes the struct of a valid configuration; the error is where it does not fit.
    pub(crate) make: fn(&serde_json::Value) -> Result<Arc<dyn Any + Send + Sync>, String>,
    #[cfg(feature = "manifest")]
    pub(crate) manifest: Option<super::EmbeddedManifest>,
    #[cfg(feature = "manifest")]
    pub(crate) registry: fn() -> super::Registry,
}

impl AnySource {
    pub(crate) fn of<S: Source>() -> Self {
        Self {
            definition: S::definition(),
            shape: const { &S::SHAPE },
            make: make::<S>,
            #[cfg(feature = "manifest")]
            manifest: S::MANIFEST,
            #[cfg(feature = "manifest")]
            registry: S::registry,
        }
    }

    /// The connection specification, as JSON schema.
    pub(crate) fn specification(&self) -> serde_json::Value {
        connection_specification(self.definition, self.shape)
    }
}

fn make<S: Source>(config: &serde_json::Value) -> Result<Arc<dyn Any + Send + Sync>, String> {
    match serde_path_to_error::deserialize::<_, S>(config) {
        Ok(source) => Ok(Arc::new(source)),
        Err(error) => Err(error.path().to_string()),
    }
}

impl std::fmt::Debug for AnySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.definition.name)
    }
}
