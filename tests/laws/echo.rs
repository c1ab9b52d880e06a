//! An API that repeats every request that it gets, in every spelling and at every place of an answer, and hooks that
//! panic with what they know: no output tells a secret, in whole or in part.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use airbyte_runtime::prelude::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::child::{self, World};
use super::reading::catalog;

/// An API that repeats what it is told.
#[source(
    base_url    = "{config.base_url}",
    headers     = { "x-key" = config.key },
    max_retries = 0,
    streams     = [EchoHeader, EchoQuery, EchoCookie, EchoBasic, EchoPath, EchoBody, EchoForm, EchoFetched, EchoHook],
)]
pub(crate) struct Echoing {
    /// Where the API is.
    base_url: String,
    /// Where the answer says it, and in which spelling.
    answers: Vec<String>,
    /// A secret.
    token: Secret,
    /// A secret.
    key: Secret,
    /// A secret.
    password: Secret,
}

macro_rules! stream_with {
    ($name:ident, $path:tt, $($rest:tt)*) => {
        /// A stream in parts, each of which is answered in another way.
        #[stream(
            source = Echoing, path = $path, records = "data", paginator = next_url("next"),
            partition = list(answer = config.answers), $($rest)*
        )]
        struct $name {
            id: u64,
        }
    };
}

stream_with!(EchoHeader, "/{partition.answer}", auth = bearer(config.token));
stream_with!(EchoQuery, "/{partition.answer}", auth = api_key(param = "api_key", value = config.password));
stream_with!(EchoCookie, "/{partition.answer}", auth = api_key(cookie = "session", value = config.token));
stream_with!(EchoBasic, "/{partition.answer}", auth = basic(username = "user", password = config.password));
stream_with!(EchoPath, "/{partition.answer}/bot{config.password|in_url}/rows",);
stream_with!(EchoBody, "/{partition.answer}", method = POST, body = { all = "{config.token}:{config.password}" });
stream_with!(EchoForm, "/{partition.answer}", method = POST, form = { key = config.password });
stream_with!(
    EchoFetched,
    "/{partition.answer}",
    auth = oauth(token_url = "/token", client_id = "id", client_secret = config.password, refresh_token = config.token)
);
stream_with!(EchoHook, "/{partition.answer}", auth = bearer(config.token), transform = |row| tell(row));

fn tell(row: &mut EchoHook) {
    let told: Vec<String> = SPELLINGS.iter().map(|(_, spell)| spell(PASSWORD)).collect();
    panic!("row {} of {}", row.id, told.join(" "));
}

const STREAMS: [&str; 8] =
    ["echo_header", "echo_query", "echo_cookie", "echo_basic", "echo_path", "echo_body", "echo_form", "echo_fetched"];

const TOKEN: &str = "T0ken/of+the=odd&chars\"<quotes>?%2Fend";
const KEY: &str = "k3y-In-every-header";
const PASSWORD: &str = "pässwörd of/the {laws} & <more>";
/// What the API hands out during the read.
const FETCHED: &str = "Fetched+while/reading==";
const SECRETS: [&str; 4] = [TOKEN, KEY, PASSWORD, FETCHED];

type Spelling = (&'static str, fn(&str) -> String);

const SPELLINGS: [Spelling; 15] = [
    ("raw", str::to_owned),
    ("percent", |text| text.bytes().map(|byte| format!("%{byte:02X}")).collect()),
    ("component", |text| percent(text, "%20", |digits| digits)),
    ("form", |text| percent(text, "+", |digits| digits)),
    ("lower", |text| percent(text, "+", |digits| digits.to_lowercase())),
    ("json", |text| inside(&json!(text))),
    ("slashes", |text| inside(&json!(text)).replace('/', "\\/")),
    ("twice", |text| inside(&json!(inside(&json!(text))))),
    ("ascii", |text| text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()),
    ("markup", |text| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('ä', "&auml;")
    }),
    ("bytes", |text| text.as_bytes().escape_ascii().to_string()),
    ("latin1", |text| text.bytes().map(char::from).collect()),
    ("base64", |text| STANDARD.encode(text)),
    ("base64url", |text| URL_SAFE_NO_PAD.encode(text)),
    ("hex", |text| text.bytes().map(|byte| format!("{byte:02x}")).collect()),
];

