//! What a newcomer gets wrong, and what the connector says then: one clear sentence, the right exit code, never a panic.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod quickstart;

use std::io::Read;
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use airbyte_runtime::testing::{Response, Server};
use demo_api::DemoApi;
use quickstart::{Folder, Outcome, catalog, end, lines_until, run, run_in, start, state_file, statuses};
use serde_json::{Value, json};

/// The files of one case: a good configuration of a demo API, and a catalog.
struct Case {
    folder: Folder,
    api: DemoApi,
}

impl Case {
    fn new() -> Self {
        Self { folder: Folder::new(), api: DemoApi::start().expect("the demo API starts") }
    }

    fn good_config(&self) -> Value {
        json!({"base_url": self.api.url(), "token": DemoApi::TOKEN})
    }

    /// Runs `check` with a configuration.
    fn check(&self, config: impl std::fmt::Display) -> Outcome {
        lawful(run(&["check", "--config", &self.folder.file("config.json", config)]))
    }

    /// Runs `read` of streams with a configuration.
    fn read(&self, config: impl std::fmt::Display, streams: &[&str]) -> Outcome {
        self.read_with(config, catalog(streams), None)
    }

    fn read_with(
        &self,
        config: impl std::fmt::Display,
        catalog: impl std::fmt::Display,
        state: Option<&str>,
    ) -> Outcome {
        let (config, catalog) = (self.folder.file("config.json", config), self.folder.file("catalog.json", catalog));
        let state = state.map(|state| self.folder.file("state.json", state));
        let mut arguments = vec!["read", "--config", &config, "--catalog", &catalog];
        arguments.extend(state.iter().flat_map(|state| ["--state", state]));
        lawful(run(&arguments))
    }
}

/// What holds for every mistake: whole messages on stdout, no word of a panic, nothing on stderr but usage.
fn lawful(outcome: Outcome) -> Outcome {
    let code = outcome.status.code();
    assert!(matches!(code, Some(0..=2)), "{outcome:?}");
    for text in [&outcome.stdout, &outcome.stderr] {
        for word in ["panicked", "RUST_BACKTRACE", "the connector has a defect", "unwrap"] {
            assert!(!text.contains(word), "{text}");
        }
    }
    if code == Some(2) {
        assert_eq!(outcome.stdout, "");
        assert!(
            outcome.stderr.starts_with("source-shop: ") && outcome.stderr.contains("usage: source-shop spec"),
            "{outcome:?}"
        );
        return outcome;
    }
    assert_eq!(outcome.stderr, "");
    outcome.messages();
    assert!(code == Some(0) || !outcome.errors().is_empty(), "a failure without a TRACE: {outcome:?}");
    outcome
}

/// The message of a check that failed, which is exit code 0.
fn refused(outcome: &Outcome) -> String {
    assert_eq!(outcome.status.code(), Some(0), "{outcome:?}");
    let statuses = outcome.of("CONNECTION_STATUS", "connectionStatus");
    assert_eq!(statuses.len(), 1, "{outcome:?}");
    assert_eq!(statuses[0]["status"], "FAILED");
    assert!(outcome.errors().is_empty(), "{outcome:?}");
    statuses[0]["message"].as_str().expect("a message").to_owned()
}

fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text:?}");
    }
    assert!(
        !text.ends_with('.') && !text.trim().is_empty() && text.lines().count() == 1,
        "{text:?} is not one sentence"
    );
}

/// The only error of a command that failed.
fn only_error(outcome: &Outcome, kind: &str) -> String {
    assert_eq!(outcome.status.code(), Some(1), "{outcome:?}");
    let errors = outcome.errors();
    let [(found, message)] = &errors[..] else { panic!("not one error: {errors:#?}") };
    assert_eq!(found, kind, "{message}");
    message.clone()
}

