//! Which streams there are, what they are called, and in which of two ways they are read: by the configuration, by
//! what the API has, by the state.

use airbyte_runtime::Connector;
use airbyte_runtime::plan::Map;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::{Reading, read, state_of};

/// Tables that the user, the code or the API names.
#[source(
    base_url = "{config.base_url}", concurrency = 2, max_retries = 0,
    streams = [Table, Row, Sheet, Cell, Plan, Note, Change, Beta, Below, Labelled, Late, Report],
    check = [Beta, Sheet],
)]
struct Warehouse {
    /// Where the API is.
    base_url: String,
    /// The sheets to sync.
    sheets: Vec<String>,
    /// What the names of some streams begin with.
    prefix: String,
    /// Whether the account has the new endpoints.
    beta: bool,
    /// The reports to sync.
    #[config(default = [])]
    reports: Vec<Ordered>,
}

/// A report that the user has ordered.
#[config]
struct Ordered {
    /// What the stream is called.
    title: String,
    /// The number of the report.
    #[config(rename = "report_id")]
    id: u64,
}

/// The tables that the API has.
#[stream(source = Warehouse, path = "/tables", primary_key = id, paginator = page_increment(page_size = 2))]
struct Table {
    id: u64,
    name: String,
    path: String,
}

/// A stream for each table, read at the path that the API names.
#[stream(
    source = Warehouse, name = "{parent.name}", path = "/{parent.path}", primary_key = id,
    parent = Table(id as table, extra_fields = [name, path]),
    cursor = datetime(at, start = "2024-01-01", end = "2024-01-31", start_param = "since"),
)]
struct Row {
    id: u64,
    at: Date,
}

/// A stream for each sheet of the configuration, in two regions.
#[stream(
    source = Warehouse, name = "{config.prefix}_{partition.sheet}", path = "/sheets/{partition.region}/{partition.sheet}",
    primary_key = id, partition = [list(sheet = config.sheets), list(region = ["eu", "us"])],
)]
struct Sheet {
    id: String,
}

/// The children of all sheets.
#[stream(source = Warehouse, path = "/cells/{parent.id}", primary_key = id, parent = Sheet(id as sheet))]
struct Cell {
    id: String,
}

/// A stream for each of what stands in the code.
#[stream(
    source = Warehouse, name = "plan_{partition.kind}", namespace = "plans", path = "/plans/{partition.kind}",
    primary_key = id, partition = list(kind = ["basic", "pro"]),
)]
struct Plan {
    id: String,
}

/// What changed, for as long as the API knows; before that, all notes.
#[stream(
    source = Warehouse, name = "notes", path = "/notes/changes", primary_key = id,
    cursor = datetime(at, start = "2024-01-01", start_param = "since"),
    full_refresh = Note(api_retention_period = "P30D"),
)]
struct Change {
    id: u64,
    at: Date,
}

/// All notes.
#[stream(
    source = Warehouse, name = "all_notes", path = "/notes", records = "notes", primary_key = id,
    cursor = datetime(at, start = "2024-01-01"),
)]
struct Note {
    id: u64,
    at: Date,
}

/// There for some accounts only.
#[stream(source = Warehouse, path = "/beta", primary_key = id, when = |warehouse| warehouse.beta)]
struct Beta {
    id: u64,
}

/// The child of a stream that may not be there.
#[stream(source = Warehouse, path = "/below/{parent.id}", primary_key = id, parent = Beta(id as beta))]
struct Below {
    id: u64,
}

/// One stream, whose name the user decides.
#[stream(source = Warehouse, name = "{config.prefix}", path = "/labelled", primary_key = id)]
struct Labelled {
    id: u64,
}

/// A stream for each report of the configuration, which has several values for each.
#[stream(
    source = Warehouse, name = "{partition.report.title}", path = "/reports/{partition.report.report_id}", primary_key = id,
    partition = list(report = config.reports),
)]
struct Report {
    id: String,
}

/// Read when all plans are.
#[stream(source = Warehouse, path = "/late", primary_key = id, after = Plan)]
struct Late {
    id: u64,
}

