//! Pages that become smaller, begin anew and are read in halves of windows; lists as one text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [A, B, C])]
struct Tracker {
    /// What to ask for.
    ids: Vec<u64>,
}

#[stream(
    source = Tracker,
    path = "/a",
    query = { ids = joined(config.ids, "|"), kinds = joined(["task", "bug"]) },
    paginator = offset_increment(page_size = 100, page_size_param = "limit"),
    page_size_reduction = divide_by(
        3,
        minimum_page_size = 2,
        max_attempts = 4,
        backoff = "PT2S",
        retries_at_minimum_page_size = 1,
        failure_message = "ask the vendor",
        reset_policy = AfterSuccessfulPage,
    ),
    pagination_reset = reset,
    error_handler = [status(413) => reduce_page_size, status(410) => reset_pagination],
)]
struct A {
    id: u64,
}

#[stream(
    source = Tracker,
    path = "/b",
    paginator = scroll(id_path = "id", path = "/b/next", id_param = "id", delete = true),
    request_window_splitting = halves(min_split_window = "PT1H", failure_message = "ask the vendor"),
    pagination_reset = split_using_cursor(number_of_pages = 50),
    cursor = datetime(at, start = "2024-01-01", step = "P30D", start_param = "from", end_param = "to"),
    error_handler = [status(400) => split_request_window],
)]
struct B {
    at: Timestamp,
}

#[stream(
    source = Tracker,
    path = "/c",
    body = graphql("query Q { c { id } }", operation_name = "Q"),
    paginator = relay("data.c.pageInfo", page_size = 10, backward = false, page_size_variable = "n"),
)]
struct C {
    id: u64,
}

fn main() {}
