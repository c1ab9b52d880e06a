//! Manifests, for the harness of bad input.

use airbyte_manifest::model::ComponentsResolver;
use airbyte_manifest::{Manifest, migrate};
use futures_util::FutureExt as _;
use serde_json::Value;

use super::config::{SpecMessage, normalize, secrets, validate, validations};
use super::registry::Registry;
use super::source::{Making, lower};
use crate::config::{Config, Redactor};
use crate::fuzzing::parts;
use crate::http::{HttpClient, HttpSettings};
use crate::output::unheard;
use crate::plan::Plan;
use crate::run::Purpose;

/// A manifest and a configuration.
pub(crate) fn manifest(data: &[u8]) {
    let Some([text, config]) = parts(data) else { return };
    let strict = Manifest::load(text, "manifest.yaml", true);
    let loaded = Manifest::load(text, "manifest.yaml", false);
    let manifest = match (loaded, strict) {
        (Ok(manifest), _) => manifest,
        (Err(report), Err(_)) => return drop(report.to_string()),
        (Err(_), Ok(_)) => panic!("what is refused is taken when it is looked at more strictly"),
    };
    let _ = (manifest.report.to_string(), migrate::migrate(&manifest.root));
    let mut config = serde_json::from_str(config).unwrap_or_default();
    if let Some(spec) = &manifest.source.spec {
        let _ = (SpecMessage::new(spec), secrets(spec, &config), validate(spec, &config));
        let registry = Registry::default();
        if let Ok(normalized) = normalize(spec, &config, &registry) {
            let _ = validations(spec, &normalized.config, &registry);
            config = normalized.config;
        }
    }
    let _ = plan(&manifest, &config);
}

/// The plan of a manifest; none for one whose streams only its API knows.
pub(crate) fn plan(manifest: &Manifest, config: &Value) -> Option<Plan> {
    let is_asked = |resolver: &ComponentsResolver| matches!(resolver, ComponentsResolver::HttpComponentsResolver(_));
    if manifest.source.dynamic_streams.iter().any(|dynamic| is_asked(&dynamic.components_resolver)) {
        return None;
    }
    let client = HttpClient::new("fuzz", HttpSettings::patient(), Redactor::default());
    let (output, registry) = (unheard(Redactor::default()), Registry::default());
    let making = Making {
        manifest,
        config,
        client: &client,
        output: &output,
        registry: &registry,
        directory: None,
        purpose: Purpose::Discover,
    };
    let lowered = lower(&making).now_or_never()?.ok()?;
    Some(lowered.into_plan(Config::document(config.clone(), Redactor::default())))
}