fn percent(text: &str, space: &str, digits: fn(String) -> String) -> String {
    let byte = |byte: u8| match byte {
        b' ' => space.to_owned(),
        b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => digits(format!("%{byte:02X}")),
    };
    text.bytes().map(byte).collect()
}

fn inside(text: &Value) -> String {
    let quoted = text.to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Where an answer says it.
const PLACES: [&str; 18] = [
    "message",
    "detail",
    "denied",
    "unknown",
    "text",
    "garbled",
    "cut",
    "apology",
    "reason",
    "headers",
    "retry-after",
    "location",
    "away",
    "next",
    "no-url",
    "content-type",
    "broken-head",
    "broken-off",
];

/// The answer to a request, byte for byte; `told` is what it repeats.
fn answer(place: &str, told: &str) -> Vec<u8> {
    let one_line: String = told.chars().filter(|character| !character.is_control()).collect();
    let json = |status: &str, body: Value| response(status, "content-type: application/json\r\n", &body.to_string());
    match place {
        "fine" => json("200 OK", json!({"data": [{"id": 1}]})),
        "message" => json("500 No", json!({"message": told})),
        "detail" => json("401 No", json!({"error": {"detail": told}})),
        "denied" => json("403 No", json!([{"errors": [told]}])),
        "unknown" => json("404 No", json!({"title": told})),
        "text" => response("400 No", "content-type: text/html\r\n", &format!("<html>{told}</html>")),
        "garbled" => response("200 OK", "", &format!("{{\"data\": [{{\"id\": 1}}, {told}]}}")),
        "cut" => response("200 OK", "", &format!("{{\"data\": [{{\"id\": 1, \"name\": \"{told}")),
        "apology" => json("200 OK", json!({"errors": [{"message": told}]})),
        "reason" => response(&format!("500 {one_line}"), "", ""),
        "headers" => response(
            "500 No",
            &format!("x-echo: {one_line}\r\nwww-authenticate: {one_line}\r\nset-cookie: sid={one_line}\r\n"),
            &one_line,
        ),
        "retry-after" => response("429 No", &format!("retry-after: {one_line}\r\n"), &format!("\"{told}\"")),
        "location" => response("302 Found", &format!("location: /fine.redirected?{one_line}\r\n"), ""),
        "away" => response("302 Found", &format!("location: http://127.0.0.1:1/{one_line}\r\n"), ""),
        "next" => json("200 OK", json!({"data": [{"id": 1}], "next": format!("http://127.0.0.1:1/{told}")})),
        "no-url" => json("200 OK", json!({"data": [{"id": 1}], "next": format!("http://{told}")})),
        "content-type" => response("200 OK", &format!("content-type: text/plain; charset={one_line}\r\n"), told),
        "broken-head" => response("200 OK", &format!("{one_line}\r\n"), "{}"),
        _ => format!("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{{\"data\": [{told}").into_bytes(),
    }
}

fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// Everything in a request that may be a secret, as the server has decoded it.
fn repeated(target: &str, head: &str, body: &str) -> String {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let query: Vec<String> =
        url::form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned()).collect();
    let form: Vec<String> = url::form_urlencoded::parse(body.as_bytes()).map(|(_, value)| value.into_owned()).collect();
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let headers: Vec<&str> = headers.filter(|(name, _)| *name != "accept").map(|(_, value)| value).collect();
    // What is no pair stays as it is, so that only its escapes are undone.
    let path = target.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    let path: String = url::form_urlencoded::parse(path.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    format!("{} {} {body} {} {path}", headers.join(" "), query.join(" "), form.join(" "))
}

/// Serves until the process ends.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A connection that the client closes first is as good as an answer.
            let _ = serve_one(stream);
        }
    });
    url
}

