//! The runtime is reached through a re-export, and none of its names is in scope.

mod platform {
    pub mod sdk {
        pub use airbyte_runtime::*;
    }
}

#[platform::sdk::source(
    crate = crate::platform::sdk,
    base_url = "https://{config.place.region}.example.com",
    auth = bearer(config.token),
    streams = [Project, Task],
)]
struct Tracker {
    /// The access token.
    #[config(secret)]
    token: platform::sdk::Secret,
    /// Where the account is.
    place: Place,
    /// What to read.
    #[config(default = "open")]
    status: Status,
}

#[platform::sdk::config(crate = platform::sdk)]
struct Place {
    /// The region of the account.
    region: String,
}

#[platform::sdk::config(crate = crate::platform::sdk)]
enum Status {
    /// Open tasks only.
    Open,
    /// All tasks.
    All,
}

#[platform::sdk::stream(crate = crate::platform::sdk, source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[platform::sdk::stream(
    crate = platform::sdk,
    source = Tracker,
    path = "/projects/{parent.id}/tasks",
    parent = Project,
    query = { status = config.status },
    paginator = page_increment(page_size = 50, page_size_param = "limit"),
    cursor = datetime(updated_at, start = "2020-01-01T00:00:00Z", start_param = "since", step = "P30D"),
    backoff = [wait_from_header("Retry-After"), exponential(base = "PT2S")],
    error_handler = [status(404) => ignore],
    primary_key = id,
)]
struct Task {
    id: u64,
    updated_at: platform::sdk::Timestamp,
    assignee: Option<User>,
}

#[platform::sdk::record(crate = crate::platform::sdk)]
struct User {
    name: String,
}

fn main() {}
