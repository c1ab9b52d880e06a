//! The variables that templates see, place by place, besides `config` and `parameters`.

/// Only `config` and `parameters`.
pub(crate) const CONFIG: &[&str] = &[];
/// Urls, parameters, headers and bodies.
pub(crate) const REQUEST: &[&str] = &["stream_slice", "stream_interval", "stream_partition", "next_page_token"];
/// What follows a page.
pub(crate) const PAGE: &[&str] = &[
    "response",
    "headers",
    "last_record",
    "last_page_size",
    "page_size",
    "stream_slice",
    "stream_interval",
    "stream_partition",
];
/// The page size of `OffsetIncrement`.
pub(crate) const PAGE_SIZE: &[&str] = &["response"];
/// Filters of responses.
pub(crate) const RESPONSE: &[&str] = &["response", "headers", "request_url"];
/// The wait that a response asks for.
pub(crate) const WAIT: &[&str] = &["response", "headers"];
/// Filters of records.
pub(crate) const RECORD_FILTER: &[&str] =
    &["record", "stream_slice", "stream_interval", "stream_partition", "next_page_token"];
/// Values that are added to records.
pub(crate) const RECORD: &[&str] = &["record", "stream_slice", "stream_interval", "stream_partition"];
/// Conditions of values that are added to records.
pub(crate) const ADDED: &[&str] = &["record", "stream_slice", "stream_interval", "stream_partition", "value", "path"];
/// Conditions of fields that are removed.
pub(crate) const REMOVED: &[&str] = &["property"];
/// Conditions of values that are added to the configuration.
pub(crate) const CONFIG_ADDED: &[&str] = &["value", "path"];
/// How a session token is sent.
pub(crate) const SESSION: &[&str] = &["session_token"];
/// JSON web tokens.
pub(crate) const JWT: &[&str] = &["json_loads"];
/// Mappings of components.
pub(crate) const COMPONENTS: &[&str] =
    &["components_values", "stream_template_config", "stream_slice", "stream_interval", "stream_partition"];
/// Conditions of types.
pub(crate) const RAW_SCHEMA: &[&str] = &["raw_schema"];
/// Names of files.
pub(crate) const FILE_NAME: &[&str] = &["record"];
