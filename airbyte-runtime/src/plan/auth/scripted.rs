//! What the tests of the authenticators share: templates, a client, drafts.

use std::sync::Arc;

use http::{HeaderMap, Method};
use serde_json::{Map, Value};
use url::Url;

use super::Authenticator;
use super::mapping::{MappedValue, TemplateMapping};
use super::setting::{Setting, SettingMapping};
use crate::error::Result;
use crate::jinja::{Environment, Scope, Template, json_loads};
use crate::plan::request::{RequestBody, RequestDraft};

/// Makes templates that see one configuration.
pub(super) struct Templates(Arc<Environment>);

impl Templates {
    pub(super) fn new(config: &Value) -> Self {
        Self(Environment::new(config))
    }

    pub(super) fn template(&self, text: &str) -> Template {
        Template::new(&self.0, text, &Arc::new(Map::new())).unwrap()
    }

    /// A template that may read JSON, as those of tokens may.
    pub(super) fn setting(&self, text: &str) -> Setting {
        Setting::Template(self.template(text), scope())
    }

    /// Text becomes a template, anything else stays as it is.
    pub(super) fn mapping(&self, mapping: Value) -> SettingMapping {
        let entries = mapping.as_object().unwrap().iter().map(|(key, value)| {
            let value = match value {
                Value::String(text) => MappedValue::Template(self.template(text)),
                other => MappedValue::Literal(other.clone()),
            };
            (self.template(key), value)
        });
        SettingMapping::Templates(TemplateMapping { entries: entries.collect() }, scope())
    }
}

fn scope() -> Scope {
    Scope::new().with("json_loads", json_loads())
}

/// A client that tries once more.
#[cfg(feature = "testing")]
pub(super) fn client(redactor: &crate::config::Redactor) -> crate::http::HttpClient {
    use crate::http::{HttpClient, HttpSettings};
    let settings = HttpSettings { max_retries: 1, ..HttpSettings::patient() };
    HttpClient::new("test", settings, redactor.clone())
}

pub(super) fn draft(url: &str) -> RequestDraft {
    RequestDraft {
        method: Method::GET,
        url: Url::parse(url).unwrap(),
        query: Vec::new(),
        headers: HeaderMap::new(),
        body: RequestBody::Empty,
    }
}

/// A request with its credentials.
pub(super) async fn authenticated(authenticator: &dyn Authenticator) -> Result<RequestDraft> {
    let mut request = draft("http://localhost/s");
    authenticator.authenticate(&mut request).await?;
    Ok(request)
}

/// The header that an authenticator sets.
pub(super) async fn header(authenticator: &dyn Authenticator, name: &str) -> Result<String> {
    let request = authenticated(authenticator).await?;
    Ok(request.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default())
}

/// Runs a test on a runtime of its own.
pub(super) fn run<T>(test: impl Future<Output = T>) -> T {
    crate::run::block_on(test).unwrap()
}
