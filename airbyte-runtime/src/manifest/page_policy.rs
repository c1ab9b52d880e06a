//! How the pages of a manifest's stream are asked for otherwise: smaller, in shorter windows, from the first one again.

use airbyte_manifest::model::{
    DatetimeBasedCursor, DefaultPaginator, ErrorHandler, HttpRequester, IncrementalSync, IntOrText,
    PageSizeReduction as ReductionModel, PageTokenOption, PaginationReset as ResetModel, PaginationResetAction,
    PaginationStrategy, Paginator, RequestWindowSplitting as SplittingModel, Requester, ResetPolicy, ResponseAction,
    SimpleRetriever,
};
use airbyte_manifest::{Kind, Node};

use super::lowering::Lowering;
use crate::error::{Error, Result};
use crate::plan::pages::{PagePolicy, PageSizeReduction, PaginationReset, WindowSplitting};
use crate::time::Duration;

/// What decides whether a page, or a window, may be asked for again.
#[derive(Clone, Copy, Default)]
pub(super) struct Surroundings<'m> {
    pub(super) cursor: Option<&'m IncrementalSync>,
    /// Whether files are fetched while a page is read.
    pub(super) has_files: bool,
}

impl Lowering<'_> {
    /// What a retriever does where its pages cannot be read as they are asked for.
    ///
    /// # Errors
    /// Settings that contradict each other, and what cannot be done with this requester, paginator or cursor.
    pub(super) fn page_policy(&self, model: &SimpleRetriever, around: Surroundings<'_>) -> Result<PagePolicy> {
        let requester = match &model.requester {
            Requester::HttpRequester(requester) => Some(&**requester),
            Requester::CustomRequester(_) => None,
        };
        let acts = |action| requester.is_some_and(|requester| uses(requester, action));
        let fetches_more = around.has_files || requester.is_some_and(asks_for_properties);
        let reduction = match (&model.page_size_reduction, acts(ResponseAction::ReducePageSize)) {
            (None, true) => {
                return Err(Error::system(
                    "a response filter has the action REDUCE_PAGE_SIZE, but the retriever has no `page_size_reduction`",
                ));
            }
            (None, false) => None,
            (Some(reduction), acts) => {
                if !acts {
                    tracing::warn!(
                        "`page_size_reduction` has no effect unless a response filter has the action REDUCE_PAGE_SIZE"
                    );
                }
                refuse_more("page_size_reduction", fetches_more)?;
                let lowered = self.page_size_reduction(reduction, model.paginator.as_ref());
                Some(lowered.map_err(|error| self.place(error, reduction.at))?)
            }
        };
        let splitting = match (&model.request_window_splitting, acts(ResponseAction::SplitRequestWindow)) {
            (None, true) => {
                return Err(Error::system(
                    "a response filter has the action SPLIT_REQUEST_WINDOW, but the retriever has no `request_window_splitting`",
                ));
            }
            (None, false) => None,
            (Some(splitting), acts) => {
                if !acts {
                    tracing::warn!(
                        "`request_window_splitting` has no effect unless a response filter has the action SPLIT_REQUEST_WINDOW"
                    );
                }
                refuse_more("request_window_splitting", fetches_more)?;
                let lowered = self.window_splitting(splitting, around.cursor);
                Some(lowered.map_err(|error| self.place(error, splitting.at))?)
            }
        };
        let reset = model.pagination_reset.as_ref().map(reset).unwrap_or_default();
        if reset.after_records.is_some() && model.record_selector.record_filter.is_some() {
            return Err(Error::system(
                "`limits` of a `pagination_reset` count the records that are left after the `record_filter`; remove one of them",
            ));
        }
        Ok(PagePolicy { reduction, splitting, reset })
    }

    fn page_size_reduction(&self, model: &ReductionModel, paginator: Option<&Paginator>) -> Result<PageSizeReduction> {
        let Some(Paginator::DefaultPaginator(paginator)) = paginator else {
            return Err(Error::system(
                "`page_size_reduction` needs a DefaultPaginator, which says how large a page is",
            ));
        };
        self.require_reducible(model, paginator)?;
        if model.reduction_factor <= 1.0 {
            return Err(Error::system(format!(
                "`reduction_factor` is {}; pages become smaller only if it is more than 1",
                model.reduction_factor
            )));
        }
        if model.backoff_seconds < 0.0 {
            return Err(Error::system("`backoff_seconds` is negative, which no wait can be"));
        }
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(PageSizeReduction {
            factor: model.reduction_factor,
            minimum: u64::try_from(model.minimum_page_size).unwrap_or(1).max(1),
            max_attempts: count(model.max_attempts),
            backoff_seconds: model.backoff_seconds,
            retries_at_minimum: count(model.retries_at_minimum_page_size),
            failure_message: model.failure_message.as_ref().map(|text| text.text.clone()),
            restores: model.reset_policy == ResetPolicy::AfterSuccessfulPage,
        })
    }

    /// A page may be asked for in another size only if the request says the size, and if that moves no other page.
    fn require_reducible(&self, model: &ReductionModel, paginator: &DefaultPaginator) -> Result<()> {
        if paginator.page_size_option.is_none() {
            return Err(Error::system(
                "`page_size_reduction` needs the paginator's `page_size_option`, by which the API learns the size",
            ));
        }
        if let Some(PageTokenOption::RequestPath(_)) = paginator.page_token_option {
            return Err(Error::system(
                "`page_size_reduction` does not go with a RequestPath: the addresses that the API gives hold the old size",
            ));
        }
        let size = match &paginator.pagination_strategy {
            PaginationStrategy::PageIncrement(_) => {
                return Err(Error::system(
                    "`page_size_reduction` does not go with PageIncrement: the pages of a smaller size have other numbers; use OffsetIncrement or CursorPagination",
                ));
            }
            PaginationStrategy::CustomPaginationStrategy(_) => return Ok(()),
            PaginationStrategy::OffsetIncrement(strategy) => &strategy.page_size,
            PaginationStrategy::CursorPagination(strategy) => {
                if let Some(stop) = &strategy.stop_condition
                    && self.template(stop, &strategy.parameters()).ends_at_reduced_page(model.minimum_page_size)
                {
                    return Err(Error::system(format!(
                        "the `stop_condition` `{}` ends the pages at a full one of a reduced size; compare `last_page_size` with `page_size`",
                        stop.text
                    )));
                }
                &strategy.page_size
            }
        };
        let size = match size {
            None => return Err(Error::system("`page_size_reduction` needs a `page_size` in the pagination strategy")),
            Some(IntOrText::Int(size, _)) => Some(*size),
            Some(IntOrText::Text(text)) => text.text.trim().parse().ok(),
        };
        match size.filter(|size| *size <= model.minimum_page_size) {
            Some(size) => Err(Error::system(format!(
                "a `page_size` of {size} can never become smaller, because `minimum_page_size` is {}",
                model.minimum_page_size
            ))),
            None => Ok(()),
        }
    }

    fn window_splitting(&self, model: &SplittingModel, cursor: Option<&IncrementalSync>) -> Result<WindowSplitting> {
        let Some(IncrementalSync::DatetimeBasedCursor(cursor)) = cursor else {
            return Err(Error::system(
                "`request_window_splitting` needs a DatetimeBasedCursor, whose windows it splits",
            ));
        };
        self.require_divisible(cursor)?;
        let min_window = match model.min_split_window.as_ref().filter(|text| !text.text.is_empty()) {
            None => None,
            Some(text) => {
                let fixed = Duration::parse(&text.text).ok().filter(|min| !min.is_zero() && min.to_std().is_some());
                Some(fixed.ok_or_else(|| {
                    Error::system(format!(
                        "`min_split_window` is `{}`; write days, hours, minutes or seconds, as in `PT1H`",
                        text.text
                    ))
                })?)
            }
        };
        Ok(WindowSplitting {
            min_window,
            failure_message: model.failure_message.as_ref().map(|text| text.text.clone()),
        })
    }

    /// Halves have to be different requests, and must not overlap.
    fn require_divisible(&self, cursor: &DatetimeBasedCursor) -> Result<()> {
        if cursor.cursor_granularity.is_none() {
            return Err(Error::system(
                "`request_window_splitting` needs the cursor's `cursor_granularity`, the length of the shortest window",
            ));
        }
        if cursor.is_client_side_incremental == Some(true) {
            return Err(Error::system(
                "`request_window_splitting` does not go with `is_client_side_incremental`: the API is not told of the window, so a shorter one changes nothing",
            ));
        }
        let granularity = self.duration(cursor.cursor_granularity.as_ref(), &cursor.parameters())?;
        let Some(granularity) = granularity.filter(|granularity| !granularity.is_zero()) else {
            return Err(Error::system("`request_window_splitting` needs a `cursor_granularity` of more than nothing"));
        };
        let format = &cursor.datetime_format.text;
        match smallest_unit(format)
            .filter(|unit| granularity.to_std().is_some() && granularity.approximate_nanos() < *unit)
        {
            Some(_) => Err(Error::system(format!(
                "the `cursor_granularity` {granularity} is finer than the `datetime_format` `{format}` can say, so the halves of a window would be the same"
            ))),
            None => Ok(()),
        }
    }
}

