use super::super::Decoder;
use super::{check, gzip};

#[test]
fn json_documents() {
    check(
        &Decoder::Json,
        &[
            (br#"[{"id":1},{"id":2}]"#, r#"{"id":1} {"id":2}"#),
            (br#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (b" [1,null,\"a\",[2]] ", r#"1 null "a" [2]"#),
            (b"false", "false"),
            (b"0", "0"),
            (b"null", "{}"),
            (b"[]", "{}"),
            (b"{}", "{}"),
            (b"", "{}"),
            (b"<html>", "!"),
            (b"[1,2", "!"),
            (b"[1,]", "!"),
            (b"{\"a\":1,}", "!"),
            (b"1 2", "{}"),
            (b"nul", "{}"),
            (b"\xef\xbb\xbf[{\"id\":1}]", "!"),
            (b"\0\"a\":1}", "!"),
            (b"[\"\xe9\"]", "!"),
            (b"[\"\x01\"]", "!"),
            (b"\x0c1", "{}"),
            (br#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
        ],
    );
}

#[test]
fn json_numbers() {
    check(
        &Decoder::Json,
        &[
            (b"[NaN,Infinity,-Infinity,1e400]", "null null null null"),
            (b"[12345678901234567890123]", "1.2345678901234568e+22"),
            (b"[18446744073709551615,-9223372036854775808]", "18446744073709551615 -9223372036854775808"),
            (b"[-9223372036854775809]", "-9.223372036854776e+18"),
            (b"[-0]", "0"),
            (b"[-0.0,1.0,1E+2,0.1e1]", "-0.0 1.0 100.0 1.0"),
            (b"[0.1234567890123456789]", "0.12345678901234568"),
            (b"[1.7976931348623157e308,5e-324,1e-400]", "1.7976931348623157e+308 5e-324 0.0"),
            (b"[123456789012345680.0]", "1.2345678901234568e+17"),
            (b"[01]", "!"),
            (b"[1.]", "!"),
            (b"[.5]", "!"),
            (b"[1e]", "!"),
            (b"[+1]", "!"),
            (b"[-]", "!"),
            (b"[1-2]", "!"),
            (b"[-NaN]", "!"),
        ],
    );
}

#[test]
fn json_strings() {
    check(
        &Decoder::Json,
        &[
            (br#"["\"\\\/\b\f\n\r\t"]"#, r#""\"\\/\b\f\n\r\t""#),
            (br#"["\u00e9\ud83d\ude00"]"#, "\"é😀\""),
            (br#"["\ud800"]"#, "\"\u{fffd}\""),
            (br#"["\ud800x\udc00"]"#, "\"\u{fffd}x\u{fffd}\""),
            (br#"["\ud800\n"]"#, "\"\u{fffd}\\n\""),
            (br#"["\ud800\ud83d\ude00"]"#, "\"\u{fffd}😀\""),
            (br#"["\u12g4"]"#, "!"),
            (br#"["\x41"]"#, "!"),
            (br#"["a"#, "!"),
        ],
    );
}

#[test]
fn json_nesting_is_bounded() {
    let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    let shown = super::show(&Decoder::Json, &nested(1024), None);
    assert_eq!(shown.len(), 2 * 1023);
    check(&Decoder::Json, &[(&nested(1025), "!"), (&vec![b'['; 1_000_000], "!")]);
}

#[test]
fn json_in_an_archive_is_strict() {
    let decoder = Decoder::Gzip(Box::new(Decoder::Json));
    check(
        &decoder,
        &[
            (&gzip(b"[1,2]"), "1 2"),
            (b"[1,2]", "1 2"),
            (&gzip(b"false"), "false"),
            (&gzip(b"[]"), ""),
            (&gzip(b"null"), "!"),
            (&gzip(b""), "!"),
            (b"", "!"),
            (&gzip(b"{bad"), "!"),
        ],
    );
}

#[test]
fn json_lines() {
    check(
        &Decoder::Jsonl,
        &[
            ("{\"id\": 1, \"a\": \"é\"}\n{\"id\": 2}\n\n{bad}\n3".as_bytes(), "{\"id\":1,\"a\":\"é\"} {\"id\":2} 3"),
            (b"", ""),
            (b"[1]\r\nnull\r\n", "[1] null"),
            (b"\xef\xbb\xbf1\n2", "2"),
            (b"1\n\"\xff\"\n2", "1 !"),
        ],
    );
}

/// What the last line of a body is, if that is cut; and a body in which no line is JSON.
#[test]
fn lines_that_broke_are_asked_for_again() {
    check(
        &Decoder::Jsonl,
        &[
            (b"\n \n\r\n", ""),
            (b"{bad}\n1", "1"),
            (b"1\nend", "1"),
            (b"1\n{\"a\": \"x\n", "1"),
            (b"1\n{\"a\": \"x", "1 !"),
            (b"1\n[", "1 !"),
            (b"1\n{\"a\": \"\xc3", "1 !"),
            (b"no rows\n", ""),
            (b"no rows\n{bad}\n", ""),
            (b"{busy\n", "!"),
            (b"\n <p>busy\n\nvery\n", "!"),
        ],
    );
    for (body, message) in [
        (&b"1\n{\"\xc3"[..], "the API's answer cannot be read: its last line, line 2, ends too early: "),
        (b"\n<busy>\nvery", "the API's answer cannot be read: none of its 2 lines is JSON; the first is line 2: "),
    ] {
        let mut take = |_| Ok(std::ops::ControlFlow::Continue(()));
        let error = Decoder::Jsonl.decode(super::Body::new(body, None), &mut take).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Transient);
        assert!(error.message().starts_with(message), "{error}");
    }
}

#[test]
fn json_items() {
    let cases: &[(&str, &[u8], &str)] = &[
        (
            "data.items",
            br#"{"m":1,"data":{"x":[5],"items":[{"id":1,"e":1e3},{"o":[2.50]}]},"t":1}"#,
            r#"{"id":1,"e":1000.0} {"o":[2.5]}"#,
        ),
        ("nope", br#"{"data":[]}"#, ""),
        ("data.item.rows", br#"{"data":[{"rows":[1,2]},{"rows":[3]}]}"#, "1 2 3"),
        ("item", b"[[1],[2]]", "1 2"),
        ("a.b", br#"{"a.b":[1],"a":{"b":[2]}}"#, "1 2"),
        ("a", br#"{"a":{"item":5}}"#, "5"),
        ("a", br#"{"a":1}"#, ""),
        ("a", br#"{"ab":[1],"a":[2]}"#, "2"),
        ("a", br#"{"a":[1],"a":[[2]]}"#, "1 [2]"),
        ("d", br#"{"d":[{"id":1},{"id":12345678901234567890}]}"#, r#"{"id":1} !"#),
        ("a", br#"{"z":12345678901234567890,"a":[1]}"#, "!"),
        ("a", b"{\"a\":[9223372036854775807,-9223372036854775808]}", "9223372036854775807 !"),
        ("a", b"{\"a\":[1,1e400]}", "1 !"),
        ("a", b"{\"a\":[NaN]}", "!"),
        ("a", b"", "!"),
        ("a", b"null", ""),
        ("a", b"\xef\xbb\xbf{\"a\":[1]}", "!"),
        ("a", b"{\"a\":[1", "1 !"),
        ("a", b"{\"a\":[1]} x", "1 !"),
        ("a", b"{\"a\":[1],}", "1 !"),
        ("a", b"{\"a\":[1,\"\xff\"]}", "!"),
        ("", b"{}", "!"),
    ];
    for (path, body, expected) in cases {
        let decoder = Decoder::JsonItems { path: (*path).to_owned(), encoding: "utf-8".to_owned() };
        check(&decoder, &[(body, expected)]);
    }
    let latin1 = Decoder::JsonItems { path: "a".to_owned(), encoding: "iso-8859-1".to_owned() };
    check(&latin1, &[(b"{\"a\":[\"\xe9\x80\"]}", "\"é\u{80}\"")]);
}

#[test]
fn items_longer_than_a_buffer() {
    let items: Vec<String> =
        (0..5000).map(|id| format!(r#"{{"id":{id},"t":"é\u00e9{}"}}"#, "x".repeat(id % 70))).collect();
    let body = format!(r#"{{"skip":[{0}],"a":[{0}]}}"#, items.join(","));
    let decoder = Decoder::Gzip(Box::new(Decoder::JsonItems { path: "a".to_owned(), encoding: "utf-8".to_owned() }));
    let (elements, error) = super::decode(&decoder, super::Body::new(&gzip(body.as_bytes()), None));
    assert_eq!(error, None);
    assert_eq!(elements.len(), items.len());
    for (element, item) in elements.iter().zip(&items) {
        assert_eq!(*element, serde_json::from_str::<serde_json::Value>(item).unwrap());
    }
}
