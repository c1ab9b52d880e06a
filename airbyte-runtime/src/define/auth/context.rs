//! What the definition of an authenticator is filled in with.

use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;

use crate::config::{Config, Redactor};
use crate::define::value::Map as DefMap;
use crate::error::{Error, Result};
use crate::http::HttpClient;
use crate::output::Output;
use crate::placeholder::{Piece, pieces};
use crate::plan::auth::oauth::ConfigStore;
use crate::plan::auth::setting::{Setting, SettingMapping};

/// What an authenticator is made with: the configuration, and what all authenticators of a run share.
pub struct AuthContext<'a> {
    pub(crate) config: &'a Config,
    pub(crate) services: &'a Services,
    /// What paths of logins and token services are appended to, a template.
    pub(crate) base_url: Option<&'static str>,
}

/// What all authenticators of a run share.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) client: HttpClient,
    /// The configuration as the platform stores it.
    pub(crate) store: Arc<ConfigStore>,
}

impl Services {
    /// `config` is the user's own, without what was filled in.
    pub(crate) fn new(client: HttpClient, config: Map<String, Value>, output: &Output) -> Self {
        let store = Arc::new(ConfigStore::new(config, Some(output.clone())));
        Self { client, store }
    }
}

impl std::fmt::Debug for AuthContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthContext").finish_non_exhaustive()
    }
}

impl AuthContext<'_> {
    pub(super) fn client(&self) -> HttpClient {
        self.services.client.clone()
    }

    pub(super) fn redactor(&self) -> Redactor {
        self.config.redactor().clone()
    }

    /// A text in which only the configuration stands.
    ///
    /// # Errors
    /// A config field that is not set is a config error.
    pub(super) fn setting(&self, template: &str) -> Result<Setting> {
        self.config.render(template).map(Setting::fixed)
    }

    /// The same; `None` if a config field is not set.
    ///
    /// # Errors
    /// A placeholder of something else is a system error.
    pub(super) fn optional(&self, template: Option<&str>) -> Result<Option<Setting>> {
        let text = template.map(|template| self.config.render_optional(template)).transpose()?.flatten();
        Ok(text.map(Setting::fixed))
    }

    /// A map whose entries without a value are left out.
    ///
    /// # Errors
    /// A placeholder of something else is a system error.
    pub(super) fn mapping(&self, map: DefMap) -> Result<SettingMapping> {
        self.config.entries(map).map(SettingMapping::Fixed)
    }

    /// An address, or a path below the base URL.
    ///
    /// # Errors
    /// A path where there is no base URL is a system error, a text that is no URL a config error.
    pub(super) fn url(&self, template: &str) -> Result<Url> {
        let text = self.config.render(template)?;
        let whole = match text.strip_prefix('/') {
            Some(path) => {
                let base = self.base_url.ok_or_else(|| {
                    Error::system(format!("`{template}` is below the base URL, but the source has no `base_url`"))
                })?;
                format!("{}/{path}", self.config.render(base)?.trim_end_matches('/'))
            }
            None => text,
        };
        let url = Url::parse(&whole).ok().filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
        url.ok_or_else(|| Error::config(format!("`{whole}` is not a URL that begins with https:// or http://")))
    }

    /// The JSON keys of the config field that a template is.
    ///
    /// # Errors
    /// A template that is anything else is a system error.
    pub(super) fn path(&self, template: &str) -> Result<Vec<String>> {
        let mut found = pieces(template)?.into_iter();
        match (found.next(), found.next()) {
            (Some(Piece::Placeholder { root: "config", path }), None) => {
                Ok(self.config.keys(&path).into_iter().map(str::to_owned).collect())
            }
            _ => Err(Error::system(format!("`{template}` is not a config field, so nothing can be stored in it"))),
        }
    }
}
