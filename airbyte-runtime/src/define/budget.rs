//! `budget = [requests => limit, …]`: how often the API may be asked, by all streams of a source together.
//!
//! | requests | which are counted |
//! |---|---|
//! | [`requests`] | all |
//! | [`requests(url_path_pattern = "^/search", weight = 5)`](Requests) | those of which all of this holds |
//!
//! | limit | allows |
//! |---|---|
//! | [`fixed_window(call_limit = 100, period = "PT1M")`](fixed_window) | so many calls in each period |
//! | [`moving_window(rates = [rate(10, "PT1S"), rate(1000, "PT1H")])`](moving_window) | so many calls in any period of this length, for each of the rates |
//! | [`unlimited`] | any number |
//!
//! A request counts against the first limit whose requests it is one of, and waits until there is room for it; one that
//! is among no requests is not limited. Where several requests stand before one limit, the first that it is one of says
//! for how many calls it counts. Answers that say what is left are believed if it is less than was counted.

use http::Method as HttpMethod;
use regex_lite::Regex;

use super::inject::{length, require_duration, require_header_name, require_header_names, whole};
use super::stream::Method;
use super::value::{Map, Value};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::placeholder::as_text;
use crate::plan::budget::{Budget, Limit, PolicyPlan, Rate as PlanRate, Signals};
use crate::plan::request_matcher::RequestMatcher;
use crate::rules::pattern::require_pattern;
use crate::time::Duration;

/// What stands before `=>` in a budget; implemented by [`requests`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which requests are counted",
    label = "not requests",
    note = "a budget is `requests => limit`, as in `budget = [requests => fixed_window(call_limit = 100, period = \"PT1M\")]`"
)]
pub trait RequestsDef: Sync {
    #[doc(hidden)]
    fn plan(&'static self, config: &Config) -> Result<RequestMatcherPlan>;
}

/// What stands behind `=>` in a budget; implemented by [`fixed_window`], [`moving_window`] and [`unlimited`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a limit",
    label = "not a limit",
    note = "built-in: `fixed_window`, `moving_window`, `unlimited`"
)]
pub trait LimitDef: Sync {
    #[doc(hidden)]
    fn plan(&'static self, config: &Config) -> Result<LimitPlan>;
}

/// See [`RequestsDef`]; what the engine runs, which only this crate can make.
pub struct RequestMatcherPlan(RequestMatcher);

/// See [`LimitDef`]; what the engine runs, which only this crate can make.
pub struct LimitPlan(Limit, Signals);

impl std::fmt::Debug for RequestMatcherPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for LimitPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[diagnostic::do_not_recommend]
impl RequestsDef for super::Component<dyn RequestsDef> {
    fn plan(&'static self, config: &Config) -> Result<RequestMatcherPlan> {
        self.0.plan(config)
    }
}

#[diagnostic::do_not_recommend]
impl LimitDef for super::Component<dyn LimitDef> {
    fn plan(&'static self, config: &Config) -> Result<LimitPlan> {
        self.0.plan(config)
    }
}

/// `requests => limit`, or `[requests, requests] => limit`.
#[derive(Clone, Copy)]
pub struct Policy {
    /// What is counted.
    pub requests: &'static [&'static dyn RequestsDef],
    /// How many there may be.
    pub limit: &'static dyn LimitDef,
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy").field("requests", &self.requests.len()).finish_non_exhaustive()
    }
}

/// The budget of a source; `None` if it has none.
pub(crate) fn plan(policies: &'static [Policy], config: &Config) -> Result<Option<std::sync::Arc<Budget>>> {
    let policies = policies.iter().map(|policy| {
        let matchers = policy.requests.iter().map(|requests| Ok(requests.plan(config)?.0)).collect::<Result<_>>()?;
        let LimitPlan(limit, signals) = policy.limit.plan(config)?;
        Ok(PolicyPlan { matchers, limit, signals })
    });
    let policies: Vec<_> = policies.collect::<Result<_>>()?;
    Ok((!policies.is_empty()).then(|| std::sync::Arc::new(Budget::new(policies))))
}

/// All requests, or those of which everything that is said holds: `requests(url_path_pattern = "^/search")`.
#[must_use]
pub const fn requests() -> Requests {
    Requests {
        method: None,
        url_base: None,
        url_path_pattern: None,
        params: &[],
        headers: &[],
        weight: Weight::Default,
    }
}

/// See [`requests`].
#[derive(Clone, Copy, Debug)]
pub struct Requests {
    method: Option<Method>,
    url_base: Option<&'static str>,
    url_path_pattern: Option<&'static str>,
    params: Map,
    headers: Map,
    weight: Weight,
}

