//! Reads repositories, issues and comments from GitHub's REST API.

use airbyte_runtime::prelude::*;

/// Repositories of GitHub with their issues, pull requests and comments.
#[source(
    name              = "source-github",
    title             = "GitHub",
    documentation_url = "https://docs.github.com/en/rest",
    base_url          = "https://api.github.com",
    auth              = bearer(config.token),
    headers           = { Accept = "application/vnd.github+json", "X-GitHub-Api-Version" = "2022-11-28" },
    error_handler     = [
        // Both rate limits answer 403 or 429, and only their text tells them from a missing permission.
        message("rate limit") => rate_limited,
        status(404) => config_error("the repository does not exist, or the token cannot see it; check `repositories`"),
        // The issue was deleted, or the repository has no issues.
        status(410) => ignore,
    ],
    backoff           = [
        wait_from_header("Retry-After", max = "PT1H"),
        wait_until_header("X-RateLimit-Reset", max = "PT1H"),
    ],
    streams           = [Repository, Issue, Comment],
    check             = Repository,
)]
struct GitHub {
    /// Personal access token that may read the repositories.
    token: Secret,
    /// Repositories to sync, as `owner/name`.
    #[config(example = "rust-lang/rust")]
    repositories: Vec<String>,
    /// Issues and comments that have not changed since this instant are left out.
    #[config(example = "2024-01-01T00:00:00Z")]
    start_date: Timestamp,
}

/// A repository.
#[stream(
    source      = GitHub,
    name        = "repositories",
    path        = "/repos/{partition.repository}",
    partition   = list(repository = config.repositories),
    primary_key = id,
)]
struct Repository {
    id: u64,
    node_id: String,
    name: String,
    /// The owner and the name, as in `rust-lang/rust`.
    full_name: String,
    owner: User,
    private: bool,
    /// `public`, `private` or `internal`.
    visibility: String,
    html_url: String,
    description: Option<String>,
    homepage: Option<String>,
    fork: bool,
    archived: bool,
    disabled: bool,
    default_branch: String,
    /// The language that most of the code is written in.
    language: Option<String>,
    topics: Vec<String>,
    license: Option<License>,
    /// The size in kilobytes.
    size: u64,
    stargazers_count: u64,
    forks_count: u64,
    /// The number of users who follow the repository.
    subscribers_count: u64,
    /// The number of open issues and pull requests.
    open_issues_count: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
    pushed_at: Option<Timestamp>,
}

/// An issue or a pull request.
// GitHub filters by the start of a range only, so the range is read in one piece, without `step`.
#[stream(
    source      = GitHub,
    name        = "issues",
    path        = "/repos/{partition.repository}/issues",
    partition   = list(repository = config.repositories),
    query       = { state = "all", sort = "updated", direction = "asc" },
    paginator   = link_header(page_size = 100, page_size_param = "per_page"),
    cursor      = datetime(updated_at, start = config.start_date, start_param = "since"),
    primary_key = id,
)]
struct Issue {
    id: u64,
    node_id: String,
    /// The number within the repository.
    number: u64,
    title: String,
    state: IssueState,
    state_reason: Option<StateReason>,
    body: Option<String>,
    /// The author; null once the account is deleted.
    user: Option<User>,
    labels: Vec<Label>,
    assignees: Vec<User>,
    milestone: Option<Milestone>,
    /// Set for pull requests only.
    pull_request: Option<PullRequest>,
    /// The number of comments.
    comments: u64,
    locked: bool,
    active_lock_reason: Option<String>,
    author_association: String,
    repository_url: String,
    html_url: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    closed_at: Option<Timestamp>,
}

/// A comment on an issue or a pull request.
#[stream(
    source      = GitHub,
    name        = "comments",
    path        = "/repos/{parent.repository}/issues/{parent.number}/comments",
    parent      = Issue,
    paginator   = link_header(page_size = 100, page_size_param = "per_page"),
    cursor      = datetime(updated_at, start = config.start_date, start_param = "since"),
    primary_key = id,
)]
struct Comment {
    id: u64,
    node_id: String,
    /// The author; null once the account is deleted.
    user: Option<User>,
    body: Option<String>,
    author_association: String,
    issue_url: String,
    html_url: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// An account: a person, an organization or a bot.
#[record]
struct User {
    id: u64,
    login: String,
    r#type: String,
    site_admin: bool,
    html_url: String,
}

#[record]
#[serde(rename_all = "snake_case")]
enum IssueState {
    Open,
    Closed,
}

#[record]
#[serde(rename_all = "snake_case")]
enum StateReason {
    Completed,
    Duplicate,
    NotPlanned,
    Reopened,
}

#[record]
struct Label {
    id: u64,
    name: String,
    color: String,
    description: Option<String>,
}

#[record]
struct Milestone {
    id: u64,
    number: u64,
    title: String,
    state: IssueState,
    due_on: Option<Timestamp>,
}

#[record]
struct PullRequest {
    url: String,
    html_url: String,
    merged_at: Option<Timestamp>,
}

#[record]
struct License {
    key: String,
    name: String,
    spdx_id: Option<String>,
}

airbyte_runtime::main!(GitHub);

airbyte_runtime::connector_tests!(GitHub, "tests");
