//! Enums of every shape: texts, objects, both, other structs, other tags, enums in enums.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = api_key(header = "X-Key", value = config.login.key),
    streams = [Task],
)]
struct Tracker {
    /// How to log in.
    login: Login,
    /// Which tasks to read.
    #[config(default = "all_tasks", display_type = "radio")]
    kind: Kind,
    /// Where the server is.
    hosting: Option<Hosting>,
    /// Places to read.
    places: Vec<Place>,
}

#[config]
enum Login {
    /// A key.
    #[config(value = "api_key", title = "API key")]
    Key(Key),
    /// A personal access token.
    Token {
        /// The token.
        #[config(secret, title = "Token", order = 1)]
        token: Secret,
    },
    /// Nothing.
    Guest,
}

#[config]
struct Key {
    /// The key.
    #[config(secret)]
    key: Secret,
}

#[config]
enum Kind {
    /// Tasks that are open.
    Open,
    /// Every task.
    #[config(title = "All")]
    AllTasks,
}

#[config(tag = "hosted_by")]
enum Hosting {
    /// At the vendor's.
    Vendor,
    /// On a machine of your own.
    SelfHosted {
        /// The kind of machine: not the tag here.
        r#type: String,
        /// How to reach it.
        login: Login,
    },
}

#[config]
enum Place {
    /// One only.
    Only {
        /// The region.
        region: String,
    },
}

#[stream(source = Tracker, path = "/tasks/{config.kind}", query = { host = config.hosting.r#type })]
struct Task {
    id: u64,
}

fn main() {}
