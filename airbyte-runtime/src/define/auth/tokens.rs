//! `multiple_tokens([config.tokens], …)`: several tokens that take turns, each with quotas of its own.

use std::sync::Arc;

use serde_json::Value;

use super::login::Login;
use super::{AuthContext, AuthDef};
use crate::define::inject::{require_duration, require_header_name};
use crate::define::value::{Map, Value as DefValue};
use crate::error::{Error, Result};
use crate::placeholder::as_text;
use crate::plan::Authenticator;
use crate::plan::auth::quota::{QuotaStatusSource, RotatingTokens, RotationSettings, TokenQuota};
use crate::plan::request_matcher::{RequestMatcher, pattern};
use crate::rules::text::Text;
use crate::time::Duration;

/// The most quotas, and the most matchers of one.
const MOST: usize = 8;

/// Several tokens that share the work: the next one takes over when the quota of one is spent, and the read waits when
/// all are. `multiple_tokens([config.tokens], quota_status = get("/rate_limit"), quotas = [quota("core", …)])`.
///
/// Each entry is a text, of which commas divide the tokens, or a list field.
#[must_use]
pub const fn multiple_tokens(tokens: &'static [&'static str]) -> MultipleTokens {
    MultipleTokens {
        tokens,
        token_delimiter: ",",
        auth_method: "Bearer",
        header: "Authorization",
        quota_status: None,
        unavailable_status_codes: &[],
        quotas: [None; MOST],
        max_wait_time: Duration::from_seconds(2 * 3600),
        budget_reserve_fraction: 0.1,
        budget_min_reserve: 50,
    }
}

/// See [`multiple_tokens`].
#[derive(Clone, Copy, Debug)]
pub struct MultipleTokens {
    tokens: &'static [&'static str],
    token_delimiter: &'static str,
    auth_method: &'static str,
    header: &'static str,
    quota_status: Option<Login>,
    unavailable_status_codes: &'static [u16],
    quotas: [Option<Quota>; MOST],
    max_wait_time: Duration,
    budget_reserve_fraction: f64,
    budget_min_reserve: u32,
}

setters! { MultipleTokens
    /// What divides the tokens in a text, `,` unless it is set.
    token_delimiter: &'static str;
    /// What stands before the token, `Bearer` unless it is set.
    auth_method: &'static str;
    /// The request that says what is left of each quota; it is sent once for each token, and after each wait.
    quota_status: Login => Some;
    /// The statuses of its answer that mean that the API counts nothing.
    unavailable_status_codes: &'static [u16];
    /// How many requests of each quota are left to others, at least; 50 unless it is set.
    budget_min_reserve: u32;
    /// The header that the token goes to, in place of `Authorization`.
    header: &'static str [require_header_name];
}

impl MultipleTokens {
    /// The quotas that the API counts for each token, eight at most; a request counts against the first that matches.
    #[must_use]
    #[track_caller]
    pub const fn quotas<const N: usize>(mut self, quotas: [Quota; N]) -> Self {
        assert!(N <= MOST, "more than 8 quotas\nhelp: name those that the streams use");
        let mut at = 0;
        while at < N {
            self.quotas[at] = Some(quotas[at]);
            at += 1;
        }
        self
    }

    /// The longest wait for a quota, an ISO 8601 duration; `PT2H` unless it is set.
    #[must_use]
    #[track_caller]
    pub const fn max_wait_time(mut self, text: &'static str) -> Self {
        self.max_wait_time = require_duration("max_wait_time", text);
        self
    }

    /// The share of each quota that is left to others, 0.1 unless it is set.
    #[must_use]
    #[track_caller]
    pub const fn budget_reserve_fraction(mut self, share: f64) -> Self {
        assert!(
            share >= 0.0 && share < 1.0,
            "`budget_reserve_fraction` is a share of the quota, from 0 to less than 1\nhelp: write it as in `budget_reserve_fraction = 0.1`"
        );
        self.budget_reserve_fraction = share;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            !self.tokens.is_empty(),
            "`multiple_tokens` has no tokens\nhelp: write `multiple_tokens([config.tokens], …)`"
        );
        assert!(
            self.quota_status.is_some(),
            "`multiple_tokens` does not say where the quotas are asked for\nhelp: add `quota_status = get(\"/rate_limit\")`"
        );
        assert!(
            self.quotas[0].is_some(),
            "`multiple_tokens` has no quotas\nhelp: add `quotas = [quota(\"core\", remaining = \"core.remaining\", reset = \"core.reset\")]`"
        );
        self
    }

    fn tokens(&self, context: &AuthContext<'_>) -> Result<Vec<String>> {
        let mut tokens = Vec::new();
        for template in self.tokens {
            match context.config.json(DefValue::Template(template))? {
                None => {}
                Some(Value::Array(items)) => tokens.extend(items.iter().map(|item| as_text(item).into_owned())),
                Some(value) => {
                    let text = as_text(&value);
                    tokens.extend(text.split(self.token_delimiter).map(|token| token.trim().to_owned()));
                }
            }
        }
        tokens.retain(|token| !token.is_empty());
        Ok(tokens)
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for MultipleTokens {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let Some(status) = self.quota_status else { return Err(Error::system("the tokens have no quota status")) };
        let (method, url, headers) = status.plain(context)?;
        let settings = RotationSettings {
            tokens: self.tokens(context)?,
            quotas: self.quotas.iter().flatten().map(|quota| quota.plan(context)).collect::<Result<_>>()?,
            status: QuotaStatusSource {
                method,
                url,
                headers,
                unavailable_status_codes: self.unavailable_status_codes.to_vec(),
            },
            auth_method: self.auth_method.to_owned(),
            header: self.header.to_owned(),
            max_wait: self.max_wait_time.to_std().unwrap_or(std::time::Duration::MAX),
            budget_reserve_fraction: self.budget_reserve_fraction,
            budget_min_reserve: f64::from(self.budget_min_reserve),
        };
        Ok(Arc::new(RotatingTokens::new(settings, context.client(), &context.redactor())?))
    }
}