#[test]
fn configurations_that_are_none() {
    let case = Case::new();
    let url = case.api.url();
    let cases: [(String, &[&str]); 9] = [
        ("{base_url: 5}".to_owned(), &["config.json` is not JSON", "line 1 column 2"]),
        (String::new(), &["config.json` is not JSON"]),
        ("[]".to_owned(), &["must be an object", "a list"]),
        ("null".to_owned(), &["must be an object"]),
        (json!({"base_url": url}).to_string(), &["'token' is a required property"]),
        (json!({"base_url": url, "token": null}).to_string(), &["`token` must be a string"]),
        (json!({"base_url": url, "token": 5}).to_string(), &["`token` must be a string"]),
        (json!({"base_url": url, "token": "x", "start_date": "yesterday"}).to_string(), &["`start_date`", "yesterday"]),
        (
            json!({"base_url": 5, "start_date": true}).to_string(),
            &["`base_url` must be a string", "'token'", "`start_date`"],
        ),
    ];
    for (config, parts) in cases {
        contains(&refused(&case.check(&config)), parts);
        // The other commands fail with the same sentence.
        let path = case.folder.path("config.json");
        let catalog = case.folder.file("catalog.json", catalog(&["customers"]));
        for arguments in [vec!["discover", "--config", &path], vec!["read", "--config", &path, "--catalog", &catalog]] {
            contains(&only_error(&lawful(run(&arguments)), "config_error"), parts);
        }
    }
}

#[test]
fn files_that_are_missing() {
    let case = Case::new();
    let (config, missing) = (case.folder.file("config.json", case.good_config()), case.folder.path("missing.json"));
    contains(
        &refused(&lawful(run(&["check", "--config", &missing]))),
        &["the config file", "missing.json", "cannot be read"],
    );
    contains(&only_error(&lawful(run(&["discover", "--config", &missing])), "config_error"), &["the config file"]);
    let read = |catalog: &str, state: &str| {
        only_error(&lawful(run(&["read", "--config", &config, "--catalog", catalog, "--state", state])), "config_error")
    };
    contains(&read(&missing, &missing), &["the catalog file", "missing.json"]);
    let catalog = case.folder.file("catalog.json", catalog(&["customers"]));
    contains(&read(&catalog, &missing), &["the state file", "missing.json"]);
    let folder = case.folder.path("");
    contains(&refused(&lawful(run(&["check", "--config", &folder]))), &["the config file", "cannot be read"]);
}

#[test]
fn words_that_are_no_command() {
    let cases: [(&[&str], &str); 8] = [
        (&[], "no command"),
        (&["chekc"], "did you mean `check`?"),
        (&["sync", "--config", "c"], "there are spec, check, discover, read, login"),
        (&["check", "--confg", "c"], "did you mean `--config`?"),
        (&["check"], "`check` needs `--config FILE`"),
        (&["read", "--config", "c"], "`read` needs `--catalog FILE`"),
        (&["check", "--config"], "`--config` needs a file"),
        (&["spec", "now"], "unexpected argument `now`"),
    ];
    // Without any argument the quickstart shows its tour.
    for (arguments, part) in cases.into_iter().filter(|(arguments, _)| !arguments.is_empty()) {
        let outcome = lawful(run(arguments));
        assert_eq!(outcome.status.code(), Some(2), "{arguments:?}");
        assert!(outcome.stderr.contains(part), "{arguments:?}: {}", outcome.stderr);
    }
    for (argument, part) in [("--help", "usage: source-shop"), ("--version", "source-shop 0.")] {
        let outcome = run(&[argument]);
        assert_eq!((outcome.status.code(), outcome.stderr.as_str()), (Some(0), ""));
        assert!(outcome.stdout.contains(part), "{}", outcome.stdout);
    }
}

