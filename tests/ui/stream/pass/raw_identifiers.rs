//! Fields, arguments and types whose names are keywords.

use airbyte_runtime::define::{Stream, stream::field};
use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com/{config.type}",
    auth = bearer(config.r#impl),
    streams = [r#mod::r#Project, Task],
)]
pub struct Tracker {
    /// The type of account.
    r#type: String,
    /// The access token.
    #[config(secret)]
    r#impl: Secret,
}

mod r#mod {
    use airbyte_runtime::prelude::*;

    #[stream(source = super::Tracker, path = "/{config.type}/projects", primary_key = r#type)]
    pub struct r#Project {
        r#type: u64,
    }
}

#[stream(
    source = Tracker,
    path = "/projects/{parent.type}/{partition.match}/tasks",
    parent = r#mod::Project(r#type as r#in),
    partition = list(r#match = ["a", "b"]),
    query = { type = "task", r#loop = "no", "else" = "yes" },
    cursor = integer(r#move, start_param = "since"),
    paginator = cursor_token(from_last_record = r#move, token_param = "after"),
    primary_key = [r#type, r#move],
)]
pub struct Task {
    r#type: String,
    r#move: u64,
}

fn main() {
    assert_eq!(Task::FIELDS, [field("type", "type"), field("move", "move")]);
    assert!(Task::PARTITION.contains(&"in") && Task::PARTITION.contains(&"match"), "{:?}", Task::PARTITION);
}
