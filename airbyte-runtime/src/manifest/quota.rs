//! Tokens with quotas.

use std::sync::Arc;

use http::Method;
use url::Url;

use airbyte_manifest::Node;
use airbyte_manifest::model::{HttpMethod, OneOrMany, RateLimitedMultipleTokenAuthenticator, Text};

use super::lowering::Lowering;
use crate::error::{Error, Result};
use crate::plan::auth::quota::{QuotaStatusSource, RotatingTokens, RotationSettings, TokenQuota};
use crate::python::PyValue;

impl Lowering<'_> {
    /// Tokens that take turns: the same for every stream with this definition.
    ///
    /// # Errors
    /// Settings that cannot be read, and a configuration without a token.
    pub(super) fn shared_tokens(&self, model: &RateLimitedMultipleTokenAuthenticator) -> Result<Arc<RotatingTokens>> {
        let definition = model.node.to_json();
        if let Some((_, tokens)) = self.rotating.borrow().iter().find(|(known, _)| *known == definition) {
            return Ok(Arc::clone(tokens));
        }
        let tokens = Arc::new(self.rotating_tokens(model)?);
        self.rotating.borrow_mut().push((definition, Arc::clone(&tokens)));
        Ok(tokens)
    }

    /// Tokens that take turns.
    ///
    /// # Errors
    /// Settings that cannot be read, and a configuration without a token.
    fn rotating_tokens(&self, model: &RateLimitedMultipleTokenAuthenticator) -> Result<RotatingTokens> {
        let own = model.parameters();
        let tokens = match &model.tokens {
            OneOrMany::Many(tokens) => self.texts(tokens, &own)?,
            OneOrMany::One(template) => match self.value(template, &own)? {
                PyValue::List(items) | PyValue::Tuple(items) => items.iter().map(PyValue::to_text).collect(),
                value => value
                    .to_text()
                    .split(model.token_delimiter.text.as_str())
                    .map(|token| token.trim().to_owned())
                    .filter(|token| !token.is_empty())
                    .collect(),
            },
        };
        let status = &model.quota_status_source;
        let status_parameters = status.parameters();
        let url = self.text(&status.url, &status_parameters)?;
        let mut headers = Vec::new();
        for entry in status.request_headers.as_ref().and_then(Node::as_map).into_iter().flatten() {
            let value = self.compile(entry.value.as_str().unwrap_or_default(), &status_parameters);
            headers.push((entry.key.clone(), value.eval(&crate::jinja::Scope::new())?.to_text()));
        }
        let codes = |codes: &[i64]| codes.iter().filter_map(|code| u16::try_from(*code).ok()).collect::<Vec<_>>();
        let path = |texts: &[Text]| texts.iter().map(|text| text.text.clone()).collect();
        let mut quotas = Vec::with_capacity(model.quotas.len());
        for quota in &model.quotas {
            let header = |text: &Option<Text>| text.as_ref().map(|text| text.text.clone());
            quotas.push(TokenQuota {
                name: quota.name.text.clone(),
                remaining_path: path(&quota.remaining_path),
                reset_path: path(&quota.reset_path),
                limit_path: (!quota.limit_path.is_empty()).then(|| path(&quota.limit_path)),
                matchers: quota.matchers.iter().map(|matcher| self.request_matcher(matcher)).collect::<Result<_>>()?,
                remaining_header: header(&quota.remaining_header),
                reset_header: header(&quota.reset_header),
                limit_header: header(&quota.limit_header),
                exhaustion_status_codes: codes(&quota.exhaustion_status_codes),
            });
        }
        let wait = self.duration(Some(&model.max_wait_time), &own)?.and_then(|wait| wait.to_std());
        let settings = RotationSettings {
            tokens,
            quotas,
            status: QuotaStatusSource {
                method: match status.http_method {
                    HttpMethod::Get => Method::GET,
                    HttpMethod::Post => Method::POST,
                },
                url: Url::parse(&url)
                    .map_err(|_| Error::config(format!("`{url}`, where the quotas are asked for, is not a URL")))?,
                headers,
                unavailable_status_codes: codes(&status.unavailable_status_codes),
            },
            auth_method: model.auth_method.text.clone(),
            header: model.header.text.clone(),
            max_wait: wait.unwrap_or(std::time::Duration::from_secs(2 * 3600)),
            budget_reserve_fraction: model.budget_reserve_fraction,
            budget_min_reserve: model.budget_min_reserve as f64,
        };
        RotatingTokens::new(settings, self.client.clone(), &self.redactor)
    }
}
