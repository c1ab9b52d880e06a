//! Names, columns and ways of reading that are known only when the connector runs.

use airbyte_runtime::define::Stream;
use airbyte_runtime::plan::Map;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Board, Task, Sheet, Change, Contact])]
struct Tracker {
    /// What names begin with.
    prefix: String,
    /// Whether the account has sheets.
    sheets: bool,
}

#[stream(source = Tracker, path = "/boards", when = |tracker| tracker.prefix.len() > 1)]
struct Board {
    id: u64,
    r#type: String,
}

#[stream(
    source = Tracker, name = "{config.prefix}_{parent.type}", path = "/boards/{parent.id}/tasks",
    parent = Board(id, extra_fields = [r#type]), records = first_match("data.*", ["a.b"]),
)]
struct Task {
    id: u64,
}

impl Tracker {
    fn has_sheets(&self) -> bool {
        self.sheets
    }
}

#[stream(
    source = Tracker, name = "{partition.sheet}", path = "/sheets/{partition.sheet}", when = Tracker::has_sheets,
    partition = list(sheet = ["plan"]),
)]
struct Sheet {
    id: u64,
}

#[stream(source = Tracker, path = "/changes", full_refresh = first::All(), cursor = integer(id, start_param = "since"))]
struct Change {
    id: u64,
}

mod first {
    use airbyte_runtime::prelude::*;

    #[stream(source = super::Tracker, path = "/all", cursor = integer(id))]
    pub(super) struct All {
        id: u64,
    }
}

#[stream(
    source = Tracker, path = "/contacts",
    schema = endpoint("/{config.prefix}/fields", name = "name", type = "type", types = { days = { field_type = "array", items = "date" } }),
)]
struct Contact {
    id: u64,
    #[serde(flatten)]
    rest: Map<String, Json>,
}

fn main() {
    assert_eq!(Sheet::NAME, "{partition.sheet}");
}
