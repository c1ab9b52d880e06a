//! From page to page.

use super::custom::Custom;
use super::declare::{choice, component, words};
use super::requester::{RequestOption, RequestPath};
use super::rule::at_least;
use super::value::{IntOrText, Text};
use super::variables::{CONFIG, PAGE, PAGE_SIZE};

choice! {
    /// Whether there are pages.
    Paginator {
        DefaultPaginator(Box<DefaultPaginator>),
        NoPagination(NoPagination),
    }
}

choice! {
    /// How the next page is found.
    PaginationStrategy {
        PageIncrement(PageIncrement),
        OffsetIncrement(OffsetIncrement),
        CursorPagination(CursorPagination),
        CustomPaginationStrategy(Custom),
    }
}

choice! {
    /// Where the page token goes.
    PageTokenOption {
        RequestOption(RequestOption),
        RequestPath(RequestPath),
    }
}

words! {
    /// What a reset of the pages does.
    PaginationResetAction { SplitUsingCursor = "SPLIT_USING_CURSOR", Reset = "RESET", }
}

words! {
    /// When a reduced page size is given up.
    ResetPolicy { Never = "NEVER", AfterSuccessfulPage = "AFTER_SUCCESSFUL_PAGE", }
}

component! {
    /// Reads page after page.
    DefaultPaginator {
        /// How the next page is found.
        pagination_strategy: PaginationStrategy;
        /// Where the page size goes.
        page_size_option: Option<RequestOption>;
        /// Where the page token goes.
        page_token_option: Option<PageTokenOption>;
    }
}

component! {
    /// There is one page.
    NoPagination {}
}

component! {
    /// Pages have numbers.
    PageIncrement {
        /// How many records a page has.
        page_size: Option<IntOrText>, sees(CONFIG);
        /// The number of the first page.
        start_from_page: i64 = 0;
        /// Whether the first request has the number.
        inject_on_first_request: bool = false;
    }
}

component! {
    /// Pages begin after so many records.
    OffsetIncrement {
        /// How many records a page has.
        page_size: Option<IntOrText>, sees(PAGE_SIZE);
        /// Whether the first request has the offset.
        inject_on_first_request: bool = false;
    }
}

component! {
    /// Each page tells where the next begins.
    CursorPagination {
        /// The token of the next page.
        cursor_value: Text, sees(PAGE);
        /// How many records a page has.
        page_size: Option<IntOrText>, sees(CONFIG);
        /// Whether this page is the last.
        stop_condition: Option<Text>, sees(PAGE);
    }
}

component! {
    /// Begins with the first page again where an answer says so.
    PaginationReset {
        /// What is done.
        action: PaginationResetAction;
        /// What brings it about besides answers.
        limits: Option<PaginationResetLimits>;
    }
}

component! {
    /// Limits of a walk through pages.
    PaginationResetLimits {
        /// Records, after which it begins anew.
        number_of_records: Option<i64>;
    }
}

component! {
    /// Asks for smaller pages where an answer says so.
    PageSizeReduction {
        /// What the size is divided by.
        reduction_factor: f64 = 2.0;
        /// The smallest size.
        minimum_page_size: i64 = 1, check(at_least::<1>);
        /// How many times it is tried.
        max_attempts: i64 = 5, check(at_least::<1>);
        /// The wait before each, in seconds.
        backoff_seconds: f64 = 0.5, check(at_least::<0>);
        /// How many more times the smallest size is tried.
        retries_at_minimum_page_size: i64 = 0, check(at_least::<0>);
        /// What is said when all failed.
        failure_message: Option<Text>;
        /// When the full size is asked for again.
        reset_policy: ResetPolicy = ResetPolicy::Never;
    }
}

component! {
    /// Asks for shorter windows where an answer says so.
    RequestWindowSplitting {
        /// What is said when all failed.
        failure_message: Option<Text>;
        /// The shortest window, as an ISO 8601 duration.
        min_split_window: Option<Text>;
    }
}
