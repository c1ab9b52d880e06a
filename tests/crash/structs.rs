//! Streams of attributes whose shapes the five sources of the laws do not have.

use airbyte_runtime::prelude::*;

/// Rows in every other shape.
#[source(
    base_url    = "{config.base_url}",
    auth        = bearer(config.token),
    backoff     = constant("PT0.001S"),
    concurrency = config.concurrency,
    streams     = [
        Oldest, OldestByRegion, Newest, Numbers, Hashed, HashedByRegion, Org, Team, Task, Changed, ChangedWindows, Shared,
        Fresh, Early, Middle, Late, Export, Visit, SortedVisit,
    ],
)]
pub(crate) struct Extra {
    /// Where the API is.
    base_url: String,
    /// What opens it.
    token: Secret,
    /// The most requests in flight at one time.
    concurrency: u32,
}

/// The oldest come first, so that the state moves within the slice.
#[stream(
    source = Extra, path = "/ascending/rows", records = "data", paginator = page_increment(page_size = 3), primary_key = id,
    cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since", sorted = ASCENDING),
)]
struct Oldest {
    id: u64,
    updated_at: Timestamp,
}

/// The same in windows, region by region.
#[stream(
    source = Extra, path = "/ascending/rows/region/{partition.region}", records = "data", primary_key = id,
    paginator = page_increment(page_size = 3), partition = list(region = ["eu", "us", "ap"]),
    cursor = datetime(
        updated_at, start = "2024-01-01", end = "2024-03-01", step = "P20D", granularity = "PT1S", start_param = "since",
        end_param = "until", sorted = ASCENDING,
    ),
)]
struct OldestByRegion {
    id: u64,
    updated_at: Timestamp,
}

/// The newest come first, and nothing can be asked for.
#[stream(
    source = Extra, path = "/descending/rows", records = "data", paginator = page_increment(page_size = 3),
    primary_key = id, cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", sorted = DESCENDING),
)]
struct Newest {
    id: u64,
    updated_at: Timestamp,
}

/// The greatest number comes first.
#[stream(
    source = Extra, path = "/numbers/rows", records = "data", paginator = page_increment(page_size = 3), primary_key = id,
    cursor = integer(id, sorted = DESCENDING),
)]
struct Numbers {
    id: u64,
}

/// Only what is new or has changed.
#[stream(
    source = Extra, path = "/page/rows", records = "data", paginator = page_increment(page_size = 3), primary_key = id,
    cursor = content_hash(id),
)]
struct Hashed {
    id: u64,
    note: String,
}

/// The same in partitions.
#[stream(
    source = Extra, path = "/page/rows/region/{partition.region}", records = "data", primary_key = id,
    paginator = page_increment(page_size = 3), partition = list(region = ["eu", "us", "ap"]),
    cursor = content_hash(id),
)]
struct HashedByRegion {
    id: u64,
    note: String,
}

/// The parent of the teams, which knows what changed.
#[stream(
    source = Extra, name = "orgs", path = "/page/orgs", records = "data", paginator = page_increment(page_size = 3),
    primary_key = id,
    cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Org {
    id: u64,
    updated_at: Timestamp,
}

/// A child and a parent.
#[stream(
    source = Extra, name = "teams", path = "/page/orgs/{parent.id}/projects", records = "data", primary_key = id,
    paginator = page_increment(page_size = 3), parent = Org(id as org, incremental_dependency = true),
    cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Team {
    id: u64,
    updated_at: Timestamp,
}

/// A grandchild that reads only what its parents say has changed.
#[stream(
    source = Extra, name = "tasks", path = "/page/rows/project/{parent.id}", records = "data", primary_key = id,
    paginator = page_increment(page_size = 3), parent = Team(id as project, incremental_dependency = true),
    cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

/// A grandchild of parents that are read as a whole each time.
#[stream(
    source = Extra, name = "changed", path = "/page/rows/project/{parent.id}", records = "data", primary_key = id,
    paginator = page_increment(page_size = 3), parent = Team(id as project),
    cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Changed {
    id: u64,
    updated_at: Timestamp,
}

