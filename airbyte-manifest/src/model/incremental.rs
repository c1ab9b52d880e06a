//! Where the last sync ended.

use crate::node::Node;

use super::custom::Custom;
use super::declare::{choice, component};
use super::requester::RequestOption;
use super::rule::mapping;
use super::value::{IntOrText, Text, TextOr};
use super::variables::CONFIG;

choice! {
    /// What a stream's progress is measured by.
    IncrementalSync {
        DatetimeBasedCursor(Box<DatetimeBasedCursor>),
        IncrementingCountCursor(IncrementingCountCursor),
    }
}

choice! {
    /// Brings an older state up to date.
    StateMigration {
        LegacyToPerPartitionStateMigration(LegacyToPerPartitionStateMigration),
        CustomStateMigration(Custom),
    }
}

component! {
    /// Progress in time.
    DatetimeBasedCursor {
        /// Which windows are kept to whole units of the calendar.
        clamping: Option<Clamping>, sees(CONFIG);
        /// The record's field with the time.
        cursor_field: Text, sees(CONFIG);
        /// Whether the configured catalog may name another field.
        allow_catalog_defined_cursor_field: Option<bool>;
        /// The formats that records may have, before `datetime_format`.
        cursor_datetime_formats: Vec<Text> = Vec::new();
        /// The beginning.
        start_datetime: TextOr<MinMaxDatetime>, sees(CONFIG);
        /// Where a window's beginning goes.
        start_time_option: Option<RequestOption>;
        /// The end; now where absent.
        end_datetime: Option<TextOr<MinMaxDatetime>>, sees(CONFIG);
        /// Where a window's end goes.
        end_time_option: Option<RequestOption>;
        /// The format of windows and state.
        datetime_format: Text;
        /// The smallest difference of two times, as an ISO 8601 duration.
        cursor_granularity: Option<Text>;
        /// Whether the newest records come first and pages end at the known ones.
        is_data_feed: Option<bool>;
        /// Whether old records are left out here.
        is_client_side_incremental: Option<bool>;
        /// Whether a window must have a length.
        is_compare_strictly: bool = false;
        /// Whether all partitions share one state.
        global_substream_cursor: bool = false;
        /// How far before the state a sync begins, as an ISO 8601 duration.
        lookback_window: Option<Text>, sees(CONFIG);
        /// The key of a window's end.
        partition_field_end: Option<Text>, sees(CONFIG);
        /// The key of a window's beginning.
        partition_field_start: Option<Text>, sees(CONFIG);
        /// The length of a window, as an ISO 8601 duration.
        step: Option<Text>, sees(CONFIG);
    }
}

component! {
    /// Keeps windows to whole units of the calendar.
    Clamping[.untagged()] {
        /// The unit.
        target: Text, sees(CONFIG);
        /// More about it, as `weekday`.
        target_details: Option<Node>, holds(mapping);
    }
}

component! {
    /// A time within bounds.
    MinMaxDatetime {
        /// The time.
        datetime: Text, sees(CONFIG);
        /// Its format; the cursor's where empty.
        datetime_format: Text = Text::of("");
        /// The latest that it may be.
        max_datetime: Option<Text>, sees(CONFIG);
        /// The earliest that it may be.
        min_datetime: Option<Text>, sees(CONFIG);
    }
}

component! {
    /// Progress by a number that grows.
    IncrementingCountCursor {
        /// The record's field with the number.
        cursor_field: Text, sees(CONFIG);
        /// Whether the configured catalog may name another field.
        allow_catalog_defined_cursor_field: Option<bool>;
        /// The first number.
        start_value: Option<IntOrText>, sees(CONFIG);
        /// Where the first number of a sync goes.
        start_value_option: Option<RequestOption>;
    }
}

component! {
    /// Turns the state by partition of old into that of today.
    LegacyToPerPartitionStateMigration[.optional_tag()] {}
}
