//! Lists and parents in every combination; what a grandchild knows of its grandparent.

use airbyte_runtime::define::Stream;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Workspace, Project, Task, Comment])]
struct Tracker {
    /// The regions to read.
    regions: Vec<String>,
    /// The first region.
    first: String,
}

#[stream(
    source = Tracker,
    path = "/{partition.region}/workspaces",
    partition = [
        list(region = config.regions, header = "X-Region"),
        list(status = ["open", "done"], param = "status"),
        list(year = [2024, 2025],),
        list(odd_key = [config.first]),
    ],
    query = { year = partition.year },
)]
struct Workspace {
    gid: String,
}

#[stream(source = Tracker, path = "/workspaces/{parent.gid}/projects", parent = Workspace(gid as workspace, region))]
struct Project {
    #[serde(rename = "ID")]
    id: u64,
}

#[stream(
    source = Tracker,
    path = "/projects/{parent.id}/{partition.id}/{parent.workspace}/tasks",
    parent = Project,
    partition = list(status = ["open"]),
)]
struct Task {
    id: u64,
}

#[stream(source = Tracker, path = "/comments/{parent.id}", parent = [Task, Project])]
struct Comment {
    id: u64,
}

fn main() {
    assert_eq!(Workspace::PARTITION, ["region", "status", "year", "odd_key"]);
    assert_eq!(Project::PARTITION, ["workspace", "region"]);
    assert_eq!(Task::PARENTS.len(), 1);
    assert_eq!(Comment::PARENTS.len(), 2);
}
