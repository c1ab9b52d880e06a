//! The budget of calls that the streams of a manifest share, and which requests it counts.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use airbyte_manifest::Node;
use airbyte_manifest::model::{ApiBudgetPolicy, HTTPAPIBudget, HttpRequestRegexMatcher, Text};

use super::lowering::Lowering;
use crate::error::{Error, Result};
use crate::jinja::Parameters;
use crate::plan::budget::{Budget, Limit, PolicyPlan, Rate, Signals};
use crate::plan::request_matcher::{RequestMatcher, pattern};
use crate::python::PyValue;

impl Lowering<'_> {
    /// A budget.
    ///
    /// # Errors
    /// Limits that are no numbers, periods that are no durations, patterns that are no regular expressions.
    pub(super) fn api_budget(&self, model: &HTTPAPIBudget) -> Result<Arc<Budget>> {
        let codes: Vec<u16> =
            model.status_codes_for_ratelimit_hit.iter().filter_map(|code| u16::try_from(*code).ok()).collect();
        let defaults = Signals::default();
        let named = |text: &Text, default: String| if text.text.is_empty() { default } else { text.text.clone() };
        let signals = Signals {
            remaining_header: named(&model.ratelimit_remaining_header, defaults.remaining_header),
            reset_header: named(&model.ratelimit_reset_header, defaults.reset_header),
            hit_statuses: if codes.is_empty() { defaults.hit_statuses } else { codes },
        };
        let mut policies = Vec::with_capacity(model.policies.len());
        for policy in &model.policies {
            let (limit, matchers) = match policy {
                ApiBudgetPolicy::FixedWindowCallRatePolicy(policy) => {
                    let rate = self.rate(policy.call_limit, &policy.period, &policy.parameters())?;
                    (Limit::Fixed(rate), &policy.matchers)
                }
                ApiBudgetPolicy::MovingWindowCallRatePolicy(policy) => {
                    if policy.rates.is_empty() {
                        return Err(Error::system("a MovingWindowCallRatePolicy has no `rates`; write at least one"));
                    }
                    let rates = policy.rates.iter().map(|rate| {
                        let own = rate.parameters();
                        self.rate(self.int(&rate.limit, &own, "`limit`")?, &rate.interval, &own)
                    });
                    (Limit::Moving(rates.collect::<Result<_>>()?), &policy.matchers)
                }
                ApiBudgetPolicy::UnlimitedCallRatePolicy(policy) => (Limit::Unlimited, &policy.matchers),
            };
            let matchers = matchers.iter().map(|matcher| self.request_matcher(matcher)).collect::<Result<_>>()?;
            policies.push(PolicyPlan { matchers, limit, signals: signals.clone() });
        }
        Ok(Arc::new(Budget::new(policies)))
    }

    fn rate(&self, limit: i64, period: &Text, parameters: &Parameters) -> Result<Rate> {
        let limit = u32::try_from(limit).ok().filter(|limit| *limit > 0).ok_or_else(|| {
            Error::system(format!("a rate of {limit} calls allows none; a limit is a whole number of at least 1"))
        })?;
        let period = self.duration(Some(period), parameters)?.map(|period| period.approximate_nanos());
        let period = period.and_then(|nanos| u64::try_from(nanos).ok()).filter(|nanos| *nanos > 0);
        let period = period
            .ok_or_else(|| Error::system("a rate has no time; write an ISO 8601 duration such as `PT1M` for it"))?;
        Ok(Rate { limit, period: StdDuration::from_nanos(period) })
    }

    /// Which requests a limit or a quota counts, and how much each.
    ///
    /// # Errors
    /// A method that is none, a pattern that is no regular expression, and a weight below 1.
    pub(super) fn request_matcher(&self, model: &HttpRequestRegexMatcher) -> Result<RequestMatcher> {
        let pattern = model.url_path_pattern.as_ref().map(|text| pattern(&text.text));
        let weight = match &model.weight {
            Some(weight) => self.int(weight, &model.parameters(), "`weight`")?,
            None => 1,
        };
        let pairs = |node: &Option<Node>| -> Vec<(String, String)> {
            let entries = node.as_ref().and_then(Node::as_map).into_iter().flatten();
            entries.map(|entry| (entry.key.clone(), PyValue::from_json(&entry.value.to_json()).to_text())).collect()
        };
        let method = model.method.as_ref().filter(|method| !method.text.is_empty());
        Ok(RequestMatcher {
            method: method.map(|method| RequestMatcher::method(&method.text)).transpose()?,
            url_base: model
                .url_base
                .as_ref()
                .map(|base| base.text.trim_end_matches('/').to_owned())
                .filter(|base| !base.is_empty()),
            url_path_pattern: pattern.transpose()?,
            params: pairs(&model.params),
            headers: pairs(&model.headers),
            weight: u32::try_from(weight)
                .ok()
                .filter(|weight| *weight > 0)
                .ok_or_else(|| Error::system(format!("a `weight` is at least 1, not {weight}")))?,
        })
    }
}
