//! The keys of the attributes: how each is written, and what it is for.

/// The keys of one attribute.
pub(crate) struct Vocabulary {
    /// The attribute's name.
    pub(crate) attribute: &'static str,
    pub(crate) keys: &'static [Key],
}

/// A key of an attribute.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// An example of the whole `key = value`.
    pub(crate) form: &'static str,
    /// What it says, as a noun phrase.
    pub(crate) meaning: &'static str,
}

impl Vocabulary {
    pub(crate) fn find(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

const fn key(name: &'static str, form: &'static str, meaning: &'static str) -> Key {
    Key { name, form, meaning }
}

const CRATE: Key = key("crate", "crate = airbyte_runtime", "the path to the runtime crate, where it has another name");
const BASE_URL: Key = key("base_url", "base_url = \"https://api.example.com\"", "the URL that paths are appended to");
const AUTH: Key = key("auth", "auth = bearer(config.token)", "how requests show who is asking");
const QUERY: Key = key("query", "query = { sort = \"updated\" }", "query parameters");
const HEADERS: Key = key("headers", "headers = { Accept = \"application/json\" }", "headers");
const ERROR_HANDLER: Key = key("error_handler", "error_handler = [status(404) => ignore]", "what an answer means");
const BACKOFF: Key =
    key("backoff", "backoff = exponential(base = \"PT1S\")", "how long to wait before a request is tried again");
const MAX_RETRIES: Key = key("max_retries", "max_retries = 5", "how often a request is tried again");
const CONNECT_TIMEOUT: Key =
    key("connect_timeout", "connect_timeout = \"PT10S\"", "the longest that a connection may take");
const READ_TIMEOUT: Key = key("read_timeout", "read_timeout = \"PT2M\"", "the longest that an answer may be silent");
const REQUEST_TIMEOUT: Key =
    key("request_timeout", "request_timeout = \"PT30M\"", "the longest that all of an answer may take");
const TCP_KEEPALIVE: Key =
    key("tcp_keepalive", "tcp_keepalive = true", "whether idle connections are asked whether they are still there");
const ALLOW_HOSTS: Key =
    key("allow_hosts", "allow_hosts = [\"files.example.com\"]", "further hosts that may receive the credentials");

/// `#[stream(…)]`.
pub(crate) const STREAM: Vocabulary = Vocabulary {
    attribute: "stream",
    keys: &[
        key("source", "source = MySource", "the source that the stream belongs to"),
        key("name", "name = \"issues\"", "the stream's name in the catalog, in place of the struct's in snake_case"),
        key("namespace", "namespace = \"public\"", "the stream's namespace in the catalog"),
        BASE_URL,
        key("path", "path = \"/issues\"", "the path below the base URL"),
        key("method", "method = POST", "the HTTP method, `GET` unless it is set"),
        QUERY,
        HEADERS,
        key("body", "body = { status = \"open\" }", "what a request carries"),
        key("form", "form = { status = \"open\" }", "the form body"),
        key("records", "records = \"data.items\"", "where a page holds its records"),
        key("decoder", "decoder = gzip(csv())", "what the body of an answer is, where it is not JSON"),
        key(
            "job",
            "job = async_job(create = post(\"/exports\"), poll = get(\"/exports/{job.id}\"))",
            "the job that makes the records ready",
        ),
        key(
            "files",
            "files = download(get(\"{record.content_url}\"), name = \"{record.id}.pdf\")",
            "the file that comes along with each record",
        ),
        key("expand", "expand = items(\"lines\")", "the list in a record whose items are the stream's records"),
        key("properties", "properties = columns(param = \"fields\")", "the properties that requests ask for by name"),
        AUTH,
        key("paginator", "paginator = page_increment(page_size = 100)", "how the next page is asked for"),
        key(
            "page_size_reduction",
            "page_size_reduction = divide_by(2)",
            "how pages become smaller where an answer asks for it",
        ),
        key(
            "pagination_reset",
            "pagination_reset = split_using_cursor(number_of_records = 10_000)",
            "when the pages begin anew, and where",
        ),
        key(
            "cursor",
            "cursor = datetime(updated_at)",
            "the field that orders records, and how a range of it is asked for",
        ),
        key(
            "request_window_splitting",
            "request_window_splitting = halves(min_split_window = \"PT1H\")",
            "how windows become shorter where an answer asks for it",
        ),
        key("primary_key", "primary_key = id", "the fields that identify a record"),
        key("partition", "partition = list(region = [\"eu\", \"us\"])", "the parts that the stream is read in"),
        key("parent", "parent = Project", "the stream whose records are this stream's partitions"),
        ERROR_HANDLER,
        BACKOFF,
        MAX_RETRIES,
        CONNECT_TIMEOUT,
        READ_TIMEOUT,
        REQUEST_TIMEOUT,
        TCP_KEEPALIVE,
        key(
            "failure_tolerance",
            "failure_tolerance = percent(5)",
            "how many partitions may fail before the stream does",
        ),
        key("schema", "schema = endpoint(\"/fields\", name = \"key\")", "columns that only the API knows"),
        key("undeclared", "undeclared = drop", "what becomes of fields that the struct does not declare"),
        key("group", "group = \"exports\"", "streams of the same group are not read at the same time"),
        key("after", "after = Project", "the streams that have to be complete before this one begins"),
        key("filter", "filter = is_open", "which records are kept"),
        key("transform", "transform = shorten", "what is changed in a record"),
        key("migrate_state", "migrate_state = from_v1", "the function that brings an older state up to date"),
        key("when", "when = has_beta", "whether the stream is there, by the configuration"),
        key("full_refresh", "full_refresh = AllIssues", "the stream that says how the first sync is read"),
        key("read", "read = read_rows", "the function that reads a stream that is not HTTP"),
        ALLOW_HOSTS,
        CRATE,
    ],
};

/// `#[source(…)]`.
pub(crate) const SOURCE: Vocabulary = Vocabulary {
    attribute: "source",
    keys: &[
        key("name", "name = \"source-github\"", "the connector's name, in place of the struct's in kebab-case"),
        key("title", "title = \"GitHub\"", "the connector's name for people"),
        key(
            "documentation_url",
            "documentation_url = \"https://docs.example.com\"",
            "where a user reads how to set it up",
        ),
        BASE_URL,
        AUTH,
        key(
            "advanced_auth",
            "advanced_auth = oauth2(consent_url = \"…\", access_token_url = \"…\")",
            "how the platform lets a user log in",
        ),
        QUERY,
        HEADERS,
        ERROR_HANDLER,
        BACKOFF,
        MAX_RETRIES,
        CONNECT_TIMEOUT,
        READ_TIMEOUT,
        REQUEST_TIMEOUT,
        TCP_KEEPALIVE,
        key("streams", "streams = [Issue, Comment]", "the streams, in catalog order"),
        key("manifest", "manifest = \"manifest.yaml\"", "the file with further streams"),
        key("registry", "registry = registry()", "the Rust classes that the manifest names"),
        key(
            "migrate_config",
            "migrate_config = rename(\"apiKey\", config.token)",
            "what brings a configuration of an older version up to date",
        ),
        key("transform_config", "transform_config = with(tidy)", "what changes the configuration for the run"),
        key("validate", "validate = is_in_order", "what has to be true of the configuration as a whole"),
        key("check", "check = Issue", "the streams whose first record `check` asks for"),
        key(
            "budget",
            "budget = [requests => fixed_window(call_limit = 100, period = \"PT1M\")]",
            "how often the API may be asked, by all streams together",
        ),
        key("concurrency", "concurrency = 10", "the most requests in flight at one time; found out if it is not set"),
        key("groups", "groups = { auth = \"Authentication\" }", "the titles of the groups of config fields"),
        ALLOW_HOSTS,
        CRATE,
    ],
};

/// `#[config(…)]` on a type.
pub(crate) const CONFIG: Vocabulary = Vocabulary {
    attribute: "config",
    keys: &[key("tag", "tag = \"auth_type\"", "the property that says which variant was chosen"), CRATE],
};

/// What the value of a key in a field's `#[config(…)]` is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// The key stands alone.
    Flag,
    /// A text in quotes, or a constant.
    Text,
    /// A whole number, or a constant.
    Integer,
    /// A literal of the field's type.
    Value,
}

/// `#[config(…)]` on a field: each key, what its value is, and an example.
pub(crate) const CONFIG_FIELD: &[(&str, ValueKind, &str)] = &[
    ("secret", ValueKind::Flag, "secret"),
    ("default", ValueKind::Value, "default = \"eu\""),
    ("example", ValueKind::Value, "example = \"eu\""),
    ("examples", ValueKind::Value, "examples = [\"eu\", \"us\"]"),
    ("title", ValueKind::Text, "title = \"API Key\""),
    ("rename", ValueKind::Text, "rename = \"apiKey\""),
    ("pattern", ValueKind::Text, "pattern = \"^[a-z]+$\""),
    ("pattern_descriptor", ValueKind::Text, "pattern_descriptor = \"YYYY-MM-DD\""),
    ("format", ValueKind::Text, "format = \"date\""),
    ("minimum", ValueKind::Integer, "minimum = 1"),
    ("maximum", ValueKind::Integer, "maximum = 100"),
    ("min_length", ValueKind::Integer, "min_length = 1"),
    ("max_length", ValueKind::Integer, "max_length = 100"),
    ("group", ValueKind::Text, "group = \"auth\""),
    ("order", ValueKind::Integer, "order = 1"),
    ("display_type", ValueKind::Text, "display_type = \"radio\""),
    ("hidden", ValueKind::Flag, "hidden"),
    ("multiline", ValueKind::Flag, "multiline"),
    ("always_show", ValueKind::Flag, "always_show"),
];

/// `#[record(…)]`.
pub(crate) const RECORD: Vocabulary = Vocabulary { attribute: "record", keys: &[CRATE] };

/// All attributes, in the order in which a misplaced key is looked for.
pub(crate) const ALL: &[Vocabulary] = &[STREAM, SOURCE, CONFIG, RECORD];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_form_is_of_its_key() {
        for key in ALL.iter().flat_map(|vocabulary| vocabulary.keys) {
            assert!(key.form.starts_with(&format!("{} = ", key.name)), "{}", key.form);
            assert!(!key.meaning.is_empty() && !key.meaning.ends_with('.'), "{}", key.name);
        }
    }
}
