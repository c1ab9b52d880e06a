use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;

use super::{iso, migrate, url};
use crate::node::Node;

#[test]
fn requesters_get_the_fields_of_today() {
    for (old, new) in [
        (json!({"url_base": "https://h/v1", "path": "/a/{{ b }}"}), json!({"url": "https://h/v1/a/{{ b }}"})),
        (json!({"url": "https://h", "path": ""}), json!({"url": "https://h"})),
        (
            json!({"request_body_json": {"query": "q"}}),
            json!({"request_body": {"type": "RequestBodyGraphQL", "value": {"query": "q"}}}),
        ),
        (
            json!({"request_body_json": {"query": {}}}),
            json!({"request_body": {"type": "RequestBodyJsonObject", "value": {"query": {}}}}),
        ),
        (
            json!({"request_body_data": "a=b"}),
            json!({"request_body": {"type": "RequestBodyUrlEncodedForm", "value": "a=b"}}),
        ),
        (json!({"request_body_json": "{{ x }}"}), json!({"request_body_json": "{{ x }}"})),
        // Nothing is migrated where one requester fails.
        (json!({"path": "/a"}), json!({"path": "/a"})),
        (
            json!({"url_base": "https://{{ config['h'] }}", "path": "/a"}),
            json!({"url_base": "https://{{ config['h'] }}", "path": "/a"}),
        ),
    ] {
        let with_type = |mut requester: serde_json::Value| {
            requester["type"] = json!("HttpRequester");
            json!({"streams": [{"type": "S", "requester": requester}]})
        };
        let migrated = migrate(&Node::from_json(&with_type(old))).to_json();
        assert_eq!(migrated["streams"], with_type(new)["streams"]);
    }
}

#[test]
fn what_was_done_is_listed() {
    let requester = json!({"type": "HttpRequester", "url_base": "https://h", "path": "a"});
    let dynamic = json!({"type": "DynamicDeclarativeStream", "r": requester});
    let manifest = json!({"version": "6.1.0", "a": requester, "d": dynamic});
    let migrated = migrate(&Node::from_json(&manifest)).to_json();
    assert_eq!(migrated["d"], dynamic);
    let traces = migrated["metadata"]["applied_migrations"].as_array().cloned().unwrap_or_default();
    let names: Vec<_> = traces.iter().map(|trace| trace["migration"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["HttpRequesterUrlBaseToUrl", "HttpRequesterPathToUrl"]);
    assert_eq!((&traces[0]["from_version"], &traces[0]["to_version"]), (&json!("6.1.0"), &json!("*")));
    assert_eq!(migrate(&Node::from_json(&dynamic)).to_json(), dynamic);
}

#[test]
fn paths_join_as_in_python() {
    for (base, path, expected) in [
        ("https://h/v1/", "a/b", "https://h/v1/a/b"),
        ("https://h/", "a?b=1#c", "https://h/a?b=1#c"),
        ("https://h/v1/", "../a", "https://h/a"),
        ("https://h/v1/", "./a/", "https://h/v1/a/"),
        ("https://h/v1/", "a//b", "https://h/v1/a/b"),
        ("https://h/v1/", "users:list", "users:list"),
        ("https://h/v1/", "https://o/x", "https://o/x"),
        ("{{ config['u'] }}/", "a", "{{ config['u'] }}/a"),
        ("https://h/p?x=1/", "a", "https://h/a"),
        ("https://h/v1/", "?q=1", "https://h/v1/?q=1"),
    ] {
        assert_eq!(url::join(base, path).as_deref(), Some(expected), "{base} {path}");
    }
    assert_eq!(url::join("https://{{ config['h'] }}/", "a"), None);
}

#[test]
fn moments_in_iso_8601() {
    for (seconds, expected) in [
        (0, "1970-01-01T00:00:00+00:00"),
        (951_782_400, "2000-02-29T00:00:00+00:00"),
        (1_735_689_599, "2024-12-31T23:59:59+00:00"),
    ] {
        assert_eq!(iso(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
    }
    assert_eq!(iso(UNIX_EPOCH + Duration::from_micros(1_000_005)), "1970-01-01T00:00:01.000005+00:00");
}
