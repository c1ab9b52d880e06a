//! What the simulated API knows, and its answers when nothing goes wrong.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dice::Dice;
use super::server::Asked;
use super::shape::{API, FOREIGN, Format, Paging, Shape, Source, StreamShape};

const DAY: i64 = 86_400;
/// 2024-01-01, where all cursors begin.
pub(super) const BEGINNING: i64 = 1_704_067_200;

#[derive(Clone, Debug)]
struct Record {
    id: u64,
    /// In seconds since 1970.
    updated: i64,
    part: Option<usize>,
    parent: Option<u64>,
}

/// The records of all streams.
pub(super) struct Data {
    streams: Vec<Vec<Record>>,
    last_id: u64,
}

impl Data {
    /// Records that were updated from the beginning until `now`.
    pub(super) fn new(shape: &Shape, dice: &mut Dice, now: i64) -> Self {
        let mut data = Self { streams: Vec::new(), last_id: 0 };
        for (number, stream) in shape.streams.iter().enumerate() {
            let is_parent = shape.streams.iter().any(|child| child.parent == Some(number));
            let most = match (stream.parent, is_parent) {
                (None, false) => 30,
                (None, true) => 5,
                (Some(_), false) => 6,
                (Some(_), true) => 2,
            };
            let most = if stream.load > 50_000 { most.min(20) } else { most };
            data.streams.push(Vec::new());
            for (part, parent) in data.divisions(stream, |_| true) {
                for _ in 0..dice.below(most + 1) {
                    data.add(number, part, parent, BEGINNING + dice.below((now - BEGINNING) as usize) as i64);
                }
            }
        }
        data
    }

    /// Adds records that were updated between two instants: also to partitions that are there already, unless a child
    /// hears only of parents that were updated.
    pub(super) fn grow(&mut self, shape: &Shape, dice: &mut Dice, from: i64, to: i64) {
        let known = self.last_id;
        for (number, stream) in shape.streams.iter().enumerate() {
            let only_new = shape.hears_of_updates_only(number);
            for (part, parent) in self.divisions(stream, |parent| !only_new || parent > known) {
                for _ in 0..dice.below(3) {
                    self.add(number, part, parent, from + dice.below((to - from) as usize) as i64);
                }
            }
        }
    }

    fn add(&mut self, stream: usize, part: Option<usize>, parent: Option<u64>, updated: i64) {
        self.last_id += 1;
        self.streams[stream].push(Record { id: self.last_id, updated, part, parent });
    }

    fn divisions(&self, stream: &StreamShape, keeps: impl Fn(u64) -> bool) -> Vec<(Option<usize>, Option<u64>)> {
        let parts: Vec<Option<usize>> =
            if stream.list == 0 { vec![None] } else { (0..stream.list).map(Some).collect() };
        let parents: Vec<Option<u64>> = match stream.parent {
            None => vec![None],
            Some(parent) => self.streams[parent].iter().map(|r| r.id).filter(|id| keeps(*id)).map(Some).collect(),
        };
        parts.iter().flat_map(|part| parents.iter().map(|parent| (*part, *parent))).collect()
    }

    /// All records of a stream that were updated before an instant, as they are to arrive.
    pub(super) fn truth(&self, shape: &Shape, stream: usize, before: i64) -> BTreeMap<u64, Value> {
        let shape = &shape.streams[stream];
        let records = self.streams[stream].iter().filter(|record| record.updated < before);
        records.map(|record| (record.id, record.to_json(shape))).collect()
    }

    /// The answer to a request; `None` if there is no such path.
    pub(super) fn answer(&self, shape: &Shape, asked: &Asked, dice: &mut Dice) -> Option<Value> {
        let path = asked.path.strip_prefix("/v1/")?;
        match path.split_once('/') {
            Some(("lines", list)) => self.rest_of_list(shape, list),
            // A job's name says what it is to find.
            Some(("jobs", path)) => Some(json!({"job": format!("{path}-{}", asked.param("part")?)})),
            Some(("polls", _)) => Some(json!({"status": if dice.happens(60) { "DONE" } else { "RUNNING" }})),
            Some(("rows", job)) => self.rows(shape, job),
            _ => self.page(shape, asked),
        }
    }

    /// The whole of a list, of which a page had the beginning.
    fn rest_of_list(&self, shape: &Shape, list: &str) -> Option<Value> {
        let (name, ids) = list.split_once('/')?;
        let number = shape.streams.iter().position(|stream| stream.name == name)?;
        let ids: Vec<u64> = ids.split('-').filter_map(|id| id.parse().ok()).collect();
        let records = self.streams[number].iter().filter(|record| ids.contains(&record.id));
        Some(json!({"data": records.map(|record| record.to_json(&shape.streams[number])).collect::<Vec<_>>()}))
    }

    /// What a job found.
    fn rows(&self, shape: &Shape, job: &str) -> Option<Value> {
        let (name, part) = job.split_once('-')?;
        let number = shape.streams.iter().position(|stream| stream.name == name)?;
        let part = part.strip_prefix('p')?.parse().ok();
        let records = self.streams[number].iter().filter(|record| record.part == part);
        Some(json!({"data": records.map(|record| record.to_json(&shape.streams[number])).collect::<Vec<_>>()}))
    }