#[test]
fn a_wrong_token() {
    let case = Case::new();
    let config = json!({"base_url": case.api.url(), "token": "wrong-token"});
    contains(&refused(&case.check(&config)), &["customers", "refused the credentials", "the token is not valid"]);
    let outcome = case.read(&config, &["customers", "products"]);
    assert_eq!(outcome.status.code(), Some(1));
    let errors = outcome.errors();
    assert_eq!(errors.len(), 3, "{errors:#?}");
    assert!(errors.iter().all(|(kind, _)| kind == "config_error"), "{errors:#?}");
    assert!(!outcome.stdout.contains("wrong-token"));
    for blank in ["demo-token\n", " "] {
        let config = json!({"base_url": case.api.url(), "token": blank});
        let message = refused(&case.check(&config));
        assert!(message.contains("line breaks") || message.contains("credentials"), "{message}");
    }
}

#[test]
fn an_api_that_is_down() {
    let case = Case::new();
    for (url, part) in [
        // Unlike a port that somebody has had, nobody gets this one.
        ("http://127.0.0.1:1", "refuses the connection"),
        // Without a name service it is silence, not an answer, that says so.
        ("http://no-such-host.invalid", "no-such-host.invalid"),
        ("no url at all", "is not a URL"),
        ("ftp://example.com", "is not a URL that begins with https://"),
    ] {
        let outcome = case.check(json!({"base_url": url, "token": "x"}));
        contains(&refused(&outcome), &["customers", part]);
    }
}

