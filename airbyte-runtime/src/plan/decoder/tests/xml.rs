use super::super::{Body, CsvOptions, Decoder};
use super::{check, show};
use crate::error::ErrorKind;

#[test]
fn xml_documents() {
    check(
        &Decoder::Xml,
        &[
            (
                br#"<r xmlns:a="u"><i id="1">t</i><i><a:n>2</a:n><e/><m> x </m></i></r>"#,
                r##"{"r":{"@xmlns:a":"u","i":[{"@id":"1","#text":"t"},{"a:n":"2","e":null,"m":"x"}]}}"##,
            ),
            (b" <r/> ", r#"{"r":null}"#),
            (b"<a><b>1</b><b/><b>x</b></a>", r#"{"a":{"b":["1",null,"x"]}}"#),
            (b"<a> x <b> y </b> z </a>", r##"{"a":{"b":"y","#text":"x  z"}}"##),
            (b"<a b=\"\"/>", r#"{"a":{"@b":""}}"#),
            (b"<a\n b='\"'\tc=\"'\" />", r#"{"a":{"@b":"\"","@c":"'"}}"#),
            (b"<a b=\" x\n\ty \"> </a>", r#"{"a":{"@b":" x  y "}}"#),
            (b"<a b=\"&#10;x&amp;\"/>", r#"{"a":{"@b":"\nx&"}}"#),
            (b"<a><![CDATA[ <x> ]]>y</a>", r#"{"a":"<x> y"}"#),
            (b"<a>1\r\n2</a>", r#"{"a":"1\n2"}"#),
            (b"<a>&#x41;&lt;&amp;&apos;&quot;</a>", r#"{"a":"A<&'\""}"#),
            (b"<a><?pi x?>t<!-- c -->u</a>", r#"{"a":"tu"}"#),
            ("<a>\u{a0}x\u{a0}</a>".as_bytes(), r#"{"a":"x"}"#),
            ("\u{feff}<a/>".as_bytes(), r#"{"a":null}"#),
            ("<?xml version=\"1.0\" encoding=\"utf-8\"?><a>é</a>".as_bytes(), r#"{"a":"é"}"#),
            (b"<!DOCTYPE a [<!ENTITY foo \"bar\">]><a>x&foo;y</a>", r#"{"a":"xy"}"#),
        ],
    );
}

/// What an answer without a record would be is what nobody meant to be XML.
#[test]
fn only_what_is_not_meant_to_be_xml_is_an_empty_object() {
    check(&Decoder::Xml, &[(b"", "{}"), (b"busy", "{}"), (b"<a/>x", "!")]);
    let broken = [
        "<r>",
        "<a/><b/>",
        "x<a/>",
        "<a>&foo;</a>",
        "<a b=\"1\" b=\"2\"/>",
        "<a b=\"<\"/>",
        "<a b=1/>",
        "<a b=\"1\"c=\"2\"/>",
        "<a>]]></a>",
        "<a>\u{1}</a>",
        "<a>&#1;</a>",
        "<a>\u{fffe}</a>",
        "<a><!-- -- --></a>",
        " <?xml version=\"1.0\"?><a/>",
        "<1a/>",
        "<a>&</a>",
        "<a></b>",
        "</a>",
        "<a><b/ ></a>",
        "< a/>",
        "<![CDATA[x]]><a/>",
    ];
    for body in broken {
        let error = Decoder::Xml.decode(Body::new(body.as_bytes(), None), &mut |_| panic!("{body}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transient, "{body}");
        assert!(error.message().starts_with("the API's answer cannot be read: "), "{error}");
    }
}

/// The kind of error, and the message, of XML that becomes text.
fn refusal(body: &[u8]) -> (ErrorKind, String) {
    let mut text = Vec::new();
    let error = Decoder::Xml.text(&mut { body }, None, &mut text).unwrap_err();
    assert!(text.is_empty());
    (error.kind(), error.message().to_owned())
}

#[test]
fn xml_that_is_cut_is_told_from_xml_that_is_wrong() {
    let whole =
        "<?xml version=\"1.0\"?><!DOCTYPE r><r a='>'><!-- > --><b>x &amp; y</b><![CDATA[>]]><?pi >?><c d=\"1\"/></r>";
    for length in 1..whole.len() {
        let (kind, message) = refusal(&whole.as_bytes()[..length]);
        assert_eq!(kind, ErrorKind::Transient, "{length}: {message}");
        assert!(message.contains("the XML body ends too early"), "{length}: {message}");
    }
    assert_eq!(
        refusal(b"<a><b>\x01</b></a>"),
        (
            ErrorKind::System,
            "the API's answer cannot be read: it is not XML at byte 6: a character that XML does not allow".to_owned()
        )
    );
    for body in ["<a>&nbsp;</a>", "<a></b>", "busy", "<a/>x"] {
        assert_eq!(refusal(body.as_bytes()).0, ErrorKind::System, "{body}");
    }
}

#[test]
fn a_page_of_html_is_no_data() {
    let csv = || Decoder::Csv(CsvOptions::default());
    for page in [
        "<html><head/><body>busy</body></html>",
        " \r\n<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<HTML><hr></HTML>",
        "\u{feff}<!doctype html><html lang=en>",
    ] {
        for decoder in [Decoder::Xml, csv(), Decoder::Jsonl, Decoder::Gzip(Box::new(csv()))] {
            let sink = &mut |_| panic!("{decoder:?}: {page}");
            let error = decoder.decode(Body::new(page.as_bytes(), None), sink).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Transient, "{decoder:?}: {error}");
        }
        for decoder in [Decoder::Xml, csv()] {
            let error = decoder.text(&mut page.as_bytes(), None, &mut std::io::sink()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Transient, "{decoder:?}: {error}");
            assert!(error.message().contains("HTML"), "{error}");
        }
    }
    check(&Decoder::Xml, &[(b"<html-report/>", r#"{"html-report":null}"#)]);
    check(&csv(), &[(b"<htm\n1\n", r#"{"<htm":"1"}"#)]);
}

#[test]
fn xml_encodings() {
    let cases: &[(Option<&str>, &[u8], &str)] = &[
        (Some("text/xml"), b"<i>\xc3\xa9</i>", "{\"i\":\"Ã©\"}"),
        (Some("text/xml; charset=\"UTF-8\""), b"<i>\xc3\xa9</i>", r#"{"i":"é"}"#),
        (Some("application/xml; charset=iso-8859-1"), b"<i>\xe9</i>", r#"{"i":"é"}"#),
        (Some("application/xml"), b"<i>\xc3\xa9</i>", r#"{"i":"é"}"#),
        (Some("application/xml"), b"<?xml version='1.0' encoding='ISO-8859-1'?><i>\xe9</i>", r#"{"i":"é"}"#),
        (None, b"<i>\xe9</i>", r#"{"i":"é"}"#),
        (None, b"\xff\xfe<\0i\0/\0>\0", r#"{"i":null}"#),
        (Some("application/xml; charset=utf-8"), b"<i>\xe9</i>", "{\"i\":\"\u{fffd}\"}"),
    ];
    for (content_type, body, expected) in cases {
        assert_eq!(show(&Decoder::Xml, body, *content_type), *expected, "{content_type:?}");
    }
}

#[test]
fn xml_nesting_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(show(&Decoder::Xml, nested(1024).as_bytes(), None).starts_with(r#"{"a":{"a":"#));
    check(&Decoder::Xml, &[(nested(1025).as_bytes(), "!"), ("<a>".repeat(100_000).as_bytes(), "!")]);
}
