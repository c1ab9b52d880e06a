//! What a source does with its configuration before it is used: brought up to date, changed for the run, checked.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod quickstart;

use std::ffi::OsString;

use airbyte_runtime::plan::Map;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Response, Server};
use airbyte_runtime::{Batch, Connector, ErrorKind};
use quickstart::Folder;
use serde_json::json;

/// A tracker whose configuration has changed over the years.
#[source(
    base_url         = "{config.base_url}",
    query            = { key = "{config.project}", region = "{config.region}" },
    migrate_config   = [
        rename("projectKey", config.project),
        rename("options.pages", config.limits.pages),
        remap(config.region, values = { europe = "eu", america = "us" }),
        remove("legacy"),
        with(count_up),
    ],
    transform_config = [with(trim)],
    validate         = in_order,
    streams          = [Task],
)]
struct Tracker {
    /// Where the API is.
    base_url: String,
    /// The key of the project.
    #[config(rename = "project_key")]
    project: String,
    /// Where the project lives.
    #[config(default = "eu")]
    region: String,
    /// From here.
    #[config(default = 1)]
    from: u32,
    /// To here.
    #[config(default = 9)]
    to: u32,
    /// How often this configuration was brought up to date.
    version: Option<u32>,
    /// How much is read.
    limits: Option<Limits>,
}

/// How much is read.
#[config]
struct Limits {
    /// Pages of each stream.
    #[config(rename = "max_pages")]
    pages: u32,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

/// Only where something is old.
fn count_up(config: &mut Map<String, Json>) -> Result<()> {
    match config.get("version") {
        Some(Json::String(_)) => Err(Error::config("`version` was never a text")),
        Some(_) => Ok(()),
        None => {
            config.insert("version".to_owned(), json!(2));
            Ok(())
        }
    }
}

fn trim(config: &mut Map<String, Json>) {
    if let Some(Json::String(project)) = config.get_mut("project_key") {
        *project = project.trim().to_owned();
    }
}

fn in_order(tracker: &Tracker) -> Result<(), String> {
    if tracker.from > tracker.to {
        return Err(format!("`from` is {}, which is after `to`, {}", tracker.from, tracker.to));
    }
    Ok(())
}

fn api() -> Server {
    let server = Server::start(|request| {
        let is_right = request.query_param("key") == Some("K") && request.query_param("region") == Some("eu");
        if is_right { Response::new(200).body(r#"[{"id": 1}]"#) } else { Response::new(403) }
    });
    server.expect("a free port")
}

fn old(url: &str) -> Json {
    json!({
        "base_url": url, "projectKey": " K ", "region": "europe", "legacy": true, "options": {"pages": 3, "other": 1},
    })
}

fn new(url: &str) -> Json {
    json!({
        "base_url": url, "region": "eu", "options": {"other": 1}, "project_key": " K ", "limits": {"max_pages": 3},
        "version": 2,
    })
}

#[test]
fn an_old_configuration_is_brought_up_to_date_in_its_file() {
    let (api, folder) = (api(), Folder::new());
    let path = folder.file("config.json", old(&api.url()));
    for _ in 0..2 {
        let arguments: [OsString; 3] = ["check".into(), "--config".into(), path.clone().into()];
        let code = airbyte_runtime::run_with::<Tracker>(arguments, std::io::sink());
        assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::SUCCESS));
        let stored = std::fs::read_to_string(&path).expect("the file");
        // What is only for the run, the key without its blanks, is not stored.
        assert_eq!(stored, new(&api.url()).to_string());
    }
}

/// Whoever reads the file meanwhile, and whoever finds it after a crash, has one configuration or the other.
#[cfg(unix)]
#[test]
fn a_configuration_is_replaced_as_a_whole() {
    let (api, folder) = (api(), Folder::new());
    let path = folder.file("config.json", old(&api.url()));
    let before = std::fs::File::open(&path).expect("the file");
    let arguments: [OsString; 3] = ["check".into(), "--config".into(), path.clone().into()];
    airbyte_runtime::run_with::<Tracker>(arguments, std::io::sink());
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), new(&api.url()).to_string());
    assert_eq!(std::io::read_to_string(before).expect("the old file"), old(&api.url()).to_string());
}

fn read(config: Json) -> Vec<Json> {
    let connector = Connector::<Tracker>::new(config);
    let stream = json!({"stream": {"name": "task", "json_schema": {}}, "sync_mode": "full_refresh"});
    let mut messages = connector.read(json!({"streams": [stream]}));
    let mut said = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        while let Some(batch) = messages.next().await {
            match batch.expect("the read works") {
                Batch::Records(lines) => said.push(serde_json::from_slice(&lines).expect("one record")),
                Batch::Message(message) => said.push(message),
            }
        }
    });
    said
}

#[test]
fn a_new_configuration_is_said_before_anything_is_read_with_it() {
    let api = api();
    let said = read(old(&api.url()));
    assert_eq!(said[0]["control"]["connectorConfig"]["config"], new(&api.url()));
    assert!(said.iter().any(|message| message["type"] == "RECORD"), "{said:?}");
    let again = read(new(&api.url()));
    assert!(again.iter().all(|message| message["type"] != "CONTROL"), "{again:?}");
}

