use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::zip::members;
use super::super::{Body, Budget, CsvOptions, Decoder};
use super::{check, decode, gzip};
use crate::error::Error;

/// An archive with these members.
pub(super) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in members {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(data).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn gzip_members() {
    let decoder = Decoder::Gzip(Box::new(Decoder::Jsonl));
    let two = [gzip(b"{\"id\": 1}\n"), gzip(b"{\"id\": 2}\n")].concat();
    // `{"id": 1, "a": "é"}`, a line end and the start of another line; the trailer is missing.
    let truncated = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabV\xcaLQ\xb2R0\xd4QPJ\x04\xd2J\x87W*\xd5rUC\x04";
    let whole = gzip(b"1\n2\n");
    check(
        &decoder,
        &[
            (&two, r#"{"id":1} {"id":2}"#),
            (b"1\n2\n", "1 2"),
            (b"1", "1"),
            (b"", ""),
            (truncated, r#"{"id":1,"a":"é"} !"#),
            (&[&whole[..10], b"\xff\xff\xff"].concat(), "!"),
            (b"\x1f\x8b", "!"),
        ],
    );
    check(&Decoder::Gzip(Box::new(decoder)), &[(&gzip(&whole), "1 2"), (&whole, "1 2")]);
}

#[test]
fn zip_members() {
    let csv = Decoder::Zip(Box::new(Decoder::Csv(CsvOptions::default())));
    check(
        &csv,
        &[(
            &zip(&[("a.csv", b"id,n\n1,x\n"), ("d/", b""), ("b.csv", b"id,m\n2,y\n")]),
            r#"{"id":"1","n":"x"} {"id":"2","m":"y"}"#,
        )],
    );
    let nested = Decoder::Zip(Box::new(Decoder::Gzip(Box::new(Decoder::Jsonl))));
    check(&nested, &[(&zip(&[("a.gz", &gzip(b"1\n")), ("b", b"2")]), "1 2"), (&zip(&[]), "")]);
}

#[test]
fn broken_archives_say_what_is_broken() {
    let decoder = Decoder::Zip(Box::new(Decoder::Json));
    let (elements, error) = decode(&decoder, Body::new(&zip(&[("a.json", b"{bad"), ("b.json", b"1")]), None));
    assert_eq!(elements, [] as [serde_json::Value; 0]);
    assert_eq!(
        error.as_deref(),
        Some(
            "the member \"a.json\" of the zip archive in the answer: the compressed document cannot be read: \
             it is not JSON: expected a string at byte 1"
        )
    );
    for body in [&b""[..], b"no archive", b"PK\x03\x04"] {
        let (_, error) = decode(&decoder, Body::new(body, None));
        assert_eq!(error.as_deref(), Some("the body of the answer is not a valid zip archive"));
    }
    let mut damaged = zip(&[("a.json", b"[1]")]);
    let data = damaged.windows(6).position(|window| window == b"a.json").unwrap() + 6;
    damaged[data] ^= 0x55;
    assert!(decode(&decoder, Body::new(&damaged, None)).1.is_some());
}

#[test]
fn bombs_are_cut_off() {
    let zeros = vec![b'\n'; 1 << 20];
    let body = gzip(&zeros);
    let decoder = Decoder::Gzip(Box::new(Decoder::Jsonl));
    let limited = |bytes, limit| Body { bytes, content_type: None, budget: Budget::of(limit) };
    assert_eq!(decode(&decoder, limited(&body, 1 << 20)).1, None);
    let error = decode(&decoder, limited(&body, (1 << 20) - 1)).1.unwrap();
    assert!(error.contains("unpacks to more than"), "{error}");
    let archive = zip(&[("a", &zeros), ("b", &zeros)]);
    let decoder = Decoder::Zip(Box::new(Decoder::Jsonl));
    assert_eq!(decode(&decoder, limited(&archive, 2 << 20)).1, None);
    let error = decode(&decoder, limited(&archive, (2 << 20) - 1)).1.unwrap();
    assert!(error.starts_with("the member \"b\""), "{error}");
}

/// Members that each stay within the budget, and are packed once more themselves.
#[test]
fn all_that_is_unpacked_of_a_body_takes_from_one_budget() {
    let rows = vec![b'\n'; 1 << 16];
    let packed = gzip(&rows);
    let members: Vec<(String, &[u8])> = (0..10).map(|number| (format!("{number}.gz"), &packed[..])).collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(name, data)| (name.as_str(), *data)).collect();
    let body = zip(&members);
    let decoder = Decoder::Zip(Box::new(Decoder::Gzip(Box::new(Decoder::Jsonl))));
    let all = 10 * (rows.len() + packed.len()) as u64;
    let failure = |limit| {
        let of_elements = decode(&decoder, Body { bytes: &body, content_type: None, budget: Budget::of(limit) }).1;
        let of_text = decoder.write(&mut &body[..], None, &Budget::of(limit), &mut std::io::sink()).err();
        assert_eq!(of_elements, of_text.map(|error| error.to_string()));
        of_elements
    };
    assert_eq!(failure(all), None);
    let error = failure(all - 1).unwrap();
    assert!(error.starts_with("the member \"9.gz\"") && error.contains("unpacks to more than"), "{error}");
    let error = failure(3 << 16).unwrap();
    assert!(error.starts_with("the member \"2.gz\""), "{error}");
}

/// Eight members that are the same bytes of the archive: each for itself is not too many times longer than these.
#[test]
fn members_are_held_against_the_archive_together() {
    let one = zip(&[("0", &vec![0; 17 << 20])]);
    let find = |signature: &[u8; 4]| one.windows(4).rposition(|start| start == signature).unwrap();
    let (directory, end) = (find(b"PK\x01\x02"), find(b"PK\x05\x06"));
    let mut entry = one[directory..end].to_vec();
    let mut body = one[..directory].to_vec();
    for number in b'0'..b'8' {
        // The name stands behind 46 bytes.
        entry[46] = number;
        body.extend_from_slice(&entry);
    }
    let mut tail = one[end..].to_vec();
    let length = u32::try_from(8 * entry.len()).unwrap();
    (tail[8], tail[10]) = (8, 8);
    tail[12..16].copy_from_slice(&length.to_le_bytes());
    body.extend_from_slice(&tail);
    let mut read = 0;
    let unpacked = members(Cursor::new(body), &Budget::default(), &mut |member| {
        read += std::io::copy(member, &mut std::io::sink()).map_err(Error::of_body)?;
        Ok(ControlFlow::Continue(()))
    });
    let error = unpacked.unwrap_err();
    assert!(error.message().starts_with("the member \"3\" of the zip archive"), "{error}");
    assert!(error.message().contains("more than 2000 times its size"), "{error}");
    assert_eq!(read, 3 * (17 << 20));
}
