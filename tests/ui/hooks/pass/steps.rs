//! Steps beside functions, a local function of a step's name, and one step without brackets.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task, Contact, Deal])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", transform = [remove("a.*.b"), normalize(), flatten, |task| task.id += 1])]
struct Task {
    id: u64,
}

fn flatten(task: &mut Task) {
    task.id *= 2;
}

#[stream(source = Tracker, path = "/contacts", transform = lower_case_keys())]
struct Contact {
    id: u64,
}

#[stream(
    source = Tracker, path = "/deals", expand = items("lines", remain_original_record = true), partition = list(region = ["eu"]),
    transform = [add("place.region", "in {partition.region}"), flatten_path("place", replace_record = false, suffix = "_")],
)]
struct Deal {
    id: u64,
}

fn main() {}
