//! Every name that an expansion could rely on means something else here.

#![allow(non_camel_case_types, unused)]

struct Option;
struct Some;
struct None;
struct Result;
struct Ok;
struct Err;
struct String;
struct Vec;
struct Box;
struct Default;
struct Clone;
struct Copy;
struct Send;
struct Sync;
struct Sized;
struct From;
struct Into;
struct Iterator;
struct Deserialize;
struct Serialize;
struct JsonSchema;
struct Stream;
struct Source;
struct Config;
struct ConfigType;
struct Value;
struct Secret;
struct Timestamp;
mod core {}
mod std {}
mod serde {}
mod schemars {}
mod define {}
mod rules {}
mod probe {}
fn list() {}
fn datetime() {}
fn bearer() {}
fn page_increment() {}
fn status() {}

#[airbyte_runtime::source(
    base_url = "https://{config.login.region}.example.com",
    auth = match config.login {
        Login::Token { token, .. } => bearer(token),
        Login::Guest { .. } => none,
    },
    error_handler = [status(404) => ignore],
    streams = [Project, Task],
    check = Project,
)]
struct Tracker {
    /// How to log in.
    login: Login,
    /// Which tasks to read.
    #[config(default = "open")]
    kind: Kind,
    /// The regions to read.
    regions: ::std::vec::Vec<::std::string::String>,
}

#[airbyte_runtime::config]
enum Login {
    /// A personal access token.
    Token {
        /// The token.
        #[config(secret)]
        token: airbyte_runtime::Secret,
        /// The region.
        region: ::std::string::String,
    },
    /// Nothing.
    Guest {
        /// The region.
        region: ::std::string::String,
    },
}

#[airbyte_runtime::config]
enum Kind {
    /// Open tasks.
    Open,
    /// All tasks.
    All,
}

#[airbyte_runtime::stream(
    source = Tracker,
    path = "/{partition.region}/projects",
    partition = list(region = config.regions),
)]
struct Project {
    id: u64,
}

#[airbyte_runtime::stream(
    source = Tracker,
    path = "/projects/{parent.id}/tasks",
    parent = Project,
    query = { kind = config.kind },
    paginator = page_increment(page_size = 100),
    cursor = datetime(updated_at, start = "2020-01-01T00:00:00Z", start_param = "since"),
    primary_key = id,
)]
struct Task {
    id: u64,
    updated_at: airbyte_runtime::Timestamp,
    assignee: ::std::option::Option<User>,
    labels: ::std::vec::Vec<::std::string::String>,
}

#[airbyte_runtime::record]
struct User {
    name: ::std::string::String,
}

fn main() {}
