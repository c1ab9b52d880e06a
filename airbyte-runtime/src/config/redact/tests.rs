//! Redaction: tables of what is masked.

use serde_json::json;

use super::*;

#[test]
fn secrets_are_masked_in_every_encoding() {
    let table: &[(&[&str], &str, &str)] = &[
        (&[], "nothing to hide", "nothing to hide"),
        (&["ab", "", "é1"], "ab é1", "ab é1"),
        (&["k3y"], "k3y=k3yk3y", "****=****"),
        (&["abc", "abcdef-TOPSECRET"], "use abcdef-TOPSECRET or abc.", "use **** or ****."),
        (&["abcd", "cdef"], "abcdef", "****"),
        (&["p&ss w/rd"], "?p=p%26ss%20w%2Frd&q=p%26ss+w%2frd&r=p&ss%20w/rd", "?p=****&q=****&r=****"),
        (&["p&ss w/rd"], "a%3Fp%3Dp%2526ss%2520w%252Frd", "a%3Fp%3D****"),
        (
            &["say \"hi\""],
            r#"{"a":"say \"hi\"","b":"{\"c\":\"say \\\"hi\\\"\"}"}"#,
            r#"{"a":"****","b":"{\"c\":\"****\"}"}"#,
        ),
        (&["clé😀"], r"cl\u00e9\uD83D\uDE00 cl\u{e9}😀 cl%C3%A9%f0%9f%98%80", "**** **** ****"),
        (&["hunter2"], "Basic dXNlcjpodW50ZXIy", "Basic dXNlcj****"),
        (&["hunter2"], "Basic dXNlcjE6aHVudGVyMg==", "Basic dXNlcjE6****"),
        (&["hunter2"], "68756E74657232 and 68756e74657232", "**** and ****"),
        (&["a?b>c~d"], "YT9iPmN-ZA YT9iPmN+ZA== YT9iPmN%2BZA%3D%3D", "**** **** ****"),
        (&["se cret"], "Basic OnNlJTIwY3JldA==", "Basic O****"),
        (&["line one\nline two\nx"], "it says line two, x", "it says ****, x"),
        (&[" padded\n"], "padded", "****"),
        (&["токен"], "мой токен.", "мой ****."),
        (&["12345"], "code 12345", "code ****"),
        (&["a<b>&\"c\""], "<p>a&lt;b&gt;&amp;&quot;c&#34;</p> a&#x3C;b&#62;&amp;\"c\"", "<p>****</p> ****"),
        (&["pässwörd"], "pÃ¤sswÃ¶rd p%E4ssw%F6rd p\\xc3\\xa4ssw\\xc3\\xb6rd p&auml;ssw&ouml;rd", "**** **** **** ****"),
        (&["a-long-secret-of-many-words"], "YS1sb25nLXNl\nY3JldC1vZi1t\r\n YW55LXdvcmRz", "****"),
        (&["100%41 sure"], "GET /100%41%20sure", "GET /****"),
        (
            &["first-part?second"],
            "GET https://example.com/first-part answered 404",
            "GET https://example.com/**** answered 404",
        ),
        (&["AbCdEfGh"], "https://abcdefgh.example.com", "https://****.example.com"),
    ];
    for (secrets, text, expected) in table {
        assert_eq!(Redactor::new(*secrets).redact(text), *expected, "{secrets:?}");
    }
}