fn warehouse() -> Api {
    Api::answering(|request: &Request| {
        let tables = [
            json!({"id": 1, "name": "orders", "path": "v2/orders"}),
            json!({"id": 2, "name": "users", "path": "people"}),
            json!({"id": 3, "name": "visits", "path": "visits"}),
        ];
        let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        let body = match segments[..] {
            ["tables"] => {
                let page: usize = request.query_param("page").map_or(1, |page| page.parse().expect("a page"));
                tables.iter().skip((page - 1) * 2).take(2).cloned().collect()
            }
            ["v2", "orders"] => json!([{"id": 10, "at": "2024-01-10"}]),
            ["people"] => json!([{"id": 20, "at": "2024-01-20"}]),
            ["visits"] => json!([]),
            ["sheets", region, sheet] => json!([{"id": format!("{sheet}-{region}")}]),
            ["cells", id] => json!([{"id": format!("cell of {id}")}]),
            ["plans", kind] => json!([{"id": kind}]),
            ["reports", number] => json!([{"id": format!("report {number}")}]),
            ["notes"] => json!({"notes": [{"id": 1, "at": "2024-02-01"}, {"id": 2, "at": "2024-02-02"}]}),
            ["notes", "changes"] => json!([{"id": 2, "at": "2024-02-02"}, {"id": 3, "at": "2024-02-03"}]),
            ["beta"] => json!([{"id": 5}]),
            ["below", id] => json!([{"id": id.parse::<u64>().expect("a number") + 1}]),
            _ => json!([{"id": 7}]),
        };
        Response::json(200, &body)
    })
}

fn config(api: &Api, sheets: &[&str], beta: bool) -> Value {
    json!({"base_url": api.url(), "sheets": sheets, "prefix": "my", "beta": beta})
}

fn connector(api: &Api) -> Connector<Warehouse> {
    Connector::new(config(api, &["a", "b"], true))
}

/// The names of the catalog.
fn names(connector: &Connector<Warehouse>) -> Vec<String> {
    let catalog = connector.discover().expect("a catalog");
    let names = catalog.as_array().into_iter().flatten();
    names.map(|stream| stream["name"].as_str().expect("a name").to_owned()).collect()
}

fn texts(reading: &Reading, stream: &str) -> Vec<String> {
    let mut ids: Vec<String> = reading.records(stream).map(|record| record["id"].to_string()).collect();
    ids.sort();
    ids
}

