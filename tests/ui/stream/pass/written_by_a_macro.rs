//! Streams that a `macro_rules!` writes.

use airbyte_runtime::define::Stream;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker {
    /// The region of the account.
    region: String,
}

macro_rules! streams {
    ($source:path: $($name:ident $path:literal by $key:ident: $key_type:ty, $size:expr, updated $cursor:ident;)+) => {
        $(
            #[stream(
                source = $source,
                path = $path,
                paginator = offset_increment(page_size = $size, page_size_param = "limit"),
                cursor = datetime($cursor, start = "2020-01-01T00:00:00Z", start_param = "since"),
                primary_key = $key,
            )]
            struct $name {
                $key: $key_type,
                $cursor: Timestamp,
            }
        )+
    };
}

streams! {
    crate::Tracker:
    Project "/{config.region}/projects" by gid: String, 100, updated changed_at;
    Task "/tasks" by id: u64, 2 * 25, updated updated_at;
}

fn main() {
    assert_eq!((Project::NAME, Task::NAME), ("project", "task"));
    assert!(Task::INTERVAL);
}