/// Windows of each child of parents that changed.
#[stream(
    source = Extra, name = "changed_windows", path = "/page/rows/project/{parent.id}", records = "data",
    primary_key = id, paginator = page_increment(page_size = 3), parent = Team(id as project, incremental_dependency = true),
    cursor = datetime(
        updated_at, start = "2024-01-01", end = "2024-03-01", step = "P20D", granularity = "PT1S", start_param = "since",
        end_param = "until",
    ),
)]
struct ChangedWindows {
    id: u64,
    updated_at: Timestamp,
}

/// One state for all partitions.
#[stream(
    source = Extra, path = "/page/rows/region/{partition.region}", records = "data", primary_key = id,
    paginator = page_increment(page_size = 3), partition = list(region = ["eu", "us", "ap"]),
    cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since", global = true),
)]
struct Shared {
    id: u64,
    updated_at: Timestamp,
}

/// Children of parents that were not read before.
#[stream(
    source = Extra, path = "/page/rows/project/{parent.id}", records = "data", primary_key = id,
    paginator = page_increment(page_size = 3), parent = Org(id as project, new_parents_only = true),
)]
struct Fresh {
    id: u64,
}

/// The first of three that follow each other.
#[stream(
    source = Extra, path = "/page/rows", records = "data", paginator = page_increment(page_size = 3), primary_key = id,
    group = "rows", cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Early {
    id: u64,
    updated_at: Timestamp,
}

/// One of the same group.
#[stream(
    source = Extra, path = "/page/rows/project/{parent.id}", records = "data", primary_key = id, group = "rows",
    paginator = page_increment(page_size = 3), parent = Team(id as project, incremental_dependency = true),
    cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Middle {
    id: u64,
    updated_at: Timestamp,
}

/// The last, when the others are complete.
#[stream(
    source = Extra, path = "/page/rows", records = "data", paginator = page_increment(page_size = 3), primary_key = id,
    after = [Early, Middle],
    cursor = datetime(
        updated_at, start = "2024-01-01", end = "2024-03-01", step = "P10D", granularity = "PT1S", start_param = "since",
        end_param = "until",
    ),
)]
struct Late {
    id: u64,
    updated_at: Timestamp,
}

/// A job for each region.
#[stream(
    source    = Extra,
    partition = list(region = ["eu", "us", "ap"]),
    job       = async_job(
        create         = post("/exports", body = { region = "{partition.region}" }),
        keep           = { id = "job.id" },
        poll           = get("/exports/{job.id}"),
        status         = "job.state",
        completed      = ["done"],
        failed         = ["error"],
        targets        = "job.files.*.url",
        poll_interval  = "PT0.002S",
        max_concurrent = 2,
    ),
    records   = "items",
)]
struct Export {
    id: u64,
}

/// A job for each window.
#[stream(
    source    = Extra,
    cursor    = datetime(
        updated_at, start = "2024-01-01", end = "2024-03-01", step = "P20D", granularity = "PT1S", start_body = "from",
        end_body = "to",
    ),
    job       = async_job(
        create         = post("/exports", body = { region = "all" }),
        keep           = { id = "job.id" },
        poll           = get("/exports/{job.id}"),
        status         = "job.state",
        completed      = ["done"],
        failed         = ["error"],
        targets        = "job.files.*.url",
        poll_interval  = "PT0.002S",
        max_concurrent = 2,
    ),
    records   = "items",
)]
struct Visit {
    id: u64,
    updated_at: Timestamp,
}

/// The same from a job for each forty days, whose two files are sorted one by one.
#[stream(
    source    = Extra,
    cursor    = datetime(
        updated_at, start = "2024-01-01", end = "2024-03-01", step = "P40D", granularity = "PT1S", start_body = "from",
        end_body = "to", sorted = ASCENDING,
    ),
    job       = async_job(
        create         = post("/exports", body = { region = "all" }),
        keep           = { id = "job.id" },
        poll           = get("/exports/{job.id}"),
        status         = "job.state",
        completed      = ["done"],
        failed         = ["error"],
        targets        = "job.files.*.url",
        poll_interval  = "PT0.002S",
    ),
    records   = "items",
)]
struct SortedVisit {
    id: u64,
    updated_at: Timestamp,
}
