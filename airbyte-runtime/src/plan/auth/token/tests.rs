use serde_json::json;

use super::*;
use crate::plan::auth::scripted::{Templates, authenticated, draft, header, run};
use crate::plan::request::{Inject, RequestBody};

#[test]
fn credentials_pass_through_pythons_literals() {
    let templates = Templates::new(&json!({"key": "1e5", "zeros": "007", "p": "pä:ss", "plain": "abc"}));
    let redactor = Redactor::default();
    let bearer = |text| BearerAuth::new(templates.template(text), Collision::Refuse, redactor.clone());
    let table = [
        ("{{ config['key'] }}", "Bearer 100000.0"),
        ("{{ config['zeros'] }}", "Bearer 007"),
        ("{{ config['plain'] }}", "Bearer abc"),
        ("x-{{ config['key'] }}", "Bearer x-1e5"),
    ];
    for (text, expected) in table {
        assert_eq!(run(header(&bearer(text), "authorization")).unwrap(), expected, "{text}");
    }
    let basic = |username, password| {
        let (username, password) = (templates.template(username), templates.template(password));
        BasicAuth::new(username, password, Collision::Refuse, redactor.clone())
    };
    let unicode = basic("ü:ser", "{{ config['p'] }}");
    assert_eq!(run(header(&unicode, "authorization")).unwrap(), "Basic w7w6c2VyOnDDpDpzcw==");
    assert_eq!(run(header(&basic("{{ config['plain'] }}", ""), "authorization")).unwrap(), "Basic YWJjOg==");
    assert_eq!(redactor.redact("sent w7w6c2VyOnDDpDpzcw== to it"), "sent **** to it");
}

#[test]
fn keys_go_where_the_manifest_says() {
    let templates = Templates::new(&json!({"key": "v"}));
    let send = |place| {
        let token = templates.template("Key {{ config['key'] }}");
        run(authenticated(&ApiKeyAuth::new(token, Placement::new(place, Collision::Refuse), Redactor::default())))
            .unwrap()
    };
    assert_eq!(send(Inject::Header("X-Dyn".to_owned())).headers["x-dyn"], "Key v");
    assert_eq!(send(Inject::Param("k".to_owned())).query, [("k".to_owned(), "Key v".to_owned())]);
    let form = send(Inject::Form("k".to_owned())).body;
    assert_eq!(form, RequestBody::Form(vec![("k".to_owned(), "Key v".to_owned())]));
    let body = send(Inject::Body(vec!["a".to_owned(), "b".to_owned()])).body;
    assert_eq!(body, RequestBody::Json(json!({"a": {"b": "Key v"}})));
}

/// What the API sees is a secret, also where a template made it of one.
#[test]
fn computed_credentials_are_masked() {
    let templates = Templates::new(&json!({"key": "open sesame"}));
    let redactor = Redactor::default();
    let hashed = || templates.template("{{ config['key'] | hash('sha256') }}");
    let bearer = BearerAuth::new(hashed(), Collision::Refuse, redactor.clone());
    let sent = run(header(&bearer, "authorization")).unwrap();
    assert_eq!(redactor.redact(&sent), "Bearer ****");
    let place = Placement::new(Inject::Header("X-Key".to_owned()), Collision::Refuse);
    let redactor = Redactor::default();
    let key = ApiKeyAuth::new(hashed(), place, redactor.clone());
    assert_eq!(redactor.redact(&run(header(&key, "x-key")).unwrap()), "****");
    // What is so short stands everywhere.
    for short in ["", "{{ 1 }}", "ab"] {
        run(header(&BearerAuth::new(templates.template(short), Collision::Refuse, redactor.clone()), "x")).unwrap();
    }
    assert_eq!(redactor.redact("1 ab"), "1 ab");
}

#[test]
fn a_place_that_is_taken_is_an_error() {
    let request = || {
        let mut request = draft("http://localhost/?u=1");
        request.set_param("p", "1");
        request.set_header("authorization", "1").unwrap();
        request.body = RequestBody::Json(json!({"a": {"b": "1"}, "same": "t", "n": null}));
        request
    };
    let path = |path: &str| Inject::Body(path.split('.').map(str::to_owned).collect());
    let table = [
        (Inject::Param("p".to_owned()), Some("query parameter `p` is set twice")),
        (Inject::Param("u".to_owned()), None),
        (Inject::Header("Authorization".to_owned()), Some("header `Authorization` is set twice")),
        (Inject::Header("X".to_owned()), None),
        (path("a.b"), Some("body field `a.b` is set twice")),
        (path("a.b.c"), Some("body field `a.b.c` is set twice")),
        (path("a"), Some("body field `a` is set twice")),
        (path("a.c"), None),
        (path("same"), None),
    ];
    for (place, expected) in table {
        let placement = Placement::new(place.clone(), Collision::Refuse);
        let outcome = placement.write(&mut request(), "t").map_err(|error| error.message().to_owned());
        match (outcome, expected) {
            (Ok(()), None) => {}
            (Err(message), Some(words)) => assert!(message.contains(words), "{message}"),
            (outcome, _) => panic!("{place:?}: {outcome:?}"),
        }
    }
    let mut form = draft("http://localhost/");
    form.body = RequestBody::Form(vec![("f".to_owned(), "1".to_owned())]);
    let place = Inject::Form("f".to_owned());
    assert!(Placement::new(place.clone(), Collision::Refuse).write(&mut form, "t").is_err());
    Placement::new(place, Collision::Replace).write(&mut form, "t").unwrap();
    assert_eq!(form.body, RequestBody::Form(vec![("f".to_owned(), "t".to_owned())]));
}
