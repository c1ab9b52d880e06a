//! Partitions that are put together, functions as lists, and everything that may be said of a parent.

use airbyte_runtime::define::Stream;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task, Batch, Nested, Shard, Note])]
struct Tracker {
    /// Projects that the user names.
    projects: Vec<u64>,
}

#[stream(source = Tracker, path = "/projects", cursor = datetime(updated_at))]
struct Project {
    id: u64,
    r#type: String,
    updated_at: Timestamp,
}

#[stream(
    source = Tracker, path = "/{partition.project}/tasks",
    partition = union(list(project = config.projects), parents), parent = Project(id as project),
)]
struct Task {
    id: u64,
}

#[stream(
    source = Tracker, path = "/batch", query = { id = "{partition.id}" },
    partition = group(10, parents, deduplicate = false), parent = Project(id),
)]
struct Batch {
    id: u64,
}

#[stream(
    source = Tracker, path = "/nested", query = { id = "{partition.id}", kind = "{partition.kind}" },
    partition = [group(5, union(list(id = config.projects), list(id = [1, 2]))), list(kind = ["a", "b"])],
)]
struct Nested {
    id: u64,
}

#[stream(source = Tracker, path = "/{partition.shard}", partition = list(shard = with(shards), param = "shard"))]
struct Shard {
    id: u64,
}

async fn shards(source: &Tracker) -> Result<Vec<u64>> {
    Ok(source.projects.clone())
}

#[stream(
    source = Tracker, path = "/{parent.id}/notes", query = { kind = "{parent.type}" },
    parent = Project(id as project, incremental_dependency = true, extra_fields = [r#type], header = "X-Project"),
    cursor = datetime(updated_at), migrate_state = legacy_to_per_partition,
)]
struct Note {
    updated_at: Timestamp,
}

fn main() {
    assert_eq!(Task::PARTITION, ["project"]);
    assert_eq!(Nested::PARTITION, ["id", "kind"]);
    assert_eq!(Note::PARTITION, ["project"]);
}