/// Refuses the actions that change pages and windows where there are none.
///
/// # Errors
/// A response filter with one of them.
pub(super) fn refuse_page_actions(requester: &HttpRequester, what: &str) -> Result<()> {
    let actions = [
        ("REDUCE_PAGE_SIZE", ResponseAction::ReducePageSize),
        ("SPLIT_REQUEST_WINDOW", ResponseAction::SplitRequestWindow),
    ];
    match actions.into_iter().find(|(_, action)| uses(requester, *action)) {
        Some((name, _)) => Err(Error::system(format!(
            "the action {name} has no meaning for {what}, which has no pages; use another one"
        ))),
        None => Ok(()),
    }
}

fn uses(requester: &HttpRequester, action: ResponseAction) -> bool {
    fn in_handler(handler: &ErrorHandler, action: ResponseAction) -> bool {
        match handler {
            ErrorHandler::DefaultErrorHandler(model) => {
                model.response_filters.iter().any(|filter| filter.action == Some(action))
            }
            ErrorHandler::CompositeErrorHandler(model) => {
                model.error_handlers.iter().any(|handler| in_handler(handler, action))
            }
            ErrorHandler::CustomErrorHandler(_) => false,
        }
    }
    requester.error_handler.as_ref().is_some_and(|handler| in_handler(handler, action))
}