#[test]
fn names_with_placeholders_make_a_stream_of_each_value() {
    let expected = [
        "table",
        "cell",
        "notes",
        "all_notes",
        "beta",
        "below",
        "my",
        "late",
        "orders",
        "users",
        "visits",
        "my_a",
        "my_b",
        "plan_basic",
        "plan_pro",
    ];
    let mut found = names(&connector(&warehouse()));
    let mut expected = expected.map(str::to_owned).to_vec();
    assert_eq!(found.split_off(8), expected.split_off(8), "in the order of the values");
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

/// What the API names: the path is the table's own, and each stream has a state of its own.
#[test]
fn streams_of_a_request_are_read_each_with_its_own_state() {
    let api = warehouse();
    let first = read(&connector(&api), &["orders", "users", "visits"]);
    assert!(first.error.is_none(), "{:?}", first.error);
    assert_eq!((texts(&first, "orders"), texts(&first, "users")), (vec!["10".to_owned()], vec!["20".to_owned()]));
    assert_eq!(first.ids("visits"), [0_u64; 0]);
    let api = warehouse();
    let state = state_of("orders", first.last_state("orders").expect("a state"));
    let second = read(&connector(&api).with_state(state), &["orders", "users"]);
    assert!(second.error.is_none(), "{:?}", second.error);
    let since = |path: &str| {
        let requests = api.requests();
        let request = requests.iter().find(|request| request.path == path).expect("a request");
        request.query_param("since").expect("a parameter").to_owned()
    };
    assert_eq!([since("/v2/orders"), since("/people")], ["2024-01-10", "2024-01-01"]);
}

/// What the configuration names; the other partitions stay partitions, and the children are those of all streams.
#[test]
fn streams_of_the_configuration_keep_their_other_partitions() {
    let api = warehouse();
    let reading = read(&connector(&api), &["my_a", "cell"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(texts(&reading, "my_a"), ["\"a-eu\"", "\"a-us\""]);
    assert_eq!(reading.records("cell").count(), 4);
}

#[test]
fn an_entry_of_the_configuration_may_have_several_values() {
    let api = warehouse();
    let mut config = config(&api, &[], false);
    config["reports"] = json!([{"title": "sales", "report_id": 7}, {"title": "stock", "report_id": 8}]);
    let reading = read(&Connector::<Warehouse>::new(config), &["sales", "stock"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(
        (texts(&reading, "sales"), texts(&reading, "stock")),
        (vec!["\"report 7\"".to_owned()], vec!["\"report 8\"".to_owned()])
    );
}

/// What the code names; what comes after the stream comes after each of them.
#[test]
fn streams_of_the_code_come_before_what_is_after_them() {
    let api = warehouse();
    let plan = |name: &str| json!({"stream": {"name": name, "namespace": "plans", "json_schema": {}}, "sync_mode": "full_refresh"});
    let late = json!({"stream": {"name": "late", "json_schema": {}}, "sync_mode": "full_refresh"});
    let catalog = json!({"streams": [late, plan("plan_basic"), plan("plan_pro")]});
    let reading = super::reading::read_catalog(&connector(&api), catalog);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    let paths: Vec<String> =
        api.requests().into_iter().map(|request| request.path).filter(|path| path != "/tables").collect();
    assert_eq!(paths.last().map(String::as_str), Some("/late"), "{paths:?}");
    assert_eq!(paths.len(), 3, "{paths:?}");
}

#[test]
fn two_values_of_one_name_are_a_mistake_of_the_configuration() {
    let api = warehouse();
    let taken =
        Connector::<Warehouse>::new(json!({"base_url": api.url(), "sheets": [], "prefix": "beta", "beta": true}));
    let message = taken.discover().expect_err("the name is taken").message().to_owned();
    assert!(message.contains("two streams are named `beta`"), "{message}");
}

#[test]
fn a_stream_is_there_if_its_condition_holds() {
    let api = warehouse();
    let without = Connector::<Warehouse>::new(config(&api, &[], false));
    assert!(!names(&without).contains(&"beta".to_owned()));
    assert!(names(&without).contains(&"below".to_owned()), "a child has its parent all the same");
    let reading = read(&without, &["below"]);
    assert_eq!((reading.ids("below"), reading.statuses("beta").len()), (vec![6], 0));
}

/// `check` passes over a stream that is not there, and tries the first of those that a name divides.
#[test]
fn check_tries_what_is_there() {
    for (beta, expected) in [(true, vec!["/beta", "/sheets/eu/a"]), (false, vec!["/sheets/eu/a"])] {
        let api = warehouse();
        let connector = Connector::<Warehouse>::new(config(&api, &["a", "b"], beta));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(connector.check()).expect("the check succeeds");
        let paths: Vec<String> = api.requests().into_iter().map(|request| request.path).collect();
        assert_eq!(paths, expected);
    }
}

/// The first sync reads everything, the next what has changed, and one after a long pause everything again.
#[test]
fn a_first_sync_is_read_in_its_own_way() {
    let paths = |state: Option<Value>| {
        let api = warehouse();
        let connector = match state {
            Some(state) => connector(&api).with_state(state),
            None => connector(&api),
        };
        let reading = read(&connector, &["notes"]);
        assert!(reading.error.is_none(), "{:?}", reading.error);
        let requests = api.requests().into_iter().filter(|request| request.path.starts_with("/notes"));
        (requests.map(|request| request.path).collect::<Vec<_>>(), reading)
    };
    let (first, reading) = paths(None);
    assert_eq!((first, reading.ids("notes")), (vec!["/notes".to_owned()], vec![1, 2]));
    assert_eq!(reading.last_state("notes").map(|state| state["at"].clone()), Some(json!("2024-02-02")));
    let now = Timestamp::now().to_string();
    let (next, reading) = paths(Some(state_of("notes", &json!({"at": &now[..10]}))));
    assert_eq!((next, reading.ids("notes")), (vec!["/notes/changes".to_owned()], vec![2, 3]));
    let (late, reading) = paths(Some(state_of("notes", &json!({"at": "2024-02-02"}))));
    assert_eq!((late, reading.ids("notes")), (vec!["/notes".to_owned()], vec![1, 2]));
}

/// Drawers of notes, each with its own changes.
#[source(base_url = "{config.base_url}", streams = [DrawerNote, DrawerChange])]
struct Archive {
    /// Where the API is.
    base_url: String,
}

#[stream(
    source = Archive, name = "drawers", path = "/changes/{partition.drawer}", primary_key = id,
    partition = list(drawer = ["a", "b"]), cursor = datetime(at, start = "2024-01-01"),
    full_refresh = DrawerNote(api_retention_period = "P30D"),
)]
struct DrawerChange {
    id: u64,
    at: Date,
}

#[stream(
    source = Archive, name = "all_drawers", path = "/all/{partition.drawer}", primary_key = id,
    partition = list(drawer = ["a", "b"]), cursor = datetime(at, start = "2024-01-01"),
)]
struct DrawerNote {
    id: u64,
    at: Date,
}

/// A sync that was never complete leaves a state of partitions only: the newest of them tells how old it is.
#[test]
fn the_age_of_a_state_is_known_before_a_sync_was_complete() {
    let asked = |day: &str| {
        let api = Api::answering(|_| Response::json(200, &json!([])));
        let entry = |drawer: &str, at: &str| json!({"partition": {"drawer": drawer}, "cursor": {"at": at}});
        let state = json!({"use_global_cursor": false, "states": [entry("a", "2024-01-02"), entry("b", day)]});
        let connector = Connector::<Archive>::new(json!({"base_url": api.url()}));
        read(&connector.with_state(state_of("drawers", &state)), &["drawers"]);
        api.requests().into_iter().map(|request| request.path).collect::<Vec<_>>()
    };
    let now = Timestamp::now().to_string();
    assert!(asked(&now[..10]).iter().all(|path| path.starts_with("/changes/")));
    assert!(asked("2024-01-03").iter().all(|path| path.starts_with("/all/")));
}

/// Shelves, behind a login of their own.
#[source(base_url = "{config.base_url}", concurrency = 4, max_retries = 0, streams = [Shelf])]
struct Library {
    /// Where the API is.
    base_url: String,
}

#[stream(
    source = Library, name = "shelf_{partition.shelf}", path = "/shelves/{partition.shelf}", primary_key = id,
    partition = list(shelf = ["a", "b", "c"]),
    auth = session_token(login = post("/login", body = { user = "reader" }), token = "token"),
    schema = endpoint("/fields", name = "name"),
)]
struct Shelf {
    id: u64,
    #[serde(flatten)]
    rest: Map<String, Json>,
}

/// What the streams of one struct ask for besides their records, they ask for once.
#[test]
fn the_streams_of_one_struct_share_their_login_and_their_schema() {
    let api = Api::answering(|request: &Request| {
        let body = match request.path.as_str() {
            "/login" => json!({"token": "t"}),
            "/fields" => json!([{"name": "title"}]),
            _ => json!([{"id": 1, "title": "x"}]),
        };
        Response::json(200, &body)
    });
    let connector = Connector::<Library>::new(json!({"base_url": api.url()}));
    let asked_for = |path: &str| api.requests().iter().filter(|request| request.path == path).count();
    let catalog = connector.discover().expect("a catalog");
    let titles = catalog.as_array().into_iter().flatten().map(|stream| &stream["json_schema"]["properties"]["title"]);
    assert_eq!(titles.filter(|title| title.is_object()).count(), 3, "{catalog}");
    assert_eq!((asked_for("/login"), asked_for("/fields")), (1, 1));
    let reading = read(&connector, &["shelf_a", "shelf_b", "shelf_c"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(asked_for("/login"), 2, "one for each command");
    assert!(asked_for("/fields") <= 2, "one for each command");
}