#[derive(Clone, Copy, Debug)]
enum Weight {
    Default,
    Fixed(u32),
    Config(&'static str),
}

setters! { Requests
    /// Headers that the request has: `headers = { "X-Plan" = "free" }`.
    headers: Map [require_header_names];
}

impl Requests {
    /// The method: `"GET"`, `"POST"`, `"PUT"` or `"PATCH"`.
    #[must_use]
    #[track_caller]
    pub const fn method(mut self, method: &'static str) -> Self {
        self.method = Some(match method.as_bytes() {
            b"GET" => Method::Get,
            b"POST" => Method::Post,
            b"PUT" => Method::Put,
            b"PATCH" => Method::Patch,
            _ => panic!(
                "this is not a method for reading\nhelp: the methods are `\"GET\"`, `\"POST\"`, `\"PUT\"`, `\"PATCH\"`"
            ),
        });
        self
    }

    /// The scheme and the host, a template: `"https://search.example.com"`.
    #[must_use]
    pub const fn url_base(mut self, url: &'static str) -> Self {
        self.url_base = Some(url);
        self
    }

    /// A regular expression that is found in the path, such as `"^/search"`. The path has no slash at its end.
    #[must_use]
    #[track_caller]
    pub const fn url_path_pattern(mut self, pattern: &'static str) -> Self {
        require_pattern(pattern);
        self.url_path_pattern = Some(pattern);
        self
    }

    /// Query parameters that the request has: `params = { kind = "full" }`.
    #[must_use]
    pub const fn params(mut self, params: Map) -> Self {
        self.params = params;
        self
    }

    /// How many calls such a request counts for; 1 if it is not set.
    #[must_use]
    #[track_caller]
    pub const fn weight(mut self, calls: u32) -> Self {
        assert!(
            calls > 0,
            "a request counts for at least one call\nhelp: write `unlimited` for requests that cost nothing"
        );
        self.weight = Weight::Fixed(calls);
        self
    }

    /// The same from the configuration: `weight_from = config.search_cost`.
    #[must_use]
    pub const fn weight_from(mut self, template: &'static str) -> Self {
        self.weight = Weight::Config(template);
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl RequestsDef for Requests {
    fn plan(&'static self, config: &Config) -> Result<RequestMatcherPlan> {
        let weight = match self.weight {
            Weight::Default => 1,
            Weight::Fixed(calls) => calls,
            Weight::Config(template) => whole(template, config)?.unwrap_or(1),
        };
        let pattern = self.url_path_pattern.map(|pattern| {
            Regex::new(pattern)
                .map_err(|error| Error::system(format!("`url_path_pattern = \"{pattern}\"` of the budget: {error}")))
        });
        let url_base = self.url_base.map(|url| config.render(url)).transpose()?;
        Ok(RequestMatcherPlan(RequestMatcher {
            method: self.method.map(HttpMethod::from),
            url_base: url_base.map(|url| url.trim_end_matches('/').to_owned()),
            url_path_pattern: pattern.transpose()?,
            params: pairs(self.params, config)?,
            headers: pairs(self.headers, config)?,
            weight,
        }))
    }
}

fn pairs(map: Map, config: &Config) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::with_capacity(map.len());
    for (name, value) in map {
        let value = match value {
            Value::Template(template) => config.render(template)?,
            other => {
                let value = config.json(*other)?;
                let value = value.ok_or_else(|| Error::config(format!("`{name}` of a budget has no value")))?;
                as_text(&value).into_owned()
            }
        };
        pairs.push(((*name).to_owned(), value));
    }
    Ok(pairs)
}

/// So many calls in each period: `fixed_window(call_limit = 100, period = "PT1M")`.
///
/// The first period begins with the first call, or when the API says so.
#[must_use]
pub const fn fixed_window() -> FixedWindow {
    FixedWindow { limit: None, limit_from: None, period: None, signals: SIGNALS }
}

/// See [`fixed_window`].
#[derive(Clone, Copy, Debug)]
pub struct FixedWindow {
    limit: Option<u32>,
    limit_from: Option<&'static str>,
    period: Option<Duration>,
    signals: SignalsDef,
}

/// So many calls in any period of a length, for each of the rates: `moving_window(rates = [rate(10, "PT1S")])`.
#[must_use]
pub const fn moving_window() -> MovingWindow {
    MovingWindow { rates: &[], signals: SIGNALS }
}

/// See [`moving_window`].
#[derive(Clone, Copy, Debug)]
pub struct MovingWindow {
    rates: &'static [Rate],
    signals: SignalsDef,
}

/// No limit: `requests(url_path_pattern = "^/status$") => unlimited`.
#[must_use]
pub const fn unlimited() -> Unlimited {
    Unlimited
}

/// See [`unlimited`].
#[derive(Clone, Copy, Debug)]
pub struct Unlimited;

/// So many calls in a time: `rate(10, "PT1S")`.
#[must_use]
#[track_caller]
pub const fn rate(limit: u32, interval: &'static str) -> Rate {
    require_calls(limit);
    Rate { limit, period: require_length("the interval of a rate", interval) }
}

/// See [`rate`].
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    limit: u32,
    period: Duration,
}

#[derive(Clone, Copy, Debug)]
struct SignalsDef {
    remaining_header: &'static str,
    reset_header: &'static str,
    hit_statuses: &'static [u16],
}

const SIGNALS: SignalsDef =
    SignalsDef { remaining_header: "ratelimit-remaining", reset_header: "ratelimit-reset", hit_statuses: &[429] };

impl SignalsDef {
    fn plan(self) -> Signals {
        Signals {
            remaining_header: self.remaining_header.to_owned(),
            reset_header: self.reset_header.to_owned(),
            hit_statuses: self.hit_statuses.to_vec(),
        }
    }
}

/// Writes the builder methods that say how an API tells what is left.
macro_rules! signals {
    ($owner:ident) => {
        impl $owner {
            /// The header with the calls that are left; `ratelimit-remaining` if it is not set.
            #[must_use]
            #[track_caller]
            pub const fn ratelimit_remaining_header(mut self, name: &'static str) -> Self {
                require_header_name(name);
                self.signals.remaining_header = name;
                self
            }

            /// The header with the end of the period: seconds from now, seconds or milliseconds since 1970, or a date;
            /// `ratelimit-reset` if it is not set.
            #[must_use]
            #[track_caller]
            pub const fn ratelimit_reset_header(mut self, name: &'static str) -> Self {
                require_header_name(name);
                self.signals.reset_header = name;
                self
            }

            /// The statuses that mean that no calls are left; `[429]` if it is not set.
            #[must_use]
            #[track_caller]
            pub const fn status_codes_for_ratelimit_hit(mut self, codes: &'static [u16]) -> Self {
                super::error_handler::require_statuses(codes);
                self.signals.hit_statuses = codes;
                self
            }
        }
    };
}

signals!(FixedWindow);
signals!(MovingWindow);

impl FixedWindow {
    /// The calls.
    #[must_use]
    #[track_caller]
    pub const fn call_limit(mut self, calls: u32) -> Self {
        require_calls(calls);
        self.limit = Some(calls);
        self
    }

