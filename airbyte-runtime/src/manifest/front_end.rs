//! A manifest as what describes a connector: answers `spec`, and makes plans.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use airbyte_manifest::model::Check;
use airbyte_manifest::{Manifest, Node};

use super::command::INJECTED;
use super::config::{SpecMessage, normalize, secrets, validate};
use super::registry::Registry;
use super::source::{Making, lower};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::HttpClient;
use crate::output::Output;
use crate::protocol::{Message, Spec};
use crate::read;
use crate::run::{ConfigFile, FrontEnd, Prepared, Preparing, Purpose, write_config};

/// A manifest and the classes that it may name.
pub(super) struct ManifestFrontEnd {
    pub(super) manifest: Arc<Manifest>,
    pub(super) registry: Arc<Registry>,
    /// The manifest's text, if an option of the command line names it: a migrated configuration is written back with it.
    pub(super) named: Option<String>,
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

    fn advanced_auth(&self) -> Result<Option<Value>> {
        Ok(SpecMessage::new(self.required_spec()?).advanced_auth)
    }

    fn secrets(&self, config: &Value) -> Result<Vec<String>> {
        Ok(secrets(self.required_spec()?, config))
    }

    fn require_spec(&self) -> Result<()> {
        self.required_spec().map(drop)
    }

    fn of_input(&self, error: Error) -> Error {
        error.unmade()
    }

    /// Two streams of a manifest may have one name; `discover` lists both, and the platform's catalog may, too.
    fn repeats_streams(&self) -> bool {
        true
    }

    fn prepare<'a>(&'a self, config: ConfigFile, output: &'a Output, purpose: Purpose<'a>) -> Preparing<'a> {
        Box::pin(async move {
            let mut config = self.configure(config, output)?;
            if let Purpose::Check = purpose {
                self.override_for_check(&mut config);
            }
            // A manifest says how often a request is tried, and its check comes to what it comes to with the Python CDK.
            let settings = purpose.http().with_every_try();
            let client = HttpClient::new(&self.user_agent, settings, output.redactor().clone());
            let making = Making {
                manifest: &self.manifest,
                config: &config,
                client: &client,
                output,
                registry: &self.registry,
                directory: self.directory.as_deref(),
                purpose,
            };
            let lowered = read::watched(&client, output, lower(&making)).await?;
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

    /// Writes a migrated configuration back to the user's file, with the manifest where the command line named it: that is
    /// how the Python CDK leaves the file.
    fn store(&self, file: &Path, config: &Map<String, Value>) -> Result<()> {
        let written = self.named.as_deref().map(airbyte_manifest::yaml::read);
        match written {
            Some(Ok(document)) => {
                let mut config = config.clone();
                config.insert(INJECTED.to_owned(), document.root.to_json());
                write_config(file, &config)
            }
            _ => write_config(file, config),
        }
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
        // What stands under the keys of an older version is in no specification.
        let normalized = output.redactor().masking(&config, || normalize(spec, &config, &self.registry));
        let normalized = normalized.map_err(|error| error.unmade().unanswerable())?;
        if let Some(migrated) = &normalized.migrated {
            let mut stored = migrated.clone();
            if let Some(stored) = stored.as_object_mut() {
                stored.extend(injected);
            }
            for secret in secrets(spec, migrated) {
                output.redactor().add(&secret);
            }
            if let Value::Object(mut stored) = stored {
                self.store(&file.path, &stored)?;
                stored.retain(|_, value| !value.is_null());
                output.message(Message::ConnectorConfig(&stored))?;
            }
        }
        for secret in secrets(spec, &normalized.config) {
            output.redactor().add(&secret);
        }
        validate(spec, &normalized.config)?;
        super::config::validations(spec, &normalized.config, &self.registry)?;
        Ok(normalized.config)
    }
}

/// A manifest without anything beside it.
#[cfg(test)]
pub(crate) fn of_text(text: &str) -> Result<impl FrontEnd + use<>> {
    let manifest = Manifest::load(text, "manifest.yaml", false)
        .map_err(|report| Error::system(format!("the manifest is refused: {report:?}")))?;
    Ok(ManifestFrontEnd {
        manifest: Arc::new(manifest),
        registry: Arc::default(),
        named: None,
        directory: None,
        user_agent: "test".to_owned(),
    })
}