#[test]
fn an_untouched_text_is_borrowed() {
    let redactor = Redactor::new(["secret-token"]);
    for text in ["", "plain", "100% of C:\\new\\x", "%41%2F", "\\u0041", "secret-toke"] {
        assert!(matches!(redactor.redact(text), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn clones_share_secrets_that_are_added_later() {
    let redactor = Redactor::default();
    let clone = redactor.clone();
    assert_eq!(clone.redact("token-1"), "token-1");
    redactor.add("token-1");
    redactor.add("token-1");
    assert_eq!(std::thread::spawn(move || clone.redact("token-1").into_owned()).join().unwrap(), "****");
    assert_eq!(format!("{redactor:?}"), "Redactor");
}

#[test]
fn the_last_secrets_that_were_obtained_or_used_are_masked() {
    let redactor = Redactor::new(["configured"]);
    for number in 0..3_000 {
        redactor.add_obtained(&format!("token<{number}>"));
        if number % 100 == 0 {
            redactor.add_obtained("used all along");
        }
    }
    redactor.add_obtained("ab");
    assert_eq!(redactor.redact("configured, used all along, ab"), "****, ****, ab");
    for number in [2_010, 2_500, 2_999] {
        assert_eq!(redactor.redact(&format!("token<{number}>")), "****");
    }
    assert_eq!(redactor.redact("token<1>"), "token<1>", "it is kept for ever");
}

#[test]
fn everything_is_masked_while_a_document_is_worked_on() {
    let redactor = Redactor::new(["configured"]);
    let document = json!({"old": {"key": "sesame"}, "pin": 4711, "list": ["mellon"], "short": "ab"});
    let error = redactor.masking(&document, || {
        assert_eq!(redactor.redact("sesame mellon 4711 ab configured"), "**** **** **** ab ****");
        Err::<(), _>(crate::Error::config("no sesame").with_detail("nor mellon"))
    });
    let error = error.unwrap_err();
    assert_eq!((error.message(), error.detail().as_deref()), ("no ****", Some("nor ****")));
    assert_eq!(redactor.redact("sesame configured"), "sesame ****");
}

#[test]
fn secrets_are_collected_wherever_the_spec_marks_them() {
    let spec = json!({
        "properties": {
            "token": {"type": "string", "airbyte_secret": true},
            "pin": {"type": "integer", "airbyte_secret": true},
            "open": {"type": "string", "airbyte_secret": false},
            "flag": {"type": "boolean", "airbyte_secret": true},
            "accounts": {"items": {"properties": {"key": {"airbyte_secret": true}}}},
            "keys": {"airbyte_secret": true, "type": "array", "items": {"type": "string"}},
            "credentials": {"oneOf": [
                {"properties": {"kind": {"const": "a"}, "x": {"airbyte_secret": true}}},
                {"properties": {"kind": {"const": "b"}, "y": {"airbyte_secret": true}}},
            ]},
            "headers": {"additionalProperties": {"airbyte_secret": true}},
            "pair": {"items": [{}, {"airbyte_secret": true}]},
            "by_name": {"patternProperties": {"^k": {"airbyte_secret": true}}},
            "referred": {"$ref": "#/definitions/login"},
            "when": {"if": {}, "then": {"properties": {"z": {"airbyte_secret": true}}}},
            "endless": {"$ref": "#/properties/endless"},
        },
        "definitions": {"login": {"properties": {"key": {"$ref": "#/definitions/key"}}}, "key": {"airbyte_secret": true}},
        "additionalProperties": true,
    });
    let config = json!({
        "token": "t", "pin": 1234, "open": "o", "flag": true,
        "accounts": [{"key": "k1", "name": "n"}, {"key": "k2"}],
        "keys": ["k3", {"nested": "k4"}],
        "credentials": {"kind": "a", "x": "cx", "y": "cy"},
        "headers": {"X-Key": "h"},
        "pair": ["left", "right"], "by_name": {"k1": "named"}, "referred": {"key": "found"}, "when": {"z": "then"},
        "endless": "e",
        "other": "z",
    });
    assert_eq!(
        secrets_in(&spec, &config),
        ["t", "1234", "k1", "k2", "k3", "k4", "cx", "cy", "h", "right", "named", "found", "then"]
    );
    assert!(secrets_in(&json!(true), &json!([1])).is_empty());
}

#[test]
fn schemas_that_refer_to_themselves_are_searched_once() {
    let spec = json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}, {"$ref": "#"}], "properties": {"key": {"$ref": "#/x"}},
        "x": {"airbyte_secret": true}});
    assert_eq!(secrets_in(&spec, &json!({"key": "k", "other": {"key": 1}})), ["k"]);
}