/// Records of the first requests of a page would come twice.
fn refuse_more(what: &str, fetches_more: bool) -> Result<()> {
    match fetches_more {
        true => Err(Error::system(format!(
            "`{what}` does not go with query properties or a file uploader: a page that takes several requests cannot be asked for again"
        ))),
        false => Ok(()),
    }
}

fn asks_for_properties(requester: &HttpRequester) -> bool {
    let parameters = requester.request_parameters.as_ref().and_then(Node::as_map).into_iter().flatten();
    let is_properties = |value: &Node| match &value.kind {
        Kind::Map(map) => map.get("type").and_then(Node::as_str) == Some("QueryProperties"),
        _ => false,
    };
    requester.query_properties.is_some()
        || requester.fetch_properties_from_endpoint.is_some()
        || parameters.into_iter().any(|entry| is_properties(&entry.value))
}

fn reset(model: &ResetModel) -> PaginationReset {
    let limit = model.limits.as_ref().and_then(|limits| limits.number_of_records);
    PaginationReset {
        by_cursor: model.action == PaginationResetAction::SplitUsingCursor,
        after_records: limit.map(|limit| u64::try_from(limit).unwrap_or(0)),
        after_pages: None,
    }
}

/// The shortest time that a format can tell apart, in nanoseconds.
fn smallest_unit(format: &str) -> Option<i128> {
    const SECOND: i128 = 1_000_000_000;
    const UNITS: [(&str, i128); 11] = [
        ("%epoch_microseconds", 1_000),
        ("%s_as_float", 1_000),
        ("%f", 1_000),
        ("%_ms", 1_000_000),
        ("%ms", 1_000_000),
        ("%S", SECOND),
        ("%s", SECOND),
        ("%M", 60 * SECOND),
        ("%H", 3_600 * SECOND),
        ("%I", 3_600 * SECOND),
        ("%d", 86_400 * SECOND),
    ];
    UNITS.iter().filter(|(directive, _)| format.contains(directive)).map(|(_, unit)| *unit).min()
}