fn serve_one(stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line).into_owned();
        if let Some(text) = line.strip_prefix("content-length: ") {
            length = text.trim().parse().unwrap_or(0);
        }
        match line.trim_end() {
            "" => break,
            line => head.push_str(&format!("{line}\n")),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let said = match target.trim_matches('/').split(['/', '?']).next().and_then(|name| name.split_once('.')) {
        Some((place, spelling)) => {
            let told = repeated(&target, &head, &String::from_utf8_lossy(&body));
            let known = [TOKEN, KEY, PASSWORD].join(" then ");
            let spell =
                SPELLINGS.iter().find(|(name, _)| *name == spelling).map_or(SPELLINGS[0].1, |(_, spell)| *spell);
            // Where a text is cut, another one of them stands each time.
            answer(place, &format!("{} and {}", spell(&told), spell(&known)))
        }
        None if target == "/token" => {
            response("200 OK", "", &json!({"access_token": FETCHED, "expires_in": 3600}).to_string())
        }
        None => response("404 No", "", ""),
    };
    reader.into_inner().write_all(&said)
}

fn config(answers: &[String]) -> Value {
    json!({"base_url": serve(), "answers": answers, "token": TOKEN, "key": KEY, "password": PASSWORD})
}

/// Neither a secret nor eight characters of one, in no spelling.
fn require_silence(said: &str) {
    let texts = said.lines().map(|line| match serde_json::from_str::<Value>(line) {
        Ok(message) => texts_of(&message),
        Err(_) => line.to_owned(),
    });
    let texts: Vec<String> = texts.chain([said.to_owned()]).collect();
    for secret in SECRETS {
        let characters: Vec<char> = secret.chars().collect();
        let parts = characters.windows(8).map(|part| part.iter().collect::<String>());
        let spelled = SPELLINGS.iter().map(|(_, spell)| spell(secret)).filter(|spelled| spelled.len() > 8);
        // The last characters of base64 belong to the neighbours.
        let spelled = spelled.map(|spelled| spelled.trim_end_matches('=').to_owned());
        let spelled = spelled.map(|spelled| spelled[..spelled.floor_char_boundary(spelled.len() - 1)].to_owned());
        for part in parts.chain(spelled) {
            let found = texts.iter().find(|text| text.contains(&part));
            assert!(found.is_none(), "{part:?} is in the output: {}", found.map_or("", String::as_str));
        }
    }
}

fn texts_of(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(items) => items.iter().map(texts_of).collect(),
        Value::Object(members) => members.values().map(texts_of).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

fn said_by(streams: &[&str], answers: &[String], level: &str) -> String {
    let files: [(&str, &Value); 2] = [("config", &config(answers)), ("catalog", &catalog(streams))];
    let (_, said, errors) =
        child::start_in(&World { level, ..World::default() }, "echoing", "read", &files).end_with_errors();
    for stream in streams {
        assert!(said.contains(stream), "{stream} was not read: {said}");
    }
    format!("{said}\n{errors}")
}

#[test]
fn an_api_that_repeats_its_requests_makes_nobody_tell_a_secret() {
    let answers =
        PLACES.iter().flat_map(|place| SPELLINGS.iter().map(move |(spelling, _)| format!("{place}.{spelling}")));
    // What a URL makes of a secret in JSON in JSON in JSON is nothing that anybody reads.
    let is_url = |place: &str| ["location.", "away.", "next.", "no-url."].iter().any(|url| place.starts_with(url));
    let answers =
        answers.filter(|answer| !(is_url(answer) && (answer.ends_with("twice") || answer.ends_with("slashes"))));
    // A stream whose parts fail without an end is given up.
    let answers = answers.enumerate().flat_map(|(number, answer)| [answer, format!("fine.{number}")]);
    let answers: Vec<String> = answers.collect();
    for (number, stream) in STREAMS.iter().enumerate() {
        let level = if number % 2 == 0 { "debug" } else { "trace" };
        let said = said_by(&[stream], &answers, level);
        assert!(said.contains("****") && said.contains("DEBUG"), "{said}");
        for answer in &answers {
            assert!(said.contains(&format!("/{answer}")), "{stream}: {answer} was not asked for: {said}");
        }
        require_silence(&said);
    }
}

#[test]
fn a_hook_that_panics_tells_no_secret() {
    let said = said_by(&["echo_hook"], &["next.raw".to_owned()], "trace");
    assert!(said.contains("panic at") && said.contains("row 1 of ****"), "{said}");
    require_silence(&said);
}
