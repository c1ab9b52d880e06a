//! Teams and issues of a Linear workspace: a GraphQL API with Relay's pages, where issues are read incrementally.

use airbyte_runtime::prelude::*;

/// A Linear workspace.
#[source(
    documentation_url = "https://linear.app/developers/graphql",
    base_url          = "https://api.linear.app",
    auth              = api_key(header = "Authorization", value = config.api_key),
    // Linear answers 400 where other APIs answer 429.
    error_handler     = [message("RATELIMITED") => rate_limited],
    streams           = [Team, Issue],
    check             = Team,
)]
struct Linear {
    /// Personal API key, made in Linear under Settings, Security & access.
    api_key: Secret,
    /// Only issues updated on or after this instant are synced.
    #[config(example = "2024-01-01T00:00:00Z")]
    start_date: Timestamp,
}

const TEAMS: &str = "query Teams($first: Int!, $after: String) {
  teams(first: $first, after: $after) {
    nodes { id key name createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}";

/// A team.
#[stream(
    source      = Linear,
    path        = "/graphql",
    body        = graphql(TEAMS),
    records     = "data.teams.nodes",
    paginator   = cursor_token(
        from_body = "data.teams.pageInfo.endCursor",
        has_more = "data.teams.pageInfo.hasNextPage",
        token_body = "variables.after",
        page_size = 50,
        page_size_body = "variables.first",
    ),
    primary_key = id,
)]
#[serde(rename_all = "camelCase")]
struct Team {
    id: String,
    /// What the team's issues begin with: the `ENG` of `ENG-7`.
    key: String,
    name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

// In the order of the updates, so that an issue that changes during the sync is not skipped for good:
// it gets a newer `updatedAt`, and the next sync asks for it.
const ISSUES: &str = "query Issues($first: Int!, $after: String, $since: DateTimeOrDuration!) {
  issues(first: $first, after: $after, orderBy: updatedAt, filter: { updatedAt: { gte: $since } }) {
    nodes {
      id identifier title priority estimate url createdAt updatedAt completedAt
      team { id key }
      state { name type }
      assignee { id name email }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

/// An issue.
#[stream(
    source      = Linear,
    path        = "/graphql",
    body        = graphql(ISSUES, variables = { since = "{interval.start}" }),
    records     = "data.issues.nodes",
    paginator   = cursor_token(
        from_body = "data.issues.pageInfo.endCursor",
        has_more = "data.issues.pageInfo.hasNextPage",
        token_body = "variables.after",
        page_size = 50,
        page_size_body = "variables.first",
    ),
    cursor      = datetime(updated_at, start = config.start_date),
    primary_key = id,
)]
#[serde(rename_all = "camelCase")]
struct Issue {
    id: String,
    /// The team's key and a number, such as `ENG-7`.
    identifier: String,
    title: String,
    /// From 1, urgent, to 4, low; 0 if nobody has set it.
    priority: u8,
    estimate: Option<f64>,
    url: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    completed_at: Option<Timestamp>,
    team: TeamKey,
    state: State,
    assignee: Option<User>,
}

/// The team of an issue.
#[record]
struct TeamKey {
    id: String,
    key: String,
}

/// A step of a team's workflow.
#[record]
struct State {
    name: String,
    r#type: StateType,
}

/// The steps that all workflows have in common.
#[record]
#[serde(rename_all = "camelCase")]
enum StateType {
    Triage,
    Backlog,
    Unstarted,
    Started,
    Completed,
    Canceled,
    Duplicate,
}

/// Whoever works on an issue.
#[record]
struct User {
    id: String,
    name: String,
    email: String,
}

airbyte_runtime::main!(Linear);

airbyte_runtime::connector_tests!(Linear, "tests");
