//! Validation: what a user reads for each mistake.

use serde_json::json;

use super::*;

/// Asserts the problems, each written as `path: text`.
#[track_caller]
fn assert_problems(spec: &Value, config: Value, expected: &[&str]) {
    let problems = validate(spec, &config);
    let lines: Vec<String> = problems.iter().map(|problem| format!("{}: {}", problem.path, problem.text)).collect();
    assert_eq!(lines, expected, "{config}");
}

#[track_caller]
fn assert_property(property: Value, value: Value, expected: &[&str]) {
    assert_problems(&json!({"properties": {"x": property}}), json!({"x": value}), expected);
}

#[test]
fn all_problems_are_reported_in_the_order_of_the_specification() {
    let spec = json!({
        "type": "object",
        "required": ["repositories", "api_key", "undeclared"],
        "properties": {
            "api_key": {"type": "string", "airbyte_secret": true},
            "start_date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "pattern_descriptor": "YYYY-MM-DD"},
            "repositories": {"type": "array", "items": {"type": "string"}},
            "credentials": {"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}},
        },
    });
    assert_problems(&spec, json!({"api_key": "k", "repositories": [], "undeclared": 1, "more": {}, "_limit": 5}), &[]);
    assert_problems(
        &spec,
        json!({"credentials": {}, "repositories": ["a", 1, null], "start_date": "2024/01/01"}),
        &[
            "api_key: 'api_key' is a required property",
            "start_date: `start_date` must match YYYY-MM-DD, found \"2024/01/01\"",
            "repositories[1]: `repositories[1]` must be a string, found a number",
            "repositories[2]: `repositories[2]` must be a string, found null",
            "credentials.token: 'token' is a required property in `credentials`",
            "undeclared: 'undeclared' is a required property",
        ],
    );
    assert_problems(
        &spec,
        json!({"api_key": null, "repositories": "a", "undeclared": 1, "start_date": null}),
        &[
            "api_key: `api_key` must be a string, found null",
            "repositories: `repositories` must be a list, found a string",
        ],
    );
    for (config, noun) in [(json!([1]), "a list"), (json!("x"), "a string"), (json!(null), "null")] {
        assert_problems(&spec, config, &[&format!(": the configuration must be an object, found {noun}")]);
    }
}

#[test]
fn types_are_checked() {
    let table = [
        (json!("integer"), json!(1.0), ""),
        (json!("integer"), json!(1.5), "must be an integer, found 1.5"),
        (json!("integer"), json!("10"), "must be an integer, found \"10\"; remove the quotes"),
        (json!("integer"), json!("ten"), "must be an integer, found a string"),
        (json!("number"), json!(1), ""),
        (json!("boolean"), json!("true"), "must be true or false, found a string"),
        (json!("object"), json!([]), "must be an object, found a list"),
        (json!(["string", "null"]), json!(null), ""),
        (json!(["string", "null"]), json!({}), "must be a string or null, found an object"),
        (json!(["array", "string"]), json!(true), "must be a list or a string, found a boolean"),
    ];
    for (name, value, expected) in table {
        let expected = if expected.is_empty() { Vec::new() } else { vec![format!("x: `x` {expected}")] };
        assert_property(json!({"type": name}), value, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn keywords_are_checked() {
    let table = [
        (json!({"enum": ["open", "closed"]}), json!("open"), ""),
        (
            json!({"enum": ["open", "closed"]}),
            json!("opne"),
            "must be one of \"open\", \"closed\", found \"opne\"; did you mean \"open\"?",
        ),
        (json!({"enum": ["open", "closed"]}), json!("all"), "must be one of \"open\", \"closed\", found \"all\""),
        (json!({"enum": [1, 2]}), json!(1.0), ""),
        (json!({"const": "a"}), json!("b"), "must be \"a\", found \"b\""),
        (json!({"pattern": "b+"}), json!("abbc"), ""),
        (json!({"pattern": "^b+$"}), json!("abbc"), "must match the pattern `^b+$`, found \"abbc\""),
        (json!({"pattern": "^(?!x)"}), json!("x"), ""),
        (
            json!({"format": "date"}),
            json!("2024-02-30"),
            "must be a date that exists, such as 2024-01-31, found \"2024-02-30\"",
        ),
        (
            json!({"format": "date-time"}),
            json!("2024-02-03"),
            "must be a date and time with its offset from UTC, such as 2024-01-31T00:00:00Z, found \"2024-02-03\"",
        ),
        (json!({"format": "email"}), json!("x"), ""),
        (json!({"minimum": 1}), json!(0), "must be at least 1, found 0"),
        (json!({"maximum": 100}), json!(101), "must be at most 100, found 101"),
        (json!({"exclusiveMinimum": 0}), json!(0), "must be greater than 0, found 0"),
        (json!({"exclusiveMaximum": 1.5}), json!(1.5), "must be less than 1.5, found 1.5"),
        (json!({"minimum": 1, "maximum": 3}), json!(3), ""),
        (json!({"minLength": 1}), json!(""), "must not be empty"),
        (json!({"minLength": 3}), json!("éé"), "must have at least 3 characters, found 2"),
        (json!({"maxLength": 2}), json!("éé"), ""),
        (json!({"maxLength": 2}), json!("abc"), "must have at most 2 characters, found 3"),
        (json!({"minItems": 1}), json!([]), "must have at least 1 entry, found 0"),
        (json!({"maxItems": 2}), json!([1, 2, 3]), "must have at most 2 entries, found 3"),
        (json!({"pattern": "^a$"}), json!("b".repeat(81)), "must match the pattern `^a$`, found a long text"),
        (json!({"enum": ["a"]}), json!(["a"]), "must be \"a\", found a list"),
    ];
    for (property, value, expected) in table {
        let expected = if expected.is_empty() { Vec::new() } else { vec![format!("x: `x` {expected}")] };
        assert_property(property, value, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }
    assert_property(
        json!({"uniqueItems": true}),
        json!(["a", 1, "a", 1.0]),
        &[
            "x[2]: `x[2]` is the same as `x[0]`; remove one of them",
            "x[3]: `x[3]` is the same as `x[1]`; remove one of them",
        ],
    );
    assert_property(
        json!({"additionalProperties": {"type": "string"}}),
        json!({"a": "b", "c": 1}),
        &["x.c: `x.c` must be a string, found a number"],
    );
}

#[test]
fn the_discriminator_picks_the_option() {
    let spec = json!({"properties": {"credentials": {"type": "object", "oneOf": [
        {"title": "OAuth", "required": ["auth_type", "client_id", "refresh_token"], "properties": {
            "auth_type": {"type": "string", "const": "oauth2.0"},
            "client_id": {"type": "string"},
            "refresh_token": {"type": "string", "airbyte_secret": true},
        }},
        {"title": "Token", "required": ["auth_type", "token"], "properties": {
            "auth_type": {"type": "string", "const": "token"},
            "token": {"type": "string", "airbyte_secret": true, "minLength": 5},
        }},
    ]}}});
    let table: [(Value, &[&str]); 6] = [
        (json!({"auth_type": "token", "token": "12345"}), &[]),
        (
            json!({"auth_type": "oauth2.0", "client_id": 1, "token": "1"}),
            &[
                "credentials.client_id: `credentials.client_id` must be a string, found a number",
                "credentials.refresh_token: 'refresh_token' is a required property in `credentials`",
            ],
        ),
        (
            json!({"auth_type": "token", "token": "1234"}),
            &["credentials.token: `credentials.token` must have at least 5 characters"],
        ),
        (
            json!({"auth_type": "tokn"}),
            &[
                "credentials.auth_type: `credentials.auth_type` must be one of \"oauth2.0\", \"token\", found \"tokn\"; did you mean \"token\"?",
            ],
        ),
        (
            json!({"token": "12345"}),
            &[
                "credentials.auth_type: 'auth_type' is a required property in `credentials`; it must be one of \"oauth2.0\", \"token\"",
            ],
        ),
        (json!("x"), &["credentials: `credentials` must be an object, found a string"]),
    ];
    for (credentials, expected) in table {
        assert_problems(&spec, json!({"credentials": credentials}), expected);
    }
}

#[test]
fn options_without_a_discriminator_are_tried() {
    let either = json!({"oneOf": [
        {"title": "name", "type": "string", "minLength": 2},
        {"title": "list of names", "type": "array", "items": {"type": "string"}},
    ]});
    assert_property(either.clone(), json!("ab"), &[]);
    assert_property(either.clone(), json!(["a"]), &[]);
    assert_property(either.clone(), json!([1]), &["x[0]: `x[0]` must be a string, found a number"]);
    assert_property(either, json!(1), &["x: `x` must be a string or a list, found a number"]);

    let objects = |keyword: &str| {
        json!({keyword: [
            {"title": "by id", "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
            {"title": "by name", "type": "object", "required": ["name", "team"]},
        ]})
    };
    let both = json!({"id": 1, "name": "n", "team": "t"});
    assert_property(
        objects("oneOf"),
        both.clone(),
        &["x: `x` fits more than one of its forms (\"by id\", \"by name\"); make it fit only one"],
    );
    assert_property(objects("anyOf"), both, &[]);
    assert_property(
        objects("oneOf"),
        json!({"id": "1"}),
        &[
            "x: `x` fits none of its forms (\"by id\", \"by name\"); for \"by id\", `x.id` must be an integer, found \"1\"; remove the quotes",
        ],
    );
}

#[test]
fn secrets_are_never_repeated() {
    let secret = "s3cr3t-value";
    let keywords = [
        json!({"enum": ["s3cr3t-valu"]}),
        json!({"const": "other"}),
        json!({"pattern": "^x"}),
        json!({"format": "date"}),
        json!({"format": "date-time"}),
        json!({"minLength": 99}),
        json!({"maxLength": 1}),
        json!({"type": "integer"}),
        json!({"oneOf": [{"const": "a"}, {"const": "b"}]}),
        json!({"oneOf": [{"type": "string", "pattern": "^x"}, {"type": "string", "const": "y"}]}),
    ];
    for mut property in keywords {
        property["airbyte_secret"] = json!(true);
        // The same value in an ordinary setting is not shown either.
        let spec = json!({"properties": {"a": property, "b": {"pattern": "^x"}, "c": {"items": {"enum": [1]}, "airbyte_secret": true}}});
        let problems = validate(&spec, &json!({"a": secret, "b": format!("in {secret}"), "c": [secret]}));
        assert_eq!(problems.len(), 3, "{spec}");
        for problem in problems {
            assert!(
                !problem.text.contains("s3cr3t-value") && !problem.text.contains("did you mean"),
                "{}",
                problem.text
            );
        }
    }
    let numeric = json!({"properties": {"pin": {"type": "integer", "maximum": 9, "airbyte_secret": true}}});
    assert_property(json!({"enum": [false], "airbyte_secret": true}), json!(true), &["x: `x` must be false"]);
    assert_problems(&numeric, json!({"pin": 123456}), &["pin: `pin` must be at most 9"]);
    assert_problems(&numeric, json!({"pin": 1234.5}), &["pin: `pin` must be an integer, found a fraction"]);
    assert_problems(
        &numeric,
        json!({"pin": "123456"}),
        &["pin: `pin` must be an integer, found a string; remove the quotes"],
    );
}

#[test]
fn unknown_settings_are_warned_about() {
    let spec = json!({
        "additionalProperties": true,
        "properties": {
            "start_date": {"type": "string"},
            "accounts": {"items": {"properties": {"name": {"type": "string"}}}},
            "labels": {"type": "object"},
            "headers": {"type": "object", "properties": {}, "additionalProperties": {"type": "string"}},
            "credentials": {"oneOf": [
                {"properties": {"kind": {"const": "a"}, "client_id": {}}},
                {"properties": {"kind": {"const": "b"}, "token": {}}},
            ]},
        },
    });
    let warnings = unknown_keys(
        &spec,
        &json!({
            "start_dat": "s3cr3t", "_limit": 1, "__injected_x": 1, "region": 1,
            "accounts": [{"name": "a"}, {"nmae": "b"}],
            "labels": {"anything": 1}, "headers": {"X": "y"},
            "credentials": {"kind": "b", "client_id": 1, "tokn": "s3cr3t"},
        }),
    );
    assert_eq!(
        warnings,
        [
            "`start_dat` is not a setting of this connector and is ignored; did you mean `start_date`?",
            "`region` is not a setting of this connector and is ignored",
            "`accounts[1].nmae` is not a setting of this connector and is ignored; did you mean `accounts[1].name`?",
            "`credentials.client_id` is not a setting of this connector and is ignored",
            "`credentials.tokn` is not a setting of this connector and is ignored; did you mean `credentials.token`?",
        ]
    );
    let undecided = unknown_keys(
        &spec,
        &json!({"credentials": {"client_id": 1, "token": 1, "x": 1}, "start_date": "d", "start_dat": 1}),
    );
    assert_eq!(undecided.len(), 2);
    assert!(undecided.iter().all(|warning| !warning.contains("did you mean")), "{undecided:?}");
    assert!(unknown_keys(&json!({"properties": {}}), &json!({"v": 1})).is_empty());
}
