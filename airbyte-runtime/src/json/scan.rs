//! One pass over a body, in pieces as they arrive: hands out the records and keeps the values that were asked for.

use std::ops::ControlFlow;

use super::error::{ScanError, ScanErrorKind};
use super::lexer::{Marks, Stop, Text};
use super::plan::{NodeId, ScanPlan};
use super::record::{Captured, Record};
use super::skip::Skip;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads one body along a [`ScanPlan`], checking that all of it is JSON.
#[derive(Debug)]
pub(crate) struct Scanner<'p> {
    pub(super) plan: &'p ScanPlan,
    /// The open containers in which something is looked for.
    pub(super) stack: Vec<Frame>,
    pub(super) expect: Expect,
    /// What the value that comes next, or is being skipped, is to the plan.
    pub(super) node: NodeId,
    /// The container that is being skipped, and where it began.
    pub(super) skip: Skip,
    pub(super) skip_start: usize,
    /// How many bytes earlier feeds consumed. Places that outlive a feed count from the start of the body.
    pub(super) base: usize,
    /// Where to go on, counted from the start of the buffer.
    pub(super) position: usize,
    /// The start of the outermost open value whose bytes are wanted.
    pub(super) pinned: Option<usize>,
    /// The start of an element that is skipped first, only to see whether it is the last.
    pub(super) probe: Option<usize>,
    /// A buffer shorter than this cannot make it worth while to read the last token again.
    pub(super) wait_for: usize,
    pub(super) marks: Marks,
    /// Where the fields of the current record begin and end.
    pub(super) fields: Vec<Option<(usize, usize)>>,
    pub(super) captured: Captured,
}

/// An open container.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) node: NodeId,
    pub(super) start: usize,
    pub(super) array: bool,
    /// The index of the current element.
    pub(super) index: usize,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    Start,
    Value,
    /// The rest of a container that is being skipped.
    Skipped,
    FirstKey,
    Key,
    FirstElement,
    Element,
    /// A comma, or the end of the container.
    After,
    /// Only whitespace.
    End,
}

/// What one call of [`Scanner::feed`] works with.
pub(super) struct Feed<'f, 'b> {
    pub(super) text: Text<'b>,
    pub(super) on_record: &'f mut dyn FnMut(Record<'_>) -> ControlFlow<()>,
    pub(super) fields: Vec<Option<&'b [u8]>>,
    pub(super) broken: bool,
}

impl<'p> Scanner<'p> {
    pub(crate) fn new(plan: &'p ScanPlan) -> Self {
        Self {
            plan,
            stack: Vec::new(),
            expect: Expect::Start,
            node: NodeId::ROOT,
            skip: Skip::open(true),
            skip_start: 0,
            base: 0,
            position: 0,
            pinned: None,
            probe: None,
            wait_for: 0,
            marks: Marks::default(),
            fields: vec![None; plan.field_count()],
            captured: Captured::new(plan.capture_count()),
        }
    }

