//! The connector that the benchmarks drive: pages of issues, partitions of repositories, and windows of time.

use airbyte_runtime::prelude::*;

/// A tracker that answers as fast as it can.
#[source(
    name        = "source-bench",
    base_url    = "{config.base_url}",
    streams     = [Issue, Repo, RepoIssue, Window, Account, Entry],
    concurrency = config.concurrency,
)]
pub struct Bench {
    /// Where the API is.
    base_url: String,
    /// How many issues it has.
    #[config(default = 100_000)]
    total: u64,
    /// Issues before this instant are not read in windows.
    #[config(default = "2020-01-01T00:00:00Z")]
    start_date: Timestamp,
    /// Nor are those after this one.
    end_date: Option<Timestamp>,
    /// The most requests in flight at one time.
    concurrency: Option<u32>,
}

/// An issue on one long list.
#[stream(
    source      = Bench,
    name        = "issues",
    path        = "/issues",
    query       = { total = config.total },
    paginator   = page_increment(page_size = 100, page_size_param = "per_page"),
    primary_key = id,
)]
pub struct Issue {
    id: i64,
    number: Option<i64>,
    title: Option<String>,
    state: Option<String>,
    locked: Option<bool>,
    comments: Option<i64>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    user: Option<User>,
    labels: Option<Vec<Label>>,
    score: Option<f64>,
    body: Option<String>,
}

/// Who wrote an issue.
#[record]
pub struct User {
    login: Option<String>,
    id: Option<i64>,
    r#type: Option<String>,
    site_admin: Option<bool>,
}

/// What an issue is about.
#[record]
pub struct Label {
    id: Option<i64>,
    name: Option<String>,
    color: Option<String>,
}

/// A repository.
#[stream(
    source      = Bench,
    name        = "repos",
    path        = "/repos",
    paginator   = page_increment(page_size = 100, page_size_param = "per_page"),
    primary_key = id,
)]
pub struct Repo {
    id: i64,
    name: Option<String>,
}

/// An issue of a repository.
#[stream(
    source      = Bench,
    name        = "repo_issues",
    path        = "/repos/{parent.id}/issues",
    parent      = Repo,
    paginator   = page_increment(page_size = 100, page_size_param = "per_page"),
    primary_key = id,
)]
pub struct RepoIssue {
    id: i64,
    number: Option<i64>,
    title: Option<String>,
    state: Option<String>,
    locked: Option<bool>,
    comments: Option<i64>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    user: Option<User>,
    labels: Option<Vec<Label>>,
    score: Option<f64>,
    body: Option<String>,
}

/// An issue, asked for a month at a time.
#[stream(
    source      = Bench,
    name        = "window",
    path        = "/window",
    paginator   = page_increment(page_size = 100, page_size_param = "per_page"),
    cursor      = datetime(
        updated_at,
        start       = config.start_date,
        end         = config.end_date,
        step        = "P1M",
        format      = "%Y-%m-%dT%H:%M:%SZ",
        start_param = "since",
        end_param   = "until",
    ),
    primary_key = id,
)]
pub struct Window {
    id: i64,
    number: Option<i64>,
    title: Option<String>,
    state: Option<String>,
    locked: Option<bool>,
    comments: Option<i64>,
    created_at: Option<Timestamp>,
    updated_at: Timestamp,
    closed_at: Option<Timestamp>,
    user: Option<User>,
    labels: Option<Vec<Label>>,
    score: Option<f64>,
    body: Option<String>,
}

/// Somebody with entries; there are as many as configured.
#[stream(
    source      = Bench,
    name        = "accounts",
    path        = "/accounts",
    query       = { total = config.total },
    paginator   = page_increment(page_size = 1000, page_size_param = "per_page"),
    primary_key = id,
)]
pub struct Account {
    id: i64,
    name: String,
}

/// What belongs to an account.
#[stream(
    source      = Bench,
    name        = "entries",
    path        = "/accounts/{parent.id}/entries",
    parent      = Account,
    cursor      = datetime(
        updated_at,
        start       = config.start_date,
        end         = config.end_date,
        format      = "%Y-%m-%dT%H:%M:%SZ",
        start_param = "since",
    ),
    primary_key = id,
)]
pub struct Entry {
    id: i64,
    account_id: i64,
    updated_at: Timestamp,
}

airbyte_runtime::main!(Bench);
