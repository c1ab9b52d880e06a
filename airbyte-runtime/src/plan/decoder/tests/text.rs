use super::super::{CsvOptions, Decoder};
use super::{check, show};

fn csv(delimiter: &str, encoding: &str, none: &[&str]) -> Decoder {
    Decoder::Csv(CsvOptions {
        encoding: encoding.to_owned(),
        delimiter: delimiter.to_owned(),
        set_values_to_none: none.iter().map(|&none| none.to_owned()).collect(),
        ..CsvOptions::default()
    })
}

#[test]
fn lines_of_text() {
    check(
        &Decoder::Iterable,
        &[
            (
                "line one\n\nline 3 é\r\nlast".as_bytes(),
                r#"{"record":"line one"} {"record":""} {"record":"line 3 é"} {"record":"last"}"#,
            ),
            (b"a\rb\n", r#"{"record":"a"} {"record":"b"}"#),
            (b"", ""),
            (b"a\n\xff\n", r#"{"record":"a"} !"#),
        ],
    );
}

#[test]
fn csv_rows() {
    check(
        &csv(",", "utf-8", &[]),
        &[
            (b"a,b\n1,2\n", r#"{"a":"1","b":"2"}"#),
            (b"a,b\n", ""),
            (b"", ""),
            (b"a,a,, b \n1,2,3, 4 \n", r#"{"a":"2","":"3"," b ":" 4 "}"#),
            (b"a,a\n1\n", r#"{"a":null}"#),
            (b"a,b\n1\n1,2,3,4\n\n \n", r#"{"a":"1","b":null} {"a":"1","b":"2","null":["3","4"]} {"a":" ","b":null}"#),
            (b"a,b\r\n\"x,\r\ny\",\"q\"\"q\"\r\n", r#"{"a":"x,\ny","b":"q\"q"}"#),
            (b"a\rb\r\r\"c\rd\"", r#"{"a":"b"} {"a":"c\nd"}"#),
            (b"a,b\n1 \"x\",\"y\"z\n", r#"{"a":"1 \"x\"","b":"yz"}"#),
            (b"a\n\"\"\n", r#"{"a":""}"#),
            (b"a\n\"open\n1", r#"{"a":"open\n1"}"#),
            (b"\na,b\n1\n", r#"{"null":["a","b"]} {"null":["1"]}"#),
            (b"\xef\xbb\xbfa,b\n1,2\n", "{\"\u{feff}a\":\"1\",\"b\":\"2\"}"),
            (b"\xef\xbb\xbf\"a\",b\n1,2\n", "{\"\u{feff}\\\"a\\\"\":\"1\",\"b\":\"2\"}"),
            (b"a\n\xff\n", "!"),
        ],
    );
}

#[test]
fn csv_options() {
    check(
        &csv(",", "utf-8", &[""]),
        &[(
            b"a,b\n1,\n2,\"x,y\"\n3,4,5\n6\n",
            r#"{"a":"1","b":null} {"a":"2","b":"x,y"} {"a":"3","b":"4","null":["5"]} {"a":"6","b":null}"#,
        )],
    );
    check(
        &csv(";", "utf-8", &["", "NULL", "-"]),
        &[(b"a;b;c\n1;;NULL\n-;x;null\n", r#"{"a":"1","b":null,"c":null} {"a":null,"b":"x","c":"null"}"#)],
    );
    for tab in ["\t", "\\t", "\\x09", "\\u0009", "\\11", "\\011"] {
        check(&csv(tab, "utf-8", &[]), &[(b"a\tb\n1\t2\n", r#"{"a":"1","b":"2"}"#)]);
    }
    check(&csv("", "utf-8", &[]), &[(b"a,b\n1,2\n", r#"{"a":"1","b":"2"}"#)]);
    for bad in ["||", "\\q", "\\", "é"] {
        check(&csv(bad, "utf-8", &[]), &[(b"a\n1\n", "!")]);
    }
}

#[test]
fn csv_encodings() {
    let cases: &[(&str, &[u8], &str)] = &[
        ("utf-8-sig", b"\xef\xbb\xbfa\n1\n", r#"{"a":"1"}"#),
        ("utf_8_sig", b"a\n1\n", r#"{"a":"1"}"#),
        ("latin-1", b"a\n\xe9\x80\n", "{\"a\":\"é\u{80}\"}"),
        ("ISO-8859-1", b"a\n\xe9\n", r#"{"a":"é"}"#),
        ("cp1252", b"a\n\x80\n", r#"{"a":"€"}"#),
        ("ascii", b"a\n\xe9\n", "!"),
        ("utf-16", b"\xff\xfea\0\n\x001\0\n\0", r#"{"a":"1"}"#),
        ("utf-16", b"\xfe\xff\0a\0\n\x001\0\n", r#"{"a":"1"}"#),
        ("utf-16-le", b"a\0\n\x001\0\n\0", r#"{"a":"1"}"#),
        ("shift_jis", b"a\n\x82\xa0\n", r#"{"a":"あ"}"#),
        ("no-such", b"a\n1\n", "!"),
    ];
    for (encoding, body, expected) in cases {
        assert_eq!(show(&csv(",", encoding, &[]), body, None), *expected, "{encoding}");
    }
}

#[test]
fn rows_longer_than_a_buffer() {
    let rows: String = (0..3000).map(|row| format!("{row},\"{}é\r\n\"\r\n", "y".repeat(row % 90))).collect();
    let (elements, error) =
        super::decode(&csv(",", "utf-8", &[]), super::Body::new(format!("a,b\r\n{rows}").as_bytes(), None));
    assert_eq!(error, None);
    assert_eq!(elements.len(), 3000);
    for (row, element) in elements.iter().enumerate() {
        assert_eq!(element["a"], row.to_string());
        assert_eq!(element["b"], format!("{}é\n", "y".repeat(row % 90)));
    }
}

/// A long header makes long records of short rows, the more the shorter these are.
#[test]
fn a_header_that_is_much_longer_than_its_rows_has_a_bound() {
    let names: Vec<String> = (0..40).map(|number| format!("{}{number}", "n".repeat(1_000))).collect();
    let header = names.join(",");
    let table = |rows: usize, row: &str| format!("{header}\n{}", row.repeat(rows)).into_bytes();
    let written = |body: &[u8]| csv(",", "utf-8", &[]).text(&mut { body }, None, &mut std::io::sink());
    // 100 MB of records: 2,200 times the rows and the header.
    let error = written(&table(2_500, "1\n")).unwrap_err();
    assert!(error.message().starts_with("the rows of the answer become records of more than 2000 times"), "{error}");
    // Fewer of them.
    written(&table(1_500, "1\n")).unwrap();
    // Rows of commas, as most programs write them.
    written(&table(200, &format!("{}\n", ",".repeat(39)))).unwrap();
}

#[test]
fn a_header_has_a_bound() {
    let columns = |count: usize| format!("{}\n1\n", "a,".repeat(count - 1)).into_bytes();
    let written = |body: &[u8]| csv(",", "utf-8", &[]).text(&mut { body }, None, &mut std::io::sink());
    written(&columns(100_000)).unwrap();
    for body in [columns(100_001), format!("{}\n1\n", "a".repeat((16 << 20) + 1)).into_bytes()] {
        let error = written(&body).unwrap_err();
        assert!(error.message().starts_with("the header of the rows in the answer has "), "{error}");
        assert!(error.message().ends_with("ask for fewer columns, or look whether the delimiter is right"), "{error}");
        assert_eq!(super::decode(&csv(",", "utf-8", &[]), super::Body::new(&body, None)).1, Some(error.to_string()));
    }
}
