//! What to do about answers that are not as hoped, and how long to wait.

use super::custom::Custom;
use super::declare::{choice, component, words};
use super::rule::at_least;
use super::value::{IntOrText, NumberOrText, Text};
use super::variables::{CONFIG, RESPONSE, WAIT};

choice! {
    /// What decides about an answer.
    ErrorHandler {
        DefaultErrorHandler(Box<DefaultErrorHandler>),
        CompositeErrorHandler(CompositeErrorHandler),
        CustomErrorHandler(Custom),
    }
}

choice! {
    /// How long to wait before the next try.
    BackoffStrategy {
        ConstantBackoffStrategy(ConstantBackoffStrategy),
        ExponentialBackoffStrategy(ExponentialBackoffStrategy),
        WaitTimeFromHeader(WaitTimeFromHeader),
        WaitTimeFromResponse(WaitTimeFromResponse),
        WaitUntilTimeFromHeader(WaitUntilTimeFromHeader),
        CustomBackoffStrategy(Custom),
    }
}

words! {
    /// What is done about an answer.
    ResponseAction {
        Success = "SUCCESS",
        Fail = "FAIL",
        Retry = "RETRY",
        Ignore = "IGNORE",
        ResetPagination = "RESET_PAGINATION",
        RateLimited = "RATE_LIMITED",
        RefreshTokenThenRetry = "REFRESH_TOKEN_THEN_RETRY",
        ReducePageSize = "REDUCE_PAGE_SIZE",
        SplitRequestWindow = "SPLIT_REQUEST_WINDOW",
    }
}

words! {
    /// Who can mend a failure.
    FailureType { SystemError = "system_error", ConfigError = "config_error", TransientError = "transient_error", }
}

component! {
    /// Filters, and retries with a wait.
    DefaultErrorHandler {
        /// The waits; the first that knows one counts.
        backoff_strategies: Vec<BackoffStrategy> = Vec::new();
        /// How many times a request is sent again.
        max_retries: IntOrText = IntOrText::Int(5, crate::node::Position::default()), sees(CONFIG);
        /// The filters; the first that matches decides.
        response_filters: Vec<HttpResponseFilter> = Vec::new();
    }
}

component! {
    /// Handlers in turn.
    CompositeErrorHandler {
        /// The handlers.
        error_handlers: Vec<ErrorHandler>;
    }
}

component! {
    /// Decides about some answers.
    HttpResponseFilter {
        /// What is done.
        action: Option<ResponseAction>;
        /// Who can mend it.
        failure_type: Option<FailureType>;
        /// What is said.
        error_message: Option<Text>, sees(RESPONSE);
        /// Text that the answer's error contains.
        error_message_contains: Option<Text>;
        /// Status codes.
        http_codes: Vec<i64> = Vec::new();
        /// A condition on the answer.
        predicate: Option<Text>, sees(RESPONSE);
    }
}

component! {
    /// Always the same wait.
    ConstantBackoffStrategy {
        /// The wait, in seconds.
        backoff_time_in_seconds: NumberOrText, check(at_least::<0>), sees(CONFIG);
        /// The most that chance adds, in seconds.
        jitter_range_in_seconds: Option<f64>, check(at_least::<0>);
    }
}

component! {
    /// Waits that double.
    ExponentialBackoffStrategy {
        /// What the powers of two are multiplied by, in seconds.
        factor: NumberOrText = NumberOrText::Number(5.0, crate::node::Position::default()), sees(CONFIG);
        /// The most that chance adds, in seconds.
        jitter_range_in_seconds: Option<f64>, check(at_least::<0>);
    }
}

component! {
    /// A header has the wait.
    WaitTimeFromHeader {
        /// The header.
        header: Text, sees(CONFIG);
        /// A regular expression that finds the seconds in it.
        regex: Option<Text>;
        /// The longest wait, in seconds; the stream fails rather than wait longer.
        max_waiting_time_in_seconds: Option<NumberOrText>, sees(CONFIG);
    }
}

component! {
    /// The answer has the wait.
    WaitTimeFromResponse {
        /// The wait, in seconds.
        wait_time_in_seconds: Text, sees(WAIT);
        /// The longest wait, in seconds; the stream fails rather than wait longer.
        max_waiting_time_in_seconds: Option<NumberOrText>, sees(CONFIG);
    }
}

component! {
    /// A header has the time of the next try.
    WaitUntilTimeFromHeader {
        /// The header, with seconds since 1970.
        header: Text, sees(CONFIG);
        /// The shortest wait, in seconds.
        min_wait: Option<NumberOrText>, sees(CONFIG);
        /// A regular expression that finds the time in it.
        regex: Option<Text>, sees(CONFIG);
        /// The longest wait, in seconds; the stream fails rather than wait longer.
        max_waiting_time_in_seconds: Option<NumberOrText>, sees(CONFIG);
    }
}