    /// Reads on and returns how many bytes at the start of `buffer` are done with.
    ///
    /// The next call gets the other bytes again, with more behind them; `end` says that nothing comes after `buffer`.
    /// If `on_record` breaks, the call returns after that record, and a later call goes on behind it.
    /// After an error the scanner is of no use any more.
    pub(crate) fn feed(
        &mut self,
        buffer: &[u8],
        end: bool,
        on_record: &mut dyn FnMut(Record<'_>) -> ControlFlow<()>,
    ) -> Result<usize, ScanError> {
        if buffer.len() < self.wait_for && !end {
            return Ok(0);
        }
        let text = Text { bytes: buffer, end };
        let mut feed = Feed { text, on_record, fields: Vec::with_capacity(self.fields.len()), broken: false };
        let mut unread = 0;
        match self.walk(&mut feed) {
            Ok(()) => {}
            Err(Stop::Incomplete(at)) if !end => {
                self.position = at;
                unread = buffer.len().saturating_sub(at);
            }
            Err(Stop::Incomplete(_)) if self.expect == Expect::Start && self.plan.is_sequence => {
                self.position = buffer.len();
            }
            Err(Stop::Incomplete(_)) => {
                let empty = self.expect == Expect::Start;
                let kind = if empty { ScanErrorKind::Empty } else { ScanErrorKind::Truncated };
                return Err(ScanError::new(kind, self.base + buffer.len(), buffer, self.base));
            }
            Err(Stop::Fault(kind, at)) => return Err(ScanError::new(kind, self.base + at, buffer, self.base)),
        }
        let consumed = self.pinned.map_or(self.position, |pinned| pinned.saturating_sub(self.base));
        self.base += consumed;
        self.position -= consumed;
        // Those of a record that goes on in the next buffer.
        self.marks.nulls.iter_mut().for_each(|null| *null = null.saturating_sub(consumed));
        // A token that did not fit is read again from its start; waiting until it may be twice as long keeps
        // the work linear in the length of the body.
        self.wait_for = self.position + 2 * unread;
        Ok(consumed)
    }

    /// Ends the scan after the last feed.
    ///
    /// Fails if the body was not read to its end.
    pub(crate) fn finish(self) -> Result<Captured, ScanError> {
        match self.expect {
            Expect::End => Ok(self.captured),
            Expect::Start if self.plan.is_sequence => Ok(self.captured),
            Expect::Start => Err(ScanError::new(ScanErrorKind::Empty, self.base, b"", self.base)),
            _ => Err(ScanError::new(ScanErrorKind::Truncated, self.base + self.position, b"", self.base)),
        }
    }

    fn walk(&mut self, feed: &mut Feed<'_, '_>) -> Result<(), Stop> {
        while !feed.broken {
            match self.expect {
                Expect::Start => self.start(feed.text)?,
                Expect::Value => self.value(feed)?,
                Expect::Skipped => self.skip(feed)?,
                Expect::FirstKey | Expect::Key => self.key(feed)?,
                Expect::FirstElement | Expect::Element => self.element(feed)?,
                Expect::After => self.after(feed)?,
                Expect::End => match self.end(feed.text)? {
                    true => self.expect = Expect::Start,
                    false => return Ok(()),
                },
            }
        }
        Ok(())
    }

    fn start(&mut self, text: Text<'_>) -> Result<(), Stop> {
        if self.base + self.position == 0 {
            if text.bytes.starts_with(BYTE_ORDER_MARK) {
                self.position = BYTE_ORDER_MARK.len();
            } else if BYTE_ORDER_MARK.starts_with(text.bytes) && !text.end {
                return Err(Stop::Incomplete(0));
            }
        }
        let (at, first) = text.token(self.position, &mut self.marks)?;
        self.node = if first == b'[' { NodeId::ROOT_ARRAY } else { NodeId::ROOT };
        self.position = at;
        self.expect = Expect::Value;
        Ok(())
    }

    /// Reads on after the end of a document, and returns whether another one begins.
    fn end(&mut self, text: Text<'_>) -> Result<bool, Stop> {
        match text.token(self.position, &mut self.marks) {
            Ok((at, _)) if self.plan.is_sequence => {
                self.position = at;
                Ok(true)
            }
            Ok((at, _)) => Err(Stop::Fault(ScanErrorKind::TrailingGarbage, at)),
            Err(_) => {
                self.position = text.bytes.len();
                Ok(false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::path::JsonPath;

    fn plan(records: &str, fields: &[&str], captures: &[&str]) -> ScanPlan {
        let paths = |texts: &[&str]| texts.iter().map(|text| JsonPath::parse(text)).collect();
        ScanPlan::new(JsonPath::parse(records), paths(fields), paths(captures))
    }

    fn text(raw: &[u8]) -> String {
        String::from_utf8(raw.to_vec()).unwrap()
    }

    /// The records of `body`, each followed by its fields.
    fn scan(plan: &ScanPlan, body: &[u8]) -> Result<(Vec<String>, Captured), ScanError> {
        let mut scanner = Scanner::new(plan);
        let mut records = Vec::new();
        let consumed = scanner.feed(body, true, &mut |record| {
            records.push(text(record.bytes));
            records.extend(record.fields.iter().map(|field| field.map_or("-".to_owned(), text)));
            ControlFlow::Continue(())
        })?;
        assert_eq!(consumed, body.len());
        Ok((records, scanner.finish()?))
    }

    #[test]
    fn records_stand_where_dpath_finds_them() {
        let found = true;
        for (path, body, expected, path_found) in [
            ("data", r#"{"data":[{"a":1},{"a":2}],"n":0}"#, &[r#"{"a":1}"#, r#"{"a":2}"#][..], found),
            ("data", r#"{"data":{"a":1}}"#, &[r#"{"a":1}"#], found),
            ("data", r#"{"data":null}"#, &[], found),
            ("data", r#"{"data":[]}"#, &[], found),
            ("data", r#"{"data":{}}"#, &[], found),
            ("data", r#"{"data":""}"#, &[], found),
            ("data", r#"{"data":-0.0e7}"#, &[], found),
            ("data", r#"{"data":false}"#, &[], found),
            ("data", r#"{"data":[{}]}"#, &["{}"], found),
            ("data", r#"{"other":[{"a":1}]}"#, &[], !found),
            ("data.items", r#"{"data":{"items":[{"a":1}]}}"#, &[r#"{"a":1}"#], found),
            ("data.items", r#"{"data":null}"#, &[], !found),
            ("d\"", r#"{"\u0064\"":[{"a":1}]}"#, &[r#"{"a":1}"#], found),
            ("", r#"[{"a":1},{"a":2}]"#, &[r#"{"a":1}"#, r#"{"a":2}"#], found),
            ("", r#" {"a":1} "#, &[r#"{"a":1}"#], found),
            ("", "[]", &[], found),
            ("", "null", &[], found),
            // The elements of an array at the root are bodies of their own.
            ("", r#"[null,{},[{"a":1}],0]"#, &[r#"{"a":1}"#], found),
            ("data", r#"[{"data":[{"a":1}]},{"data":{"a":2}},{}]"#, &[r#"{"a":1}"#, r#"{"a":2}"#], found),
            ("data", "[]", &[], found),
            ("data", r#"[{"a":1}]"#, &[], !found),
            ("1", r#"[{"page":1},[{"a":1}]]"#, &[r#"{"a":1}"#], found),
            ("-1", r#"[{"page":1},[{"a":1}]]"#, &[r#"{"a":1}"#], found),
            (
                "items.*",
                r#"{"items":{"k1":{"a":1},"k2":{},"k3":[{"a":2}],"k4":null}}"#,
                &[r#"{"a":1}"#, "{}", r#"{"a":2}"#],
                found,
            ),
            (
                "data.*.items",
                r#"{"data":[{"items":[{"a":1}]},{"x":1},{"items":{"a":2}}]}"#,
                &[r#"{"a":1}"#, r#"{"a":2}"#],
                found,
            ),
            ("data.*.items", r#"{"data":[]}"#, &[], found),
            ("data.0", r#"{"data":[[{"a":1}],[{"a":2}]]}"#, &[r#"{"a":1}"#], found),
            ("data.0", r#"{"data":{"0":{"a":1}}}"#, &[r#"{"a":1}"#], found),
            ("data.-1.items", r#"{"data":[{"items":{"a":1}} , {"items":[{"a":2}]} ]}"#, &[r#"{"a":2}"#], found),
        ] {
            let (records, captured) = scan(&plan(path, &[], &[]), body.as_bytes()).unwrap();
            assert_eq!(records, expected, "{path} of {body}");
            assert_eq!(captured.records(), expected.len(), "{path} of {body}");
            assert_eq!(captured.path_found(), path_found, "{path} of {body}");
        }
    }

    #[test]
    fn what_is_no_object_is_no_record() {
        for (path, body, index, found, offset) in [
            ("data", r#"{"data":[{},1]}"#, 1, "a number", 12),
            ("data", r#"{"data":[null]}"#, 0, "null", 9),
            ("data", r#"{"data":[[{}]]}"#, 0, "an array", 9),
            ("data", r#"{"data":"text"}"#, 0, "a string", 8),
            ("data", r#"{"data":true}"#, 0, "a boolean", 8),
            ("", "5", 0, "a number", 0),
            ("", r#"[{"a":1},"x"]"#, 1, "a string", 9),
        ] {
            let error = scan(&plan(path, &[], &[]), body.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ScanErrorKind::NotAnObject { index, found }, "{body}");
            assert_eq!(error.offset(), offset, "{body}");
        }
        let error = scan(&plan("data", &[], &[]), br#"{"data":[{},1]}"#).unwrap_err();
        let expected = "record 1 is a number at byte 12, but records must be objects";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn documents_may_follow_one_another() {
        let lines = |records: &str| plan(records, &[], &["next"]).in_sequence();
        let body = b"{\"a\":1}\n\n{\"a\":2} {}\r\n[{\"a\":3}]null\n{\"a\":4,\"next\":7}\n";
        let (records, captured) = scan(&lines(""), body).unwrap();
        assert_eq!(records, [r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":3}"#, r#"{"a":4,"next":7}"#]);
        assert_eq!(captured.get(0), Some(b"7".as_slice()));
        assert_eq!(scan(&lines("d"), br#"{"d":[{"a":1}]}{"d":{"a":2}}"#).unwrap().0, [r#"{"a":1}"#, r#"{"a":2}"#]);
        assert_eq!(scan(&lines(""), b" \n").unwrap().0, [""; 0]);
        assert_eq!(scan(&lines(""), b"{}\n{").unwrap_err().kind(), ScanErrorKind::Truncated);
        // The same in pieces of one byte.
        let plan = lines("");
        let (mut scanner, mut buffer, mut records) = (Scanner::new(&plan), Vec::new(), 0);
        for (at, byte) in body.iter().enumerate() {
            buffer.push(*byte);
            let consumed = scanner.feed(&buffer, at + 1 == body.len(), &mut |_| {
                records += 1;
                ControlFlow::Continue(())
            });
            buffer.drain(..consumed.unwrap());
        }
        assert_eq!((records, scanner.finish().unwrap().records()), (4, 4));
    }

    #[test]
    fn fields_and_captures_are_raw_values() {
        let plan =
            plan("data", &["at", "user.id", "tags.-1"], &["meta.next", "has_more", "data.-1.id", "errors.*.code"]);
        let body = br#"{"meta":{"next":"a"},"has_more" : true,"data":[
            {"id":1,"at":"x","user":{"id":1e2},"tags":["p","q"]}, {"id":2,"at":"y","at":null,"user":{"id":3},"user":[]},
            {"tags":[],"n":{"at":5}}], "errors":[{"x":1},{"code":7},{"code":8}],"meta":{"next":"b\u00e9"}}"#;
        let (records, captured) = scan(&plan, body).unwrap();
        let fields: Vec<_> = records.chunks(4).flat_map(|record| &record[1..]).map(String::as_str).collect();
        assert_eq!(fields, ["\"x\"", "1e2", "\"q\"", "null", "-", "-", "-", "-", "-"]);
        let get = |position| captured.get(position).map(text);
        assert_eq!(get(0).as_deref(), Some(r#""b\u00e9""#));
        assert_eq!(get(1).as_deref(), Some("true"));
        assert_eq!(get(2), None, "the last record has no id");
        assert_eq!(get(3).as_deref(), Some("7"));
        assert_eq!(get(4), None);
        assert_eq!(captured.top_level_keys(), ["meta", "has_more", "data", "errors", "meta"]);
    }

    #[test]
    fn a_record_says_what_copying_it_takes() {
        let body = br#"[ {"a":"b c"} ,{ "a":1},{"a":"\ud800"},{"a":"\ud83d\ude00"},[{ }],{"a":18446744073709551616},
            {"a":18446744073709551615}]"#;
        let plan = plan("", &[], &[]);
        let mut flags = Vec::new();
        let mut scanner = Scanner::new(&plan);
        scanner
            .feed(body, true, &mut |record| {
                flags.push((record.whitespace, record.lone_surrogate, record.wide_integer, record.empty));
                ControlFlow::Continue(())
            })
            .unwrap();
        let plain = (false, false, false, false);
        let expected = [
            plain,
            (true, false, false, false),
            (false, true, false, false),
            plain,
            (true, false, false, true),
            (false, false, true, false),
            plain,
        ];
        assert_eq!(flags, expected);
    }

    #[test]
    fn faults_are_named_and_placed() {
        use ScanErrorKind::*;
        for (body, kind, offset) in [
            (&b""[..], Empty, 0),
            (b" \r\n", Empty, 3),
            (b"\xef\xbb\xbf", Empty, 3),
            (b"{\"a\":1", Truncated, 6),
            (b"[1,", Truncated, 3),
            (b"\"abc", Truncated, 4),
            (b"tru", Truncated, 3),
            (b"-", Truncated, 1),
            (b"1.", Truncated, 2),
            (b"{\"a\" 1}", UnexpectedByte, 5),
            (b"{\"a\":1,}", UnexpectedByte, 7),
            (b"[1,]", UnexpectedByte, 3),
            (b"[1}", UnexpectedByte, 2),
            (b"{1:2}", UnexpectedByte, 1),
            (b"<html>", UnexpectedByte, 0),
            (b"nul1", UnexpectedByte, 3),
            (b"[\xc3\xa9]", UnexpectedByte, 1),
            (b"\x00", UnexpectedByte, 0),
            (b"[\"a\\x\"]", BadEscape, 3),
            (b"[\"a\\u12g4\"]", BadEscape, 3),
            (b"[\"a\nb\"]", ControlCharacter, 3),
            (b"[01]", BadNumber, 2),
            (b"[-a]", BadNumber, 2),
            (b"[1.e5]", BadNumber, 3),
            (b"[1e+]", BadNumber, 4),
            (b"[\"\xff\"]", InvalidUtf8, 2),
            (b"{\"ok \xe2\x82\":1}", InvalidUtf8, 5),
            (b"[\"\xed\xa0\x80\"]", InvalidUtf8, 2),
            (b"{} x", TrailingGarbage, 3),
            (b"1 2", TrailingGarbage, 2),
            (b"[NaN]", NonFinite, 1),
            (b"{\"a\":Infinity}", NonFinite, 5),
            (b"{\"a\":[-Infinity]}", NonFinite, 6),
        ] {
            for captures in [&[][..], &["a.*.b", "*"]] {
                let error = scan(&plan("nowhere", &[], captures), body).unwrap_err();
                assert_eq!((error.kind(), error.offset()), (kind, offset), "{}", String::from_utf8_lossy(body));
            }
        }
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat().into_bytes();
        for captures in [&[][..], &["*.*.*.*"]] {
            let plan = plan("nowhere", &[], captures);
            assert!(scan(&plan, &nested(512)).is_ok());
            let error = scan(&plan, &nested(513)).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ScanErrorKind::TooDeep, 512));
        }
        // The same in a member that nobody asked for, beside one that is wanted.
        let plan = plan("nowhere", &[], &["wanted"]);
        let beside = |depth: usize| [br#"{"a":"#, nested(depth).as_slice(), b"}"].concat();
        assert!(scan(&plan, &beside(511)).is_ok());
        let error = scan(&plan, &beside(512)).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ScanErrorKind::TooDeep, 5 + 511));
    }

    #[test]
    fn records_leave_before_the_body_ends() {
        let plan = plan("data", &["id"], &["next"]);
        let record = format!(r#"{{"id":1,"text":"{}"}}"#, "x".repeat(100));
        let body = format!(
            r#"{{"other":[{}],"data":[{}],"next":2}}"#,
            vec!["[7]"; 1000].join(","),
            vec![record; 1000].join(",")
        );
        let (mut kept, mut largest, mut records) = (Vec::new(), 0, 0);
        let mut scanner = Scanner::new(&plan);
        for (position, piece) in body.as_bytes().chunks(1000).enumerate() {
            kept.extend_from_slice(piece);
            largest = largest.max(kept.len());
            let end = (position + 1) * 1000 >= body.len();
            let consumed = scanner
                .feed(&kept, end, &mut |_| {
                    records += 1;
                    ControlFlow::Continue(())
                })
                .unwrap();
            kept.drain(..consumed);
        }
        assert_eq!(records, 1000);
        assert!(largest < 1300, "kept {largest} bytes");
        assert_eq!(scanner.finish().unwrap().get(0), Some(&b"2"[..]));
    }

    #[test]
    fn a_consumer_may_stop_and_go_on() {
        let plan = plan("", &[], &[]);
        let mut rest = &br#"[{"a":1}, {"a":2}]"#[..];
        let mut scanner = Scanner::new(&plan);
        let mut records = Vec::new();
        for expected in 1..=3 {
            let consumed = scanner.feed(rest, true, &mut |record| {
                records.push(text(record.bytes));
                ControlFlow::Break(())
            });
            rest = &rest[consumed.unwrap()..];
            assert_eq!(records.len(), expected.min(2));
        }
        assert!(rest.is_empty());
        assert_eq!(scanner.finish().unwrap().records(), 2);
    }

    #[test]
    fn a_body_that_stops_early_is_not_finished() {
        let plan = plan("", &[], &[]);
        for (body, kind) in [(&b""[..], ScanErrorKind::Empty), (b"[{}", ScanErrorKind::Truncated)] {
            let mut scanner = Scanner::new(&plan);
            scanner.feed(body, false, &mut |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(scanner.finish().unwrap_err().kind(), kind);
        }
    }

    #[test]
    fn a_long_token_is_not_read_again_for_every_byte() {
        let plan = plan("nowhere", &[], &[]);
        let body = format!("[\"{}\",{}]", "é".repeat(100_000), "1".repeat(100_000)).into_bytes();
        let mut scanner = Scanner::new(&plan);
        let (mut start, mut reads) = (0, 0);
        for end in 1..=body.len() {
            let waits = end - start < scanner.wait_for && end < body.len();
            reads += usize::from(!waits);
            start += scanner.feed(&body[start..end], end == body.len(), &mut |_| ControlFlow::Continue(())).unwrap();
        }
        assert!(reads < 100, "{reads} reads");
        scanner.finish().unwrap();
    }
}
