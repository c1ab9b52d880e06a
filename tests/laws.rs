//! The laws of the read engine, each a test: what a state covers, what a stop may lose, what a failure may touch.
//!
//! Every source here is made by the attributes and read in this process against a server on loopback.

mod laws {
    /// A stream of rows that have but an `id`.
    macro_rules! stream {
        ($name:ident of $source:ident, $stream:literal, $path:literal, $($rest:tt)*) => {
            #[stream(source = $source, name = $stream, path = $path, primary_key = id, $($rest)*)]
            struct $name {
                id: u64,
            }
        };
    }

    mod ahead;
    mod api;
    mod astray;
    mod backfill;
    mod barrier;
    mod bounds;
    mod budget;
    mod chains;
    mod child;
    mod concurrency;
    mod covers;
    mod credentials;
    mod cursors;
    mod described;
    mod echo;
    mod edges;
    mod errors;
    mod family;
    mod groups;
    mod heads;
    mod in_turn;
    mod jobs;
    mod memory;
    mod own;
    mod pages;
    mod paging;
    mod parents;
    mod prefetch;
    mod properties;
    mod reading;
    mod records;
    mod renewals;
    mod requests;
    mod retries;
    mod routers;
    mod secrets;
    mod slow;
    mod sources;
    mod state_formats;
    mod states;
    mod statuses;
    mod steps;
    mod stopping;
    mod told;
    mod tolerance;
    mod variants;
}