    /// The same from the configuration: `call_limit_from = config.calls_per_minute`. With `call_limit` beside it, that
    /// counts where the field is not set.
    #[must_use]
    pub const fn call_limit_from(mut self, template: &'static str) -> Self {
        self.limit_from = Some(template);
        self
    }

    /// The period, an ISO 8601 duration.
    #[must_use]
    #[track_caller]
    pub const fn period(mut self, duration: &'static str) -> Self {
        self.period = Some(require_length("`period`", duration));
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.limit.is_some() || self.limit_from.is_some(),
            "`fixed_window` does not say how many calls there may be\nhelp: write `fixed_window(call_limit = 100, period = \"PT1M\")`"
        );
        assert!(
            self.period.is_some(),
            "`fixed_window` does not say in what time\nhelp: write `fixed_window(call_limit = 100, period = \"PT1M\")`"
        );
        self
    }
}

impl MovingWindow {
    /// The rates, all of which hold.
    #[must_use]
    pub const fn rates(mut self, rates: &'static [Rate]) -> Self {
        self.rates = rates;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            !self.rates.is_empty(),
            "`moving_window` has no rates\nhelp: write `moving_window(rates = [rate(10, \"PT1S\")])`"
        );
        self
    }
}

impl Unlimited {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl LimitDef for FixedWindow {
    fn plan(&'static self, config: &Config) -> Result<LimitPlan> {
        let configured = self.limit_from.map(|template| whole(template, config)).transpose()?.flatten();
        let limit = configured.or(self.limit).ok_or_else(|| {
            let field = self.limit_from.unwrap_or_default().trim_matches(['{', '}']);
            Error::config(format!("`{field}` is not set, and the budget of calls depends on it"))
        })?;
        let period = self.period.ok_or_else(|| Error::system("a budget without a period"))?;
        Ok(LimitPlan(Limit::Fixed(plan_rate(limit, period)), self.signals.plan()))
    }
}

#[diagnostic::do_not_recommend]
impl LimitDef for MovingWindow {
    fn plan(&'static self, _config: &Config) -> Result<LimitPlan> {
        let rates = self.rates.iter().map(|rate| plan_rate(rate.limit, rate.period)).collect();
        Ok(LimitPlan(Limit::Moving(rates), self.signals.plan()))
    }
}

#[diagnostic::do_not_recommend]
impl LimitDef for Unlimited {
    fn plan(&'static self, _config: &Config) -> Result<LimitPlan> {
        Ok(LimitPlan(Limit::Unlimited, Signals::default()))
    }
}

fn plan_rate(limit: u32, period: Duration) -> PlanRate {
    PlanRate { limit, period: length(period) }
}

#[track_caller]
const fn require_calls(calls: u32) {
    assert!(calls > 0, "a limit of 0 calls would read nothing\nhelp: write at least 1");
}

#[track_caller]
const fn require_length(key: &str, text: &str) -> Duration {
    let duration = require_duration(key, text);
    assert!(duration.approximate_nanos() > 0, "this duration is zero\nhelp: write how long it is, e.g. \"PT1M\"");
    duration
}