/// A quota that the API counts for each token: `quota("core", remaining = "core.remaining", reset = "core.reset")`.
#[must_use]
pub const fn quota(name: &'static str) -> Quota {
    Quota {
        name,
        remaining: None,
        reset: None,
        limit: None,
        remaining_header: None,
        reset_header: None,
        limit_header: None,
        exhaustion_status_codes: &[],
        matchers: [None; MOST],
    }
}

/// See [`quota`].
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    name: &'static str,
    remaining: Option<&'static str>,
    reset: Option<&'static str>,
    limit: Option<&'static str>,
    remaining_header: Option<&'static str>,
    reset_header: Option<&'static str>,
    limit_header: Option<&'static str>,
    exhaustion_status_codes: &'static [u16],
    matchers: [Option<Matcher>; MOST],
}

setters! { Quota
    /// Where the quota status has the requests that are left, a dotted path.
    remaining: &'static str => Some;
    /// Where it has the time at which the quota is full again, a dotted path.
    reset: &'static str => Some;
    /// Where it has the limit; without it, what is left at first is the limit.
    limit: &'static str => Some;
    /// The statuses of an answer that mean that the quota is spent.
    exhaustion_status_codes: &'static [u16];
    /// The header of each answer that has the requests that are left.
    remaining_header: &'static str => Some [require_header_name];
    /// The header of each answer that has the time at which the quota is full again.
    reset_header: &'static str => Some [require_header_name];
    /// The header of each answer that has the limit.
    limit_header: &'static str => Some [require_header_name];
}

impl Quota {
    /// The requests that it counts, eight matchers at most; without any, those that no other quota counts.
    #[must_use]
    #[track_caller]
    pub const fn matchers<const N: usize>(mut self, matchers: [Matcher; N]) -> Self {
        assert!(N <= MOST, "more than 8 matchers\nhelp: one pattern can hold several paths, as in `\"^/(a|b)\"`");
        let mut at = 0;
        while at < N {
            self.matchers[at] = Some(matchers[at]);
            at += 1;
        }
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        if self.remaining.is_none() || self.reset.is_none() {
            let text = Text::new().push("quota `").push(self.name).push(
                "` does not say where its numbers are\nhelp: add `remaining = \"core.remaining\"` and `reset = \"core.reset\"`, paths of the quota status",
            );
            panic!("{}", text.as_str());
        }
        self
    }

    fn plan(&self, context: &AuthContext<'_>) -> Result<TokenQuota> {
        let path = |path: Option<&str>| path.unwrap_or_default().split('.').map(str::to_owned).collect();
        let text = |text: Option<&str>| text.map(str::to_owned);
        Ok(TokenQuota {
            name: self.name.to_owned(),
            remaining_path: path(self.remaining),
            reset_path: path(self.reset),
            limit_path: self.limit.map(|limit| path(Some(limit))),
            matchers: self.matchers.iter().flatten().map(|matcher| matcher.plan(context)).collect::<Result<_>>()?,
            remaining_header: text(self.remaining_header),
            reset_header: text(self.reset_header),
            limit_header: text(self.limit_header),
            exhaustion_status_codes: self.exhaustion_status_codes.to_vec(),
        })
    }
}

/// Requests that a quota counts: `matcher(url_path_pattern = "^/search")`. What is not set matches everything.
#[must_use]
pub const fn matcher() -> Matcher {
    Matcher { method: None, url_base: None, url_path_pattern: None, params: &[], headers: &[] }
}

/// See [`matcher`].
#[derive(Clone, Copy, Debug)]
pub struct Matcher {
    method: Option<&'static str>,
    url_base: Option<&'static str>,
    url_path_pattern: Option<&'static str>,
    params: Map,
    headers: Map,
}

setters! { Matcher
    /// The method, such as `"GET"`.
    method: &'static str => Some;
    /// The origin, such as `"https://api.example.com"`.
    url_base: &'static str => Some;
    /// A regular expression that is found in the path; `{{` stands for a brace.
    url_path_pattern: &'static str => Some;
    /// Query parameters with these values.
    params: Map;
    /// Headers with these values.
    headers: Map;
}

impl Matcher {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }

    fn plan(&self, context: &AuthContext<'_>) -> Result<RequestMatcher> {
        let text = |text: Option<&str>| text.map(|text| context.config.render(text)).transpose();
        let pairs = |map: Map| -> Result<Vec<(String, String)>> {
            let entries = context.config.entries(map)?;
            Ok(entries.into_iter().map(|(name, value)| (name, as_text(&value).into_owned())).collect())
        };
        let pattern = text(self.url_path_pattern)?.map(|text| pattern(&text));
        Ok(RequestMatcher {
            method: self.method.map(RequestMatcher::method).transpose()?,
            url_base: text(self.url_base)?.map(|base| base.trim_end_matches('/').to_owned()),
            url_path_pattern: pattern.transpose()?,
            params: pairs(self.params)?,
            headers: pairs(self.headers)?,
            weight: 1,
        })
    }
}