fn check(config: Json) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(Connector::<Tracker>::new(config).check())
}

#[test]
fn what_is_wrong_with_a_configuration_is_said_in_the_connector_s_words() {
    let url = api().url();
    let mut config = new(&url);
    config["from"] = json!(10);
    let error = check(config).expect_err("from is after to");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Config, "`from` is 10, which is after `to`, 9"));
    let mut config = new(&url);
    config["version"] = json!("2");
    let error = check(config).expect_err("the migration fails");
    assert_eq!(error.message(), "`version` was never a text");
}

#[test]
fn a_field_that_is_set_is_not_overwritten() {
    let api = api();
    let mut config = new(&api.url());
    config["projectKey"] = json!("other");
    check(config).expect("the newer key counts");
}

/// A configuration that cannot be brought up to date.
#[source(
    base_url       = "https://api.example.com",
    auth           = bearer(config.token),
    migrate_config = [with(repeat), rename("apiKey", config.token)],
    streams        = [Never],
)]
struct Careless {
    /// What opens the API.
    token: Option<Secret>,
}

#[stream(source = Careless, path = "/never")]
struct Never {
    id: u64,
}

/// Says what it should not.
fn repeat(config: &mut Map<String, Json>) -> Result<()> {
    Err(Error::config(format!("cannot migrate {} and {}", config["token"], config["apiKey"])))
}

#[test]
fn a_migration_that_fails_tells_no_secret_under_whatever_key() {
    let folder = Folder::new();
    let path = folder.file("config.json", json!({"token": "the-newer-secret", "apiKey": "the-older-secret"}));
    let arguments: [OsString; 3] = ["check".into(), "--config".into(), path.into()];
    let (said, out) = std::io::pipe().expect("a pipe");
    airbyte_runtime::run_with::<Careless>(arguments, out);
    let said = std::io::read_to_string(said).expect("text");
    assert!(said.contains(r#"cannot migrate \"****\" and \"****\""#), "{said}");
}

/// What a user logs in with; the key was a field of its own once.
#[source(
    base_url       = "{config.base_url}",
    auth           = match config.login {
        Login::Key { key } => api_key(header = "X-Key", value = key),
        Login::Name { name, password } => basic(username = name, password = password),
    },
    migrate_config = [
        rename("apiKey", config.login.key),
        rename("loginName", config.login.name),
    ],
    budget         = [requests(params = { ids = joined(config.ids, ";") }) => fixed_window(call_limit = 1, period = "PT0.4S")],
    streams        = [Listed],
)]
struct Shop {
    /// Where the API is.
    base_url: String,
    /// Who asks.
    login: Login,
    /// What is asked for.
    ids: Vec<u32>,
}

/// What a user logs in with.
#[config(tag = "kind")]
enum Login {
    /// A key.
    #[serde(rename = "key")]
    Key {
        /// The key.
        #[config(rename = "api_key")]
        key: Secret,
    },
    /// A name.
    #[serde(rename = "name")]
    Name {
        /// The name.
        #[config(rename = "user_name")]
        name: String,
        /// The password.
        password: Secret,
    },
}

#[stream(
    source = Shop, path = "/listed", query = { ids = joined(config.ids, ";") }, partition = list(part = [1, 2]),
)]
struct Listed {
    id: u64,
}

#[test]
fn an_old_key_becomes_a_field_of_the_chosen_variant() {
    let server = Server::start(|request| match request.header("x-key") {
        Some("secret") => Response::new(200).body("[]"),
        _ => Response::new(401),
    });
    let api = server.expect("a free port");
    for (old, login) in [
        (json!({"login": {"kind": "key"}, "apiKey": "secret"}), json!({"kind": "key", "api_key": "secret"})),
        // No variant is chosen: the first that has the field is meant.
        (json!({"loginName": "me"}), json!({"user_name": "me"})),
    ] {
        let mut config = old;
        config["base_url"] = api.url().into();
        config["ids"] = json!([1, 2]);
        let folder = Folder::new();
        let path = folder.file("config.json", &config);
        let arguments: [OsString; 3] = ["check".into(), "--config".into(), path.clone().into()];
        airbyte_runtime::run_with::<Shop>(arguments, std::io::sink());
        let stored: Json = serde_json::from_str(&std::fs::read_to_string(&path).expect("the file")).expect("JSON");
        assert_eq!(stored["login"], login);
    }
}

#[test]
fn a_budget_knows_a_list_that_is_one_text() {
    let api = Server::start(|_| Response::new(200).body(r#"[{"id": 1}]"#)).expect("a free port");
    let config = json!({"base_url": api.url(), "ids": [1, 2], "login": {"kind": "key", "api_key": "k"}});
    let began = std::time::Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let read = async {
        let mut messages = Connector::<Shop>::new(config).read(json!({"streams": [
            {"stream": {"name": "listed", "json_schema": {}}, "sync_mode": "full_refresh"},
        ]}));
        while let Some(batch) = messages.next().await {
            batch.expect("the read works");
        }
    };
    runtime.block_on(read);
    // Two calls, of which the budget lets one through at a time.
    assert!(began.elapsed() >= std::time::Duration::from_millis(350), "{:?}", began.elapsed());
}
