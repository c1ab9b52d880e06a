//! One source behind each way to page: the same rows as a stream of every shape.

/// The streams whose records are the rows, by what their state looks like.
pub(crate) const STREAMS: [&str; 9] =
    ["plain", "moving", "windowed", "late", "regional", "regional_windows", "tasks", "local", "numbered"];

macro_rules! source_behind {
    ($module:ident: $($paginator:tt)+) => {
        pub(crate) mod $module {
            use airbyte_runtime::prelude::*;

            /// Rows behind one way to page.
            #[source(
                base_url    = "{config.base_url}",
                auth        = bearer(config.token),
                backoff     = constant("PT0.001S"),
                streams     = [Plain, Moving, Windowed, Late, Regional, RegionalWindows, Project, Task, Local, Numbered],
                concurrency = config.concurrency,
            )]
            pub(crate) struct Rows {
                /// Where the API is.
                base_url: String,
                /// What opens it.
                token: Secret,
                /// The way to page.
                style: String,
                /// The most requests in flight at one time.
                concurrency: u32,
            }

            /// No cursor.
            #[stream(
                source = Rows, path = "/{config.style}/rows", records = "data", paginator = $($paginator)+, primary_key = id
            )]
            pub(crate) struct Plain { id: u64 }

            /// A cursor without windows.
            #[stream(
                source = Rows, path = "/{config.style}/rows", records = "data", paginator = $($paginator)+, primary_key = id,
                cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
            )]
            pub(crate) struct Moving { id: u64, updated_at: Timestamp }

            /// Windows of ten days.
            #[stream(
                source = Rows, path = "/{config.style}/rows", records = "data", paginator = $($paginator)+, primary_key = id,
                cursor = datetime(
                    updated_at, start = "2024-01-01", end = "2024-03-01", step = "P10D", granularity = "PT1S", start_param = "since", end_param = "until",
                ),
            )]
            pub(crate) struct Windowed { id: u64, updated_at: Timestamp }

            /// Windows, and five days back for records that appear late.
            #[stream(
                source = Rows, path = "/{config.style}/rows", records = "data", paginator = $($paginator)+, primary_key = id,
                cursor = datetime(
                    updated_at, start = "2024-01-01", end = "2024-03-01", step = "P10D", granularity = "PT1S", lookback = "P5D",
                    start_param = "since", end_param = "until",
                ),
            )]
            pub(crate) struct Late { id: u64, updated_at: Timestamp }

            /// A partition for each region.
            #[stream(
                source = Rows, path = "/{config.style}/rows/region/{partition.region}", records = "data",
                paginator = $($paginator)+, primary_key = id,
                partition = list(region = ["eu", "us", "ap"]),
                cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
            )]
            pub(crate) struct Regional { id: u64, updated_at: Timestamp }

            /// Windows in each region.
            #[stream(
                source = Rows, path = "/{config.style}/rows/region/{partition.region}", records = "data",
                paginator = $($paginator)+, primary_key = id,
                partition = list(region = ["eu", "us", "ap"]),
                cursor = datetime(
                    updated_at, start = "2024-01-01", end = "2024-03-01", step = "P20D", granularity = "PT1S",
                    start_param = "since", end_param = "until",
                ),
            )]
            pub(crate) struct RegionalWindows { id: u64, updated_at: Timestamp }

            /// The parent of the tasks.
            #[stream(
                source = Rows, name = "projects", path = "/{config.style}/projects", records = "data",
                paginator = $($paginator)+, primary_key = id,
            )]
            pub(crate) struct Project { id: u64 }

            /// A partition for each project.
            #[stream(
                source = Rows, name = "tasks", path = "/{config.style}/rows/project/{parent.id}", records = "data",
                paginator = $($paginator)+, primary_key = id,
                parent = Project(id as project),
                cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
            )]
            pub(crate) struct Task { id: u64, updated_at: Timestamp }

            /// A cursor that the API cannot filter by.
            #[stream(
                source = Rows, path = "/{config.style}/rows", records = "data", paginator = $($paginator)+, primary_key = id,
                cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", client_side = true),
            )]
            pub(crate) struct Local { id: u64, updated_at: Timestamp }

            /// A number as a cursor.
            #[stream(
                source = Rows, path = "/{config.style}/rows", records = "data", paginator = $($paginator)+, primary_key = id,
                cursor = integer(id, start_param = "since_id"),
            )]
            pub(crate) struct Numbered { id: u64 }
        }
    };
}

source_behind!(page: page_increment(page_size = 3, page_size_param = "limit"));
source_behind!(offset: offset_increment(page_size = 3, page_size_param = "limit"));
source_behind!(token: cursor_token(from_body = "next", token_param = "cursor", page_size = 3, page_size_param = "limit"));
source_behind!(link: link_header(page_size = 3, page_size_param = "limit"));
source_behind!(url: next_url("next", page_size = 3, page_size_param = "limit"));

/// Calls a function that is generic over the source with each source and its style.
macro_rules! behind_each_paginator {
    ($($law:ident)::+) => {
        $($law)::+::<crate::laws::sources::page::Rows>("page");
        $($law)::+::<crate::laws::sources::offset::Rows>("offset");
        $($law)::+::<crate::laws::sources::token::Rows>("token");
        $($law)::+::<crate::laws::sources::link::Rows>("link");
        $($law)::+::<crate::laws::sources::url::Rows>("url");
    };
}
pub(crate) use behind_each_paginator;
