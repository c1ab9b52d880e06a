//! A manifest as what describes a connector: answers `spec`, and makes plans.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use airbyte_manifest::model::Check;
use airbyte_manifest::{Manifest, Node};

use super::config::{SpecMessage, normalize, secrets, validate};
use super::registry::Registry;
use super::source::{Making, lower};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::{HttpClient, HttpSettings};
use crate::output::Output;
use crate::protocol::{Message, Spec};
use crate::run::{ConfigFile, FrontEnd, Prepared, Preparing, Purpose, store_config};

/// A manifest and the classes that it may name.
pub(super) struct ManifestFrontEnd {
    pub(super) manifest: Arc<Manifest>,
    pub(super) registry: Arc<Registry>,
    /// Where the files are that the manifest names.
    pub(super) directory: Option<PathBuf>,
    /// What requests say about who is asking, unless the manifest sets the header.
    pub(super) user_agent: String,
}

impl FrontEnd for ManifestFrontEnd {
    fn spec(&self, output: &Output) -> Result<()> {
        let spec = SpecMessage::new(self.required_spec()?);
        output.message(Message::Spec(Spec {
            connection_specification: &spec.connection_specification,
            documentation_url: spec.documentation_url.as_deref(),
            changelog_url: None,
            advanced_auth: spec.advanced_auth.as_ref(),
            supports_dbt: Some(false),
            supports_normalization: Some(false),
            protocol_version: None,
        }))
    }

    fn require_spec(&self) -> Result<()> {
        self.required_spec().map(drop)
    }

    fn prepare<'a>(&'a self, config: ConfigFile, output: &'a Output, purpose: Purpose<'a>) -> Preparing<'a> {
        Box::pin(async move {
            let mut config = self.configure(config, output)?;
            if let Purpose::Check = purpose {
                self.override_for_check(&mut config);
            }
            let settings = HttpSettings::patient();
            let client = HttpClient::new(&self.user_agent, settings, output.redactor().clone())?;
            let making = Making {
                manifest: &self.manifest,
                config: &config,
                client: &client,
                output,
                registry: &self.registry,
                directory: self.directory.as_deref(),
                purpose,
            };
            let lowered = lower(&making).await?;
            let plan = lowered.into_plan(Config::document(config.clone(), output.redactor().clone()));
            Ok(Prepared { plan, client })
        })
    }
}

impl ManifestFrontEnd {
    fn required_spec(&self) -> Result<&airbyte_manifest::model::Spec> {
        self.manifest.source.spec.as_ref().ok_or_else(|| {
            Error::system("the manifest has no `spec`, so nobody knows what to configure")
                .with_detail("add `spec` with a `connection_specification`")
        })
    }

    /// Puts in the values with which `check` shall be done.
    fn override_for_check(&self, config: &mut Value) {
        let overrides = match &self.manifest.source.check {
            Check::CheckStream(check) => check.config_overrides.as_ref(),
            Check::CheckDynamicStream(check) => check.config_overrides.as_ref(),
        };
        if let (Some(Value::Object(overrides)), Value::Object(config)) = (overrides.map(Node::to_json), config) {
            config.extend(overrides);
        }
    }

    /// Checks a configuration and brings it up to date; migrations are written back to the user's file.
    fn configure(&self, file: ConfigFile, output: &Output) -> Result<Value> {
        let mut config = file.value;
        let Some(object) = config.as_object_mut() else {
            return Err(Error::config("the configuration is not a JSON object"));
        };
        // The manifest itself is no part of what it is configured with.
        let injected: Vec<(String, Value)> = object
            .iter()
            .filter(|(key, _)| key.starts_with("__injected_"))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        object.retain(|key, _| !key.starts_with("__injected_"));
        let spec = self.required_spec()?;
        for secret in secrets(spec, &config) {
            output.redactor().add(&secret);
        }
        let normalized = normalize(spec, &config, &self.registry).map_err(Error::unanswerable)?;
        if let Some(migrated) = &normalized.migrated {
            let mut stored = migrated.clone();
            if let Some(stored) = stored.as_object_mut() {
                stored.extend(injected);
            }
            for secret in secrets(spec, migrated) {
                output.redactor().add(&secret);
            }
            if let Some(stored) = stored.as_object() {
                store_config(Some(&file.path), stored, output)?;
            }
        }
        for secret in secrets(spec, &normalized.config) {
            output.redactor().add(&secret);
        }
        validate(spec, normalized.migrated.as_ref().unwrap_or(&config))?;
        super::config::validations(spec, &normalized.config, &self.registry)?;
        Ok(normalized.config)
    }
}
