//! How often may be asked.

use crate::node::Node;

use super::declare::{choice, component};
use super::rule::mapping;
use super::value::{IntOrText, Text};
use super::variables::CONFIG;

choice! {
    /// One limit.
    ApiBudgetPolicy {
        FixedWindowCallRatePolicy(FixedWindowCallRatePolicy),
        MovingWindowCallRatePolicy(MovingWindowCallRatePolicy),
        UnlimitedCallRatePolicy(UnlimitedCallRatePolicy),
    }
}

component! {
    /// The limits of an API.
    HTTPAPIBudget {
        /// The limits; the first that matches a request counts it.
        policies: Vec<ApiBudgetPolicy>;
        /// The header with the time at which a limit is renewed.
        ratelimit_reset_header: Text = Text::of("ratelimit-reset");
        /// The header with the calls that are left.
        ratelimit_remaining_header: Text = Text::of("ratelimit-remaining");
        /// Status codes that mean that a limit is reached.
        status_codes_for_ratelimit_hit: Vec<i64> = vec![429];
    }
}

component! {
    /// So many calls in each period.
    FixedWindowCallRatePolicy {
        /// The period, as an ISO 8601 duration.
        period: Text;
        /// The calls.
        call_limit: i64;
        /// The requests that it counts; all where empty.
        matchers: Vec<HttpRequestRegexMatcher>;
    }
}

component! {
    /// So many calls in any period of a length.
    MovingWindowCallRatePolicy {
        /// The rates, all of which hold.
        rates: Vec<Rate>;
        /// The requests that it counts; all where empty.
        matchers: Vec<HttpRequestRegexMatcher>;
    }
}

component! {
    /// No limit for some requests.
    UnlimitedCallRatePolicy {
        /// The requests.
        matchers: Vec<HttpRequestRegexMatcher>;
    }
}

component! {
    /// Calls in a time.
    Rate[.untagged()] {
        /// The calls.
        limit: IntOrText, sees(CONFIG);
        /// The time, as an ISO 8601 duration.
        interval: Text;
    }
}

component! {
    /// Which requests a limit counts.
    HttpRequestRegexMatcher[.untagged()] {
        /// The method.
        method: Option<Text>;
        /// The scheme and host.
        url_base: Option<Text>;
        /// A regular expression for the path.
        url_path_pattern: Option<Text>;
        /// Parameters that must be there.
        params: Option<Node>, holds(mapping);
        /// Headers that must be there.
        headers: Option<Node>, holds(mapping);
        /// How many calls a request counts for.
        weight: Option<IntOrText>, sees(CONFIG);
    }
}