#[test]
fn an_api_that_answers_something_else() {
    let case = Case::new();
    let html =
        Server::start(|_| Response::new(200).header("content-type", "text/html").body("<!DOCTYPE html><p>Sign in</p>"));
    let html = html.expect("a port");
    let config = json!({"base_url": html.url(), "token": "x"});
    contains(&refused(&case.check(&config)), &["customers", "HTML", "check the base URL"]);
    let outcome = case.read(&config, &["customers"]);
    assert_eq!(outcome.status.code(), Some(1));
    assert_eq!(outcome.errors()[0].0, "system_error");
    contains(&outcome.errors()[0].1, &["HTML"]);
    // The base URL with one segment too many, and another product's API.
    let config = json!({"base_url": format!("{}/v2", case.api.url()), "token": DemoApi::TOKEN});
    contains(&refused(&case.check(&config)), &["does not know", "/v2/customers"]);
    let other = Server::start(|_| Response::json(200, &json!({"users": [], "total": 0}))).expect("a port");
    let outcome = case.check(json!({"base_url": other.url(), "token": "x"}));
    assert!(
        outcome.stdout.contains("a page has no `data`") && outcome.stdout.contains("users, total"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn an_api_that_always_limits_the_rate() {
    let case = Case::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let server = |seconds: &'static str| {
        let asked = Arc::clone(&asked);
        let limit = move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            Response::json(429, &json!({"message": "slow down"})).header("retry-after", seconds)
        };
        Server::start(limit).expect("a port")
    };
    let (patient, busy) = (server("7200"), server("0"));
    for (api, parts) in [(&busy, ["rate limit", "tries"]), (&patient, ["asks to wait 7200 s", "longer"])] {
        let outcome = case.check(json!({"base_url": api.url(), "token": "x"}));
        contains(&refused(&outcome), &parts);
        // A person waits for `check`.
        let patience = asked.swap(0, Ordering::Relaxed);
        let outcome = case.read(json!({"base_url": api.url(), "token": "x"}), &["customers"]);
        let tries = asked.swap(0, Ordering::Relaxed);
        assert!(patience < tries || tries == 1, "check asked {patience} times, read {tries} times");
        assert_eq!(outcome.status.code(), Some(1));
        assert_eq!(outcome.errors()[0].0, "transient_error");
        contains(&outcome.errors()[0].1, &parts);
        assert_eq!(outcome.statuses("customers").last().map(String::as_str), Some("INCOMPLETE"));
    }
}

#[test]
fn streams_that_are_not_there() {
    let case = Case::new();
    let outcome = case.read(case.good_config(), &["products", "costumers"]);
    assert_eq!(outcome.status.code(), Some(0), "{outcome:?}");
    assert_eq!(outcome.statuses("costumers"), ["INCOMPLETE"]);
    assert_eq!(outcome.statuses("products").last().map(String::as_str), Some("COMPLETE"));
    assert!(outcome.stdout.contains("stream `costumers` is in the catalog but not in this source"));
    let outcome = case.read(case.good_config(), &["costumers"]);
    contains(&only_error(&outcome, "config_error"), &["none of the catalog's streams"]);
    assert!(outcome.stdout.contains("the source has `customers`"), "{}", outcome.stdout);
    // Nothing selected is nothing to do.
    assert_eq!(case.read(case.good_config(), &[]).status.code(), Some(0));
}

#[test]
fn catalogs_that_are_none() {
    let case = Case::new();
    let config = case.folder.file("config.json", case.good_config());
    let discovered = lawful(run(&["discover", "--config", &config]));
    let line = discovered.stdout.lines().last().expect("a catalog").to_owned();
    let catalog = discovered.of("CATALOG", "catalog").remove(0);
    for found in [discovered.stdout.clone(), line, catalog.to_string()] {
        let outcome = case.read_with(case.good_config(), found, None);
        contains(&only_error(&outcome, "config_error"), &["looks like a discovered catalog", "sync_mode"]);
    }
    let cases: [(&str, &[&str]); 4] = [
        ("{oops}", &["the configured catalog is not JSON"]),
        ("{}", &["no array `streams`"]),
        (
            r#"{"streams":[{"stream":{"name":"products"},"sync_mode":"INVALID"}]}"#,
            &["stream `products`", "\"INVALID\"", "`incremental`"],
        ),
        (
            r#"{"streams":[{"stream":{"name":"products"},"sync_mode":"incremental"},{"stream":{"name":"products"},"sync_mode":"incremental"}]}"#,
            &["`products`", "twice"],
        ),
    ];
    for (catalog, parts) in cases {
        contains(&only_error(&case.read_with(case.good_config(), catalog, None), "config_error"), parts);
    }
}

#[test]
fn states_that_are_none() {
    let case = Case::new();
    let read = |state: &str| case.read_with(case.good_config(), catalog(&["orders"]), Some(state));
    let stream = |name: &str, blob: &str| {
        format!(r#"[{{"type":"STREAM","stream":{{"stream_descriptor":{{"name":"{name}"}},"stream_state":{blob}}}}}]"#)
    };
    let cases: [(&str, &[&str]); 6] = [
        ("oops", &["the state is not JSON"]),
        ("5", &["the state is not an array"]),
        (r#"{"orders":{"updated_at":"2024-01-01"}}"#, &["legacy form"]),
        ("[1]", &["state[0]", "not a state message"]),
        (&stream("orders", r#"{"updated_at":"yesterday"}"#), &["the state of stream `orders`", "\"yesterday\""]),
        (&stream("orders", "5"), &["`stream_state` of stream `orders` is not an object"]),
    ];
    for (state, parts) in cases {
        contains(&only_error(&read(state), "config_error"), parts);
    }
    // A state of another stream, or of this one in another life, is no state.
    for state in [
        stream("customers", r#"{"updated_at":"2024-05-01T00:00:00Z"}"#),
        stream("orders", r#"{"__ab_no_cursor_state_message":true}"#),
    ] {
        let outcome = read(&state);
        assert_eq!((outcome.status.code(), outcome.records("orders").len()), (Some(0), 1000), "{state}");
    }
}

/// PyAirbyte writes every null, Python's own names, and one of them twice.
#[test]
fn a_state_file_of_pyairbyte_is_accepted() {
    let case = Case::new();
    let state = r#"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders","namespace":null},"stream_state":{"updated_at":"2030-01-01T00:00:00Z"}},"global_":null,"data":null,"sourceStats":{"recordCount":1.0,"rejectedRecordCount":null},"destinationStats":null,"global_":null,"id":7}]"#;
    let outcome = case.read_with(case.good_config(), catalog(&["orders"]), Some(state));
    assert_eq!((outcome.status.code(), outcome.records("orders").len()), (Some(0), 0), "{outcome:?}");
    assert_eq!(outcome.states("orders"), [json!({"updated_at": "2030-01-01T00:00:00Z"})]);
}

/// A bad file of roots matters to whoever needs it: the first request over TLS, also where a redirect leads to it.
#[test]
fn roots_that_cannot_be_read() {
    let case = Case::new();
    let mut variables = vec![("SSL_CERT_FILE", "/no/such.pem"), ("REQUESTS_CA_BUNDLE", "/no/such.pem")];
    // A proxy might be spoken to over TLS.
    variables.extend(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].map(|name| (name, "")));
    let check = |base_url: &str| {
        let config = case.folder.file("config.json", json!({"base_url": base_url, "token": DemoApi::TOKEN}));
        lawful(run_in(&variables, &["check", "--config", &config]))
    };
    let outcome = check(&case.api.url());
    assert_eq!(outcome.of("CONNECTION_STATUS", "connectionStatus")[0]["status"], "SUCCEEDED", "{outcome:?}");
    let expected = "the certificates in /no/such.pem (from SSL_CERT_FILE) cannot be read";
    contains(&refused(&check("https://127.0.0.1:1")), &[expected]);
    let away = Server::start(|_| Response::new(302).header("location", "https://127.0.0.1:1/customers"));
    contains(&refused(&check(&away.expect("a port").url())), &[expected]);
}

/// The platform and PyAirbyte leave as soon as they have heard enough.
#[test]
fn a_reader_that_leaves_early() {
    let case = Case::new();
    let mut process = start(&["spec"]);
    let began = Instant::now();
    drop(process.stdout.take());
    let (status, stderr) = end(process, began);
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""), "{status:?}");

    // Whatever a pipe holds, there is more to write.
    let shop = slow_shop();
    let config = case.folder.file("config.json", json!({"base_url": shop.url(), "token": "x"}));
    let catalog = case.folder.file("catalog.json", catalog(&["customers"]));
    let mut process = start(&["read", "--config", &config, "--catalog", &catalog]);
    let (_, reader) = lines_until(&mut process, |message| message["type"] == "RECORD");
    drop(reader);
    let began = Instant::now();
    let (status, stderr) = end(process, began);
    assert_eq!(status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("stdout was closed") && stderr.lines().count() == 1, "{stderr}");
}

/// An API whose customers never end, and whose orders come window by window, those of the first windows only.
fn slow_shop() -> Server {
    let shop = Server::start(|request| {
        let page: u64 = request.query_param("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let wait = Duration::from_millis(30);
        match request.path.as_str() {
            "/customers" => {
                // In a second there are more than a pipe holds.
                let name = "x".repeat(1000);
                let customer = |id| json!({"id": id, "name": name});
                let customers: Vec<Value> = (page * 100..page * 100 + 100).map(customer).collect();
                Response::json(200, &json!({"data": customers})).delay(wait)
            }
            "/orders" => {
                let at = request.query_param("updated_since").unwrap_or_default();
                let orders = json!([{"id": at, "updated_at": at}]);
                let wait = if at < "2024-04" { wait } else { Duration::from_secs(60) };
                Response::json(200, &json!({"orders": orders, "meta": {"next_cursor": null}})).delay(wait)
            }
            _ => Response::json(200, &json!([])).delay(Duration::from_secs(60)),
        }
    });
    shop.expect("a port")
}

/// SIGTERM is how the platform cancels a sync: what is safe is said, and the process dies of the signal.
#[cfg(unix)]
#[test]
fn a_signal_to_stop() {
    let case = Case::new();
    let shop = slow_shop();
    let config = case.folder.file("config.json", json!({"base_url": shop.url(), "token": "x"}));
    let streams = ["customers", "orders", "events"];
    let catalog = case.folder.file("catalog.json", catalog(&streams));
    let mut process = start(&["read", "--config", &config, "--catalog", &catalog]);
    let (mut messages, mut reader) = lines_until(&mut process, |message| message["type"] == "STATE");
    let began = Instant::now();
    terminate(&process);
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("text");
    let (status, stderr) = end(process, began);
    assert_eq!((status.signal(), stderr.as_str()), (Some(15), ""), "{status:?}");
    assert!(rest.ends_with('\n'), "the last line is cut");
    messages.extend(rest.lines().map(quickstart::parse));

    for stream in streams {
        let statuses = statuses(&messages, stream);
        assert_eq!(statuses.iter().filter(|status| *status == "INCOMPLETE").count(), 1, "{stream}: {statuses:?}");
        assert_eq!(statuses.last().map(String::as_str), Some("INCOMPLETE"), "{stream}: {statuses:?}");
    }
    // The last state covers nothing that was not written.
    let states = state_file(&messages);
    let orders =
        states.as_array().into_iter().flatten().find(|state| state["stream"]["stream_descriptor"]["name"] == "orders");
    let reached =
        orders.and_then(|state| state["stream"]["stream_state"]["updated_at"].as_str()).expect("a state of orders");
    let written: Vec<&str> =
        messages.iter().filter_map(|message| message.pointer("/record/data/updated_at")?.as_str()).collect();
    assert!(written.contains(&reached) || reached == "2024-01-01T00:00:00Z", "{reached} is not among {written:?}");
}

/// A reader that stopped listening without leaving does not keep the process from stopping.
#[cfg(unix)]
#[test]
fn a_signal_while_nobody_reads() {
    stop_while_nobody_reads(&slow_shop());
}

/// All was read, and nobody takes the last of it from stdout.
#[cfg(unix)]
#[test]
fn a_signal_after_the_last_answer_while_nobody_reads() {
    stop_while_nobody_reads(&quick_shop());
}

/// All was read, and whoever takes it from stdout is slow: the end of it is not lost.
#[cfg(unix)]
#[test]
fn a_signal_after_the_last_answer_while_stdout_is_full() {
    let case = Case::new();
    let shop = quick_shop();
    let (process, mut reader) = stopped_while_nobody_reads(&case, &shop);
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("text");
    let (status, _) = end(process, Instant::now());
    assert_eq!(status.signal(), Some(15), "{status:?}");
    assert!(rest.ends_with('\n'), "the last line is cut");
    let messages: Vec<Value> = rest.lines().map(quickstart::parse).collect();
    // A machine that is very slow has not read all by then.
    let statuses = statuses(&messages, "customers");
    assert!(matches!(statuses.last().map(String::as_str), Some("COMPLETE" | "INCOMPLETE")), "{statuses:?}");
}

/// An API with more customers than a pipe holds, and fewer than the read may put behind it.
#[cfg(unix)]
fn quick_shop() -> Server {
    let customers: Vec<Value> = (0..99).map(|id| json!({"id": id, "name": "x".repeat(30_000)})).collect();
    let answer = json!({ "data": customers });
    Server::start(move |_| Response::json(200, &answer)).expect("a port")
}

#[cfg(unix)]
fn stop_while_nobody_reads(shop: &Server) {
    let case = Case::new();
    let began = Instant::now();
    let (process, reader) = stopped_while_nobody_reads(&case, shop);
    let (status, _) = end(process, began);
    drop(reader);
    assert_eq!(status.signal(), Some(15), "{status:?}");
}

/// Takes one record of a shop's customers and no more, and has the process stop when it waits for stdout.
#[cfg(unix)]
fn stopped_while_nobody_reads(case: &Case, shop: &Server) -> (std::process::Child, impl Read) {
    let config = case.folder.file("config.json", json!({"base_url": shop.url(), "token": "x"}));
    let catalog = case.folder.file("catalog.json", catalog(&["customers"]));
    let mut process = start(&["read", "--config", &config, "--catalog", &catalog]);
    let (_, reader) = lines_until(&mut process, |message| message["type"] == "RECORD");
    // More than a pipe holds is written meanwhile.
    std::thread::sleep(Duration::from_millis(1500));
    terminate(&process);
    (process, reader)
}

#[cfg(unix)]
fn terminate(process: &std::process::Child) {
    let sent =
        std::process::Command::new("kill").args(["-TERM", &process.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
}