    /// The answer to a request for a page.
    fn page(&self, shape: &Shape, asked: &Asked) -> Option<Value> {
        let mut path = asked.path.strip_prefix("/v1/")?.split('/');
        let name = path.next()?;
        let number = shape.streams.iter().position(|stream| stream.name == name)?;
        let stream = &shape.streams[number];
        let parent: Option<u64> = path.next().map(|id| id.parse().ok()).unwrap_or(None);
        let part: Option<usize> = asked.param("part").and_then(|part| part.strip_prefix('p')?.parse().ok());
        let bound = |name: &str| Some(stream.cursor.as_ref()?.format.instant(asked.param(name)?));
        let (from, to) = (bound("from").unwrap_or(i64::MIN), bound("to").unwrap_or(i64::MAX));
        let day = stream.cursor.as_ref().is_some_and(|cursor| cursor.format == Format::Days);
        let found: Vec<&Record> = self.streams[number]
            .iter()
            .filter(|record| record.part == part && record.parent == parent)
            .filter(|record| {
                let at = if day { record.updated - record.updated.rem_euclid(DAY) } else { record.updated };
                from <= at && at <= to
            })
            .collect();
        let given = |name: &str| asked.param(name).and_then(|text| text.parse::<usize>().ok());
        let limit = given("limit").unwrap_or(stream.page);
        let skipped = match stream.paging {
            Paging::Single => 0,
            Paging::Page => given("page").unwrap_or(0) * limit,
            Paging::Offset => given("offset").unwrap_or(0),
            Paging::Token | Paging::Link | Paging::LinkElsewhere => given("token").unwrap_or(0),
        };
        let count = if stream.paging == Paging::Single { found.len() } else { limit };
        let next = skipped + count;
        let found_here: Vec<&Record> = found.iter().skip(skipped).take(count).copied().collect();
        let data: Vec<Value> = match stream.source {
            Source::Lists => found_here.chunks(3).map(|records| list(records, stream)).collect(),
            Source::Pages | Source::Jobs => found_here.iter().map(|record| record.to_json(stream)).collect(),
        };
        let next = match stream.paging {
            _ if next >= found.len() => Value::Null,
            Paging::Token => json!(next.to_string()),
            Paging::Link => json!(link(API, asked, next)),
            Paging::LinkElsewhere => json!(link(FOREIGN, asked, next)),
            Paging::Single | Paging::Page | Paging::Offset => Value::Null,
        };
        Some(if stream.bare { json!(data) } else { json!({"data": data, "next": next}) })
    }
}

/// Records as a list in one record, which of every second one has the beginning only.
fn list(records: &[&Record], stream: &StreamShape) -> Value {
    let is_cut = records[0].id.is_multiple_of(2);
    let ids: Vec<String> = records.iter().map(|record| record.id.to_string()).collect();
    let shown = records.iter().take(if is_cut { 1 } else { records.len() });
    let data: Vec<Value> = shown.map(|record| record.to_json(stream)).collect();
    json!({"ids": ids.join("-"), "lines": {"has_more": is_cut, "data": data}})
}

fn link(host: &str, asked: &Asked, token: usize) -> String {
    let mut url = url::Url::parse(&format!("https://{host}{}", asked.path)).expect("a URL");
    for (name, value) in asked.query.iter().filter(|(name, _)| name != "token") {
        url.query_pairs_mut().append_pair(name, value);
    }
    url.query_pairs_mut().append_pair("token", &token.to_string());
    url.into()
}

impl Record {
    fn to_json(&self, stream: &StreamShape) -> Value {
        // Letters of two bytes and escapes, so that a body may be cut in the middle of either.
        let load: String = "\u{e9}\"\\\n{]x".chars().cycle().skip(self.id as usize % 7).take(stream.load).collect();
        let updated = stream.cursor.as_ref().map_or(json!("never"), |cursor| cursor.format.text(self.updated));
        json!({"id": self.id, "updated": updated, "load": load})
    }
}

impl Format {
    fn text(self, seconds: i64) -> Value {
        let at = jiff::Timestamp::from_second(seconds).expect("an instant");
        match self {
            Self::Seconds => json!(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            Self::Days => json!(at.strftime("%Y-%m-%d").to_string()),
            Self::Epoch => json!(seconds),
        }
    }

    fn instant(self, text: &str) -> i64 {
        match self {
            Self::Seconds => text.parse::<jiff::Timestamp>().expect("an instant").as_second(),
            Self::Days => format!("{text}T00:00:00Z").parse::<jiff::Timestamp>().expect("a day").as_second(),
            Self::Epoch => text.parse().expect("seconds"),
        }
    }
}

impl Shape {
    /// Whether new records of old parents are not looked for: where parents are read from their own state on.
    fn hears_of_updates_only(&self, number: usize) -> bool {
        let stream = &self.streams[number];
        stream.incremental || stream.parent.is_some_and(|parent| self.hears_of_updates_only(parent))
    }
}
