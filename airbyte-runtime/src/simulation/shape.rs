//! A connector by chance: streams with every way to page, to go on and to divide, as a manifest.

use serde_json::{Value, json};

use super::dice::Dice;

/// Where the API is; the only host that may see credentials, but for [`LOGIN`].
pub(super) const API: &str = "api.example";
pub(super) const LOGIN: &str = "login.example";
/// A host of somebody else, to which links and redirects lead.
pub(super) const FOREIGN: &str = "files.elsewhere.example";
pub(super) const KEY: &str = "key-4f9a17c2e8";
pub(super) const CLIENT_SECRET: &str = "client-71d3b0a95e";
pub(super) const REFRESH_TOKEN: &str = "refresh-0c8e64fb12";

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Paging {
    Single,
    Page,
    Offset,
    Token,
    /// The next page is a URL.
    Link,
    /// The same, and the URL leads to another host.
    LinkElsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Format {
    Seconds,
    Days,
    Epoch,
}

#[derive(Clone, Debug)]
pub(super) struct CursorShape {
    pub(super) format: Format,
    /// How long a window is; all of it is one without.
    step: Option<&'static str>,
    lookback: bool,
    /// Whether all partitions share one value.
    global: bool,
    /// Whether the range ends at a fixed instant, not now.
    pub(super) has_end: bool,
}

#[derive(Clone, Debug)]
pub(super) struct StreamShape {
    pub(super) name: String,
    pub(super) paging: Paging,
    pub(super) page: usize,
    pub(super) cursor: Option<CursorShape>,
    /// Values that divide it.
    pub(super) list: usize,
    /// The stream whose records divide it.
    pub(super) parent: Option<usize>,
    /// Whether it goes on with the parent's own state.
    pub(super) incremental: bool,
    pub(super) selected: bool,
    /// Bytes that each record carries along.
    pub(super) load: usize,
    /// Whether its records are parsed one by one, for a transformation.
    transformed: bool,
    /// Whether the records are all of the body.
    pub(super) bare: bool,
    /// Where its records come from.
    pub(super) source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Source {
    /// Pages of records.
    Pages,
    /// Pages of lists, of which some have to be fetched.
    Lists,
    /// What jobs make ready.
    Jobs,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Auth {
    None,
    Bearer,
    Header,
    Login,
    /// The same with refresh tokens that can be used once.
    SingleUse,
    /// A login that is a request like those of the streams, for a session of so many seconds.
    Session(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) streams: Vec<StreamShape>,
    pub(super) auth: Auth,
    pub(super) gzip: bool,
    concurrency: usize,
    budget: Option<(usize, usize)>,
    grouped: bool,
    retries: Option<usize>,
    backoff: Option<Value>,
    /// Whether a token that is refused is replaced.
    refreshes: bool,
}

impl Shape {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let long = dice.happens(6);
        let mut streams: Vec<StreamShape> = Vec::new();
        for number in 0..dice.from(1, 4) {
            let parent = (number > 0 && dice.happens(40)).then(|| dice.below(number));
            let stream = StreamShape::new(dice, number, parent, long, &streams);
            streams.push(stream);
        }
        if streams.iter().all(|stream| !stream.selected) {
            streams.iter_mut().for_each(|stream| stream.selected = true);
        }
        let auth = dice.of(&[Auth::None, Auth::Bearer, Auth::Header, Auth::Login, Auth::Login]);
        Self {
            streams,
            auth,
            refreshes: auth == Auth::Login && dice.happens(60),
            gzip: dice.happens(40),
            concurrency: dice.of(&[1, 1, 2, 3, 8, 20]),
            budget: dice.happens(25).then(|| (dice.from(1, 20), dice.from(1, 60))),
            grouped: dice.happens(20),
            retries: dice.happens(30).then(|| dice.from(0, 8)),
            backoff: dice
                .happens(50)
                .then(|| {
                    dice.of(&[
                        r#"{"type": "WaitTimeFromHeader", "header": "Retry-After"}"#,
                        r#"{"type": "WaitUntilTimeFromHeader", "header": "X-Reset", "min_wait": 2}"#,
                        r#"{"type": "ExponentialBackoffStrategy", "factor": 3}"#,
                        r#"{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 7}"#,
                    ])
                })
                .map(|text| serde_json::from_str(text).expect("JSON")),
        }
    }

    /// Adds what waits for requests of its own while others wait for it. Some seeds only have it, so that the others
    /// play as they did before there was any of it.
    pub(super) fn entangle(&mut self, dice: &mut Dice) {
        let (sessions, lists, jobs) = dice.of(&[
            (true, false, false),
            (false, true, false),
            (false, false, true),
            (false, false, true),
            (true, true, true),
        ]);
        if jobs {
            self.make_jobs(dice);
        }
        if lists {
            for stream in &mut self.streams {
                let can = !matches!(stream.paging, Paging::Page | Paging::Offset) && stream.source == Source::Pages;
                if can && dice.happens(80) {
                    stream.source = Source::Lists;
                }
            }
        }
        if sessions {
            self.auth = Auth::Session(dice.of(&[2, 3, 10, 600]));
            self.refreshes = dice.happens(60);
        }
        if sessions || lists {
            self.budget = dice.happens(85).then(|| (dice.from(1, 6), dice.from(1, 20)));
            self.concurrency = dice.of(&[1, 2, 2, 3, 8]);
        }
    }

    /// Lets jobs make the first stream's records, for children if there are others.
    fn make_jobs(&mut self, dice: &mut Dice) {
        let [first, others @ ..] = self.streams.as_mut_slice() else { return };
        (first.source, first.paging, first.bare, first.cursor) = (Source::Jobs, Paging::Single, false, None);
        first.list = dice.from(4, 14);
        for (number, child) in others.iter_mut().enumerate() {
            if child.parent.is_none() && (number == 0 || dice.happens(30)) {
                child.parent = Some(0);
            }
            child.incremental &= child.parent != Some(0);
            if child.parent.is_some() {
                // So many parents have children enough, and these have theirs.
                child.list = 0;
                child.cursor = child.cursor.take().map(|cursor| CursorShape { step: None, ..cursor });
            }
        }
        self.concurrency = dice.of(&[1, 1, 1, 2, 8]);
    }

    /// Three streams with all that waits for something: many slices that have a child, the child, and as many others.
    pub(super) fn knot(source: Source, auth: Auth, budget: Option<(usize, usize)>, concurrency: usize) -> Self {
        let many = |name, source| StreamShape { list: 14, source, ..StreamShape::of_one_page(name) };
        let child = StreamShape { parent: Some(0), ..StreamShape::of_one_page("child") };
        let streams = vec![many("parent", source), child, many("other", Source::Pages)];
        Self { streams, auth, budget, concurrency, retries: None, backoff: None, ..Self::quiet() }
    }

    /// Three streams of many slices, which fail with the first error of the API and then drop what is on its way.
    pub(super) fn renewing(concurrency: usize) -> Self {
        let many = |name| StreamShape { list: 14, ..StreamShape::of_one_page(name) };
        let streams = ["first", "second", "third"].map(many).to_vec();
        let (auth, retries) = (Auth::SingleUse, Some(0));
        Self { streams, auth, refreshes: true, concurrency, retries, backoff: None, ..Self::quiet() }
    }

    /// One stream of one page, which is tried again when the API says.
    pub(super) fn quiet() -> Self {
        Self {
            streams: vec![StreamShape::of_one_page("quiet")],
            auth: Auth::None,
            refreshes: false,
            gzip: false,
            concurrency: 1,
            budget: None,
            grouped: false,
            retries: Some(1000),
            backoff: Some(json!({"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 2500})),
        }
    }

    /// The connector, for Airbyte's low-code runtime.
    pub(super) fn manifest(&self) -> Value {
        let definitions: Vec<Value> = (0..self.streams.len()).map(|number| self.stream(number)).collect();
        let mut manifest = json!({
            "version": "7.0.0",
            "type": "DeclarativeSource",
            "check": {"type": "CheckStream", "stream_names": [self.streams[0].name]},
            "spec": {"type": "Spec", "connection_specification": {
                "type": "object",
                "properties": {
                    "key": {"type": "string", "airbyte_secret": true},
                    "client_secret": {"type": "string", "airbyte_secret": true},
                    "refresh_token": {"type": "string", "airbyte_secret": true},
                },
            }},
            "concurrency_level": {
                "type": "ConcurrencyLevel",
                "default_concurrency": self.concurrency,
                "max_concurrency": self.concurrency,
            },
            "streams": definitions,
        });
        if let Some((calls, seconds)) = self.budget {
            let rates = json!([{"limit": calls, "interval": format!("PT{seconds}S")}]);
            manifest["api_budget"] = json!({"type": "HTTPAPIBudget", "policies": [
                {"type": "MovingWindowCallRatePolicy", "rates": rates, "matchers": []},
            ]});
        }
        let alone: Vec<Value> = (0..self.streams.len())
            .filter(|number| self.streams[*number].parent.is_none() && !self.is_parent(*number))
            .map(|number| json!({"$ref": format!("#/streams/{number}")}))
            .collect();
        if self.grouped && alone.len() > 1 {
            manifest["stream_groups"] = json!({"one": {
                "streams": alone,
                "action": {"type": "BlockSimultaneousSyncsAction"},
            }});
        }
        manifest
    }

    fn is_parent(&self, number: usize) -> bool {
        self.streams.iter().any(|stream| stream.parent == Some(number))
    }

    pub(super) fn config() -> Value {
        json!({"key": KEY, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN})
    }

    pub(super) fn catalog(&self) -> Value {
        let streams = self.streams.iter().filter(|stream| stream.selected).map(|stream| {
            let mode = if stream.cursor.is_some() { "incremental" } else { "full_refresh" };
            json!({
                "stream": {"name": stream.name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
                "sync_mode": mode,
                "destination_sync_mode": "append",
            })
        });
        json!({"streams": streams.collect::<Vec<_>>()})
    }

    fn stream(&self, number: usize) -> Value {
        let stream = &self.streams[number];
        let path = match stream.parent {
            Some(_) => format!("{}/{{{{ stream_partition.parent }}}}", stream.name),
            None => stream.name.clone(),
        };
        let extractor =
            json!({"type": "DpathExtractor", "field_path": if stream.bare { json!([]) } else { json!(["data"]) }});
        let selector = |extractor: Value| json!({"type": "RecordSelector", "extractor": extractor});
        let mut retriever = match stream.source {
            Source::Pages => json!({
                "type": "SimpleRetriever",
                "requester": self.requester("GET", &path),
                "record_selector": selector(extractor),
            }),
            Source::Lists => {
                let mut extractor = extractor;
                let rest = format!("lines/{}/{{{{ stream_slice['parent_record']['ids'] }}}}", stream.name);
                extractor["record_expander"] = json!({
                    "type": "RecordExpander",
                    "expand_records_from_field": ["lines", "data"],
                    "truncation_indicator_path": ["lines", "has_more"],
                    "truncated_list_retriever": {
                        "type": "SimpleRetriever",
                        "requester": self.requester("GET", &rest),
                        "record_selector": selector(json!({"type": "DpathExtractor", "field_path": ["data"]})),
                    },
                });
                json!({
                    "type": "SimpleRetriever",
                    "requester": self.requester("GET", &path),
                    "record_selector": selector(extractor),
                })
            }
            Source::Jobs => {
                let mut creation = self.requester("POST", &format!("jobs/{path}"));
                creation["request_parameters"] = json!({"part": "{{ stream_slice['part'] }}"});
                let name = "{{ creation_response['job'] }}";
                json!({
                    "type": "AsyncRetriever",
                    "record_selector": selector(json!({"type": "DpathExtractor", "field_path": []})),
                    "status_mapping": {
                        "type": "AsyncJobStatusMap",
                        "running": ["RUNNING"], "completed": ["DONE"], "failed": ["FAILED"], "timeout": ["LATE"],
                    },
                    "status_extractor": {"type": "DpathExtractor", "field_path": ["status"]},
                    "download_extractor": {"type": "DpathExtractor", "field_path": ["data"]},
                    "creation_requester": creation,
                    "polling_requester": self.requester("GET", &format!("polls/{name}")),
                    "download_requester": self.requester("GET", &format!("rows/{name}")),
                })
            }
        };
        if let Some(paginator) = stream.paginator() {
            retriever["paginator"] = paginator;
        }
        let routers = self.routers(stream);
        if !routers.is_empty() {
            retriever["partition_router"] = json!(routers);
        }
        let mut definition = json!({
            "type": "DeclarativeStream",
            "name": stream.name,
            "primary_key": "id",
            "retriever": retriever,
            "schema_loader": {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {
                "id": {"type": "integer"}, "updated": {"type": ["string", "integer"]}, "load": {"type": "string"},
            }}},
        });
        if stream.transformed {
            definition["transformations"] = json!([{"type": "RemoveFields", "field_pointers": [["nothing"]]}]);
        }
        if let Some(cursor) = &stream.cursor {
            definition["incremental_sync"] = cursor.component();
        }
        definition
    }

    fn requester(&self, method: &str, path: &str) -> Value {
        let url_base = format!("https://{API}/v1");
        let mut requester = json!({"type": "HttpRequester", "url_base": url_base, "http_method": method, "path": path});
        if let Some(authenticator) = self.authenticator() {
            requester["authenticator"] = authenticator;
        }
        if self.retries.is_some() || self.backoff.is_some() || self.refreshes {
            let mut handler = json!({"type": "DefaultErrorHandler"});
            if let Some(retries) = self.retries {
                handler["max_retries"] = json!(retries);
            }
            if let Some(backoff) = &self.backoff {
                handler["backoff_strategies"] = json!([backoff]);
            }
            if self.refreshes {
                handler["response_filters"] = json!([
                    {"type": "HttpResponseFilter", "http_codes": [401], "action": "REFRESH_TOKEN_THEN_RETRY"},
                ]);
            }
            requester["error_handler"] = handler;
        }
        requester
    }

    fn authenticator(&self) -> Option<Value> {
        Some(match self.auth {
            Auth::None => return None,
            Auth::Bearer => json!({"type": "BearerAuthenticator", "api_token": "{{ config['key'] }}"}),
            Auth::Header => json!({
                "type": "ApiKeyAuthenticator",
                "api_token": "{{ config['key'] }}",
                "inject_into": {"type": "RequestOption", "inject_into": "header", "field_name": "X-Key"},
            }),
            Auth::Login => oauth(),
            Auth::SingleUse => {
                let mut oauth = oauth();
                oauth["refresh_token_updater"] = json!({
                    "refresh_token_config_path": ["refresh_token"],
                    "access_token_config_path": ["access_token"],
                    "token_expiry_date_config_path": ["token_expiry_date"],
                });
                oauth
            }
            Auth::Session(seconds) => json!({
                "type": "SessionTokenAuthenticator",
                "login_requester": {
                    "type": "HttpRequester",
                    "url_base": format!("https://{LOGIN}"),
                    "path": "session",
                    "http_method": "POST",
                    "request_body_json": {"secret": "{{ config['client_secret'] }}"},
                },
                "session_token_path": ["token"],
                "expiration_duration": format!("PT{seconds}S"),
                "request_authentication": {"type": "Bearer"},
            }),
        })
    }

    fn routers(&self, stream: &StreamShape) -> Vec<Value> {
        let mut routers = Vec::new();
        if stream.list > 0 {
            let values: Vec<String> = (0..stream.list).map(|part| format!("p{part}")).collect();
            let mut router = json!({"type": "ListPartitionRouter", "values": values, "cursor_field": "part"});
            if stream.source != Source::Jobs {
                router["request_option"] =
                    json!({"type": "RequestOption", "inject_into": "request_parameter", "field_name": "part"});
            }
            routers.push(router);
        }
        if let Some(parent) = stream.parent {
            routers.push(json!({
                "type": "SubstreamPartitionRouter",
                "parent_stream_configs": [{
                    "type": "ParentStreamConfig",
                    "stream": self.stream(parent),
                    "parent_key": "id",
                    "partition_field": "parent",
                    "incremental_dependency": stream.incremental,
                }],
            }));
        }
        routers
    }
}

impl StreamShape {
    fn of_one_page(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            paging: Paging::Single,
            page: 1,
            cursor: None,
            list: 0,
            parent: None,
            incremental: false,
            selected: true,
            load: 0,
            transformed: false,
            bare: false,
            source: Source::Pages,
        }
    }

    fn new(dice: &mut Dice, number: usize, parent: Option<usize>, long: bool, others: &[Self]) -> Self {
        let paging = dice.of(&[
            Paging::Single,
            Paging::Page,
            Paging::Offset,
            Paging::Token,
            Paging::Link,
            Paging::LinkElsewhere,
        ]);
        let cursor = dice.happens(60).then(|| CursorShape {
            format: dice.of(&[Format::Seconds, Format::Days, Format::Epoch]),
            step: dice.happens(60).then(|| dice.of(&["P3D", "P10D", "P1M"])),
            lookback: dice.happens(20),
            global: dice.happens(20),
            has_end: dice.happens(30),
        });
        let load = if long { dice.of(&[100_000, 300_000]) } else { dice.of(&[0, 5, 300, 9000]) };
        let keeps_state = parent.and_then(|parent| others.get(parent)).is_some_and(|parent| parent.cursor.is_some());
        Self {
            name: format!("stream{number}"),
            paging,
            page: if long { dice.from(8, 15) } else { dice.from(1, 7) },
            incremental: cursor.is_some() && keeps_state && dice.happens(50),
            cursor,
            list: if dice.happens(25) { dice.from(1, 3) } else { 0 },
            parent,
            selected: dice.happens(80),
            load,
            transformed: dice.happens(30),
            bare: matches!(paging, Paging::Single | Paging::Page | Paging::Offset) && dice.happens(30),
            source: Source::Pages,
        }
    }

    fn paginator(&self) -> Option<Value> {
        let option =
            |name: &str| json!({"type": "RequestOption", "inject_into": "request_parameter", "field_name": name});
        let (strategy, token, size) = match self.paging {
            Paging::Single => return None,
            Paging::Page => {
                (json!({"type": "PageIncrement", "page_size": self.page}), option("page"), Some(option("limit")))
            }
            Paging::Offset => {
                (json!({"type": "OffsetIncrement", "page_size": self.page}), option("offset"), Some(option("limit")))
            }
            Paging::Token => {
                let strategy = json!({"type": "CursorPagination", "cursor_value": "{{ response.next }}",
                    "stop_condition": "{{ not response.next }}"});
                (strategy, option("token"), None)
            }
            Paging::Link | Paging::LinkElsewhere => {
                let strategy = json!({"type": "CursorPagination", "cursor_value": "{{ response.next }}",
                    "stop_condition": "{{ not response.next }}"});
                (strategy, json!({"type": "RequestPath"}), None)
            }
        };
        let mut paginator =
            json!({"type": "DefaultPaginator", "pagination_strategy": strategy, "page_token_option": token});
        if let Some(size) = size {
            paginator["page_size_option"] = size;
        }
        Some(paginator)
    }
}

impl CursorShape {
    fn component(&self) -> Value {
        let option =
            |name: &str| json!({"type": "RequestOption", "inject_into": "request_parameter", "field_name": name});
        let (format, granularity, start, end) = match self.format {
            Format::Seconds => ("%Y-%m-%dT%H:%M:%SZ", "PT1S", "2024-01-01T00:00:00Z", "2024-12-31T00:00:00Z"),
            Format::Days => ("%Y-%m-%d", "P1D", "2024-01-01", "2024-12-31"),
            Format::Epoch => ("%s", "PT1S", "1704067200", "1735603200"),
        };
        let mut cursor = json!({
            "type": "DatetimeBasedCursor",
            "cursor_field": "updated",
            "datetime_format": format,
            "start_datetime": start,
            "start_time_option": option("from"),
            "end_time_option": option("to"),
        });
        if self.has_end {
            cursor["end_datetime"] = json!(end);
        }
        if let Some(step) = self.step {
            cursor["step"] = json!(step);
            cursor["cursor_granularity"] = json!(granularity);
        }
        if self.global {
            cursor["global_substream_cursor"] = json!(true);
        }
        if self.lookback {
            cursor["lookback_window"] = json!("P1D");
        }
        cursor
    }
}

fn oauth() -> Value {
    json!({
        "type": "OAuthAuthenticator",
        "token_refresh_endpoint": format!("https://{LOGIN}/token"),
        "client_id": "the-client",
        "client_secret": "{{ config['client_secret'] }}",
        "refresh_token": "{{ config['refresh_token'] }}",
    })
}
