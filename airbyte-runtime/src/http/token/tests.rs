use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

use super::*;
use crate::config::Redactor;
use crate::error::ErrorKind;
use crate::http::HttpSettings;
use crate::http::wire::encode_form;
use crate::plan::RequestBody;
use crate::testing::{Response as Reply, Script};

fn send(request: RequestDraft) -> Result<Response> {
    send_with(HttpSettings::patient(), request)
}

fn send_with(settings: HttpSettings, request: RequestDraft) -> Result<Response> {
    let client = HttpClient::new("test", settings, Redactor::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(exchange_raw(&client, request))
}

fn post(url: &str, body: RequestBody) -> RequestDraft {
    RequestDraft {
        method: Method::POST,
        url: Url::parse(url).unwrap(),
        query: Vec::new(),
        headers: HeaderMap::new(),
        body,
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn forms_are_spelled_as_python_spells_them() {
    let table = [
        (pairs(&[("a", "x y"), ("a", "p/q"), ("ü", "~*&=")]), "a=x+y&a=p%2Fq&%C3%BC=~%2A%26%3D"),
        (pairs(&[("a", "")]), "a="),
        (pairs(&[]), ""),
    ];
    for (fields, expected) in table {
        assert_eq!(encode_form(&fields), expected);
    }
}

#[test]
fn any_status_is_an_answer() {
    let api = Script::new().on(Method::POST, "/token").reply(Reply::new(500)).start();
    let mut request = post(&format!("{}/token?x=1", api.url()), RequestBody::Form(pairs(&[("a", "b")])));
    request.query = pairs(&[("y", "2 3")]);
    assert_eq!(send(request).unwrap().status, StatusCode::INTERNAL_SERVER_ERROR);
    let request = &api.requests()[0];
    assert_eq!(request.query, pairs(&[("x", "1"), ("y", "2 3")]));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(&request.body[..], b"a=b");
}

#[test]
fn redirects_stay_with_the_origin() {
    let elsewhere = Script::new().start();
    let api = Script::new()
        .on(Method::POST, "/old")
        .reply(Reply::new(302).header("location", "/new"))
        .on(Method::GET, "/new")
        .reply(Reply::new(200))
        .on(Method::POST, "/away")
        .reply(Reply::new(307).header("location", format!("{}/token", elsewhere.url())))
        .on(Method::POST, "/loop")
        .reply(Reply::new(308).header("location", "/loop"))
        .start();
    let form = || RequestBody::Form(pairs(&[("secret", "s")]));
    let answer = send(post(&format!("{}/old", api.url()), form())).unwrap();
    assert_eq!((answer.status, answer.url.path()), (StatusCode::OK, "/new"));
    assert!(api.requests()[1].body.is_empty());
    let error = send(post(&format!("{}/away", api.url()), form())).unwrap_err();
    assert!(error.message().contains("redirects to another place"), "{error}");
    assert!(elsewhere.requests().is_empty());
    let error = send(post(&format!("{}/loop", api.url()), form())).unwrap_err();
    assert!(error.message().contains("redirects more than 30 times"), "{error}");
}

#[test]
fn no_answer_is_transient_and_shows_no_query() {
    let api = Script::new()
        .on(Method::POST, "/reset")
        .reply(Reply::json(200, &serde_json::json!({"a": 1})).truncated_at(3))
        .on(Method::POST, "/slow")
        .reply(Reply::new(200).delay(Duration::from_secs(60)))
        .start();
    // A port that is in use, so that nobody else gets it, and at which nobody listens: that of a client.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let closed = format!("http://{}", client.local_addr().unwrap());
    let patient = HttpSettings::patient;
    let hasty = || HttpSettings { read_timeout: Duration::from_millis(300), ..patient() };
    for (settings, url, words) in [
        (patient(), format!("{}/reset?key=hidden", api.url()), "broke off"),
        (hasty(), format!("{}/slow?key=hidden", api.url()), "does not answer in time"),
        (patient(), format!("{closed}/?key=hidden"), "cannot be reached"),
    ] {
        let error = send_with(settings, post(&url, RequestBody::Empty)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transient, "{url}");
        assert!(error.message().contains(words), "{error}");
        assert!(!format!("{error} {:?}", error.detail()).contains("hidden"), "{error}");
    }
}
