//! One request for each of many things.

use super::custom::Custom;
use super::declare::{choice, component};
use super::requester::RequestOption;
use super::rule::items;
use super::stream::ParentStream;
use super::value::{OneOrMany, Text};
use super::variables::CONFIG;

choice! {
    /// What the things are.
    PartitionRouter {
        SubstreamPartitionRouter(SubstreamPartitionRouter),
        ListPartitionRouter(ListPartitionRouter),
        GroupingPartitionRouter(Box<GroupingPartitionRouter>),
        UnionPartitionRouter(UnionPartitionRouter),
        CustomPartitionRouter(Custom),
    }
}

choice! {
    /// What a router over routers takes its things from.
    InnerPartitionRouter {
        ListPartitionRouter(ListPartitionRouter),
        SubstreamPartitionRouter(SubstreamPartitionRouter),
        UnionPartitionRouter(UnionPartitionRouter),
        CustomPartitionRouter(Custom),
    }
}

component! {
    /// The records of other streams.
    SubstreamPartitionRouter {
        /// The streams.
        parent_stream_configs: Vec<ParentStreamConfig>;
    }
}

component! {
    /// One stream whose records are the things.
    ParentStreamConfig {
        /// The stream.
        stream: Box<ParentStream>;
        /// The path of the value in its records.
        parent_key: Text, sees(CONFIG);
        /// The key of the value in a partition.
        partition_field: Text, sees(CONFIG);
        /// Where the value goes.
        request_option: Option<RequestOption>;
        /// Whether the stream is read from where the last sync ended.
        incremental_dependency: bool = false;
        /// The path of a first page in its records.
        lazy_read_pointer: Vec<Text> = Vec::new(), sees(CONFIG);
        /// The paths of more values, for templates.
        extra_fields: Vec<Vec<Text>> = Vec::new(), sees(CONFIG);
    }
}

component! {
    /// The items of a list.
    ListPartitionRouter {
        /// The key of the item in a partition.
        cursor_field: Text, sees(CONFIG);
        /// The items, or a template of them.
        values: OneOrMany<Text>, sees(CONFIG);
        /// Where the item goes.
        request_option: Option<RequestOption>;
    }
}

component! {
    /// Several things at a time.
    GroupingPartitionRouter {
        /// How many.
        group_size: i64;
        /// Where they come from.
        underlying_partition_router: InnerPartitionRouter;
        /// Whether each comes once.
        deduplicate: bool = true;
    }
}

component! {
    /// The things of several routers under one key.
    UnionPartitionRouter {
        /// The key of the value in a partition.
        partition_field: Text, sees(CONFIG);
        /// The routers.
        partition_routers: Vec<InnerPartitionRouter>, check(items::<2>);
    }
}
