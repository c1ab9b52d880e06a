//! A page whose token stands in the headers of the one before it is asked for while that one's body is on its way, and
//! nothing that a read says changes by that.
//!
//! `AIRBYTE_AHEAD_SEEDS=150` reads that many random APIs, `AIRBYTE_AHEAD_SEED=7` the one that failed.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use serde_json::{Value, json};

use super::ahead::{seeds, told};
use super::api::mix;
use super::barrier::{Barrier, Shared};
use super::reading::{Reading, read};

/// Rows behind tokens in headers.
#[source(
    base_url = "{config.base_url}", backoff = constant("PT0.001S"), max_retries = 2, concurrency = config.concurrency,
    streams = [Links, Tokens, InTurn, Posted, Newest, Parent, Child, Long],
)]
pub(crate) struct Telling {
    /// Where the API is.
    base_url: String,
    /// Requests in flight.
    concurrency: Option<u32>,
}

/// The same with a bound on calls.
#[source(
    base_url = "{config.base_url}", streams = [Counted],
    budget = [requests(url_path_pattern = "^/rows") => fixed_window(call_limit = 1000, period = "PT1H")],
)]
struct Bounded {
    /// Where the API is.
    base_url: String,
}

stream!(
    Links of Telling, "links", "/rows", paginator = link_header(),
    cursor = integer(id, start_param = "since_id", sorted = ASCENDING)
);
stream!(
    Tokens of Telling, "tokens", "/rows", paginator = cursor_token(from_header = "X-Next", token_param = "page"),
    cursor = integer(id, start_param = "since_id", sorted = ASCENDING)
);
// Only the body tells whether a page is the last one.
stream!(
    InTurn of Telling, "in_turn", "/rows",
    paginator = cursor_token(from_header = "X-Next", token_param = "page", stop_condition = |page| page.records() < 3),
    cursor = integer(id, start_param = "since_id", sorted = ASCENDING)
);
stream!(Posted of Telling, "posted", "/rows", paginator = link_header(), method = "POST");
stream!(Newest of Telling, "newest", "/rows", paginator = link_header(), cursor = integer(id, sorted = DESCENDING));
stream!(Parent of Telling, "parent", "/rows", paginator = link_header());
stream!(Child of Telling, "child", "/child/{parent.id}", parent = Parent(id));
stream!(Long of Telling, "long", "/long", paginator = link_header());
stream!(Counted of Bounded, "counted", "/rows", paginator = link_header());

/// An answer before it is written.
struct Page {
    status: u16,
    /// The number of the next page, and the rows to begin behind.
    next: Option<(u64, u64)>,
    body: String,
}

impl Page {
    /// The rows of a page, of so many in all that are behind some.
    fn of(target: &str, rows: u64) -> Self {
        let (page, since) = (number_in(target, "page").unwrap_or(1), number_in(target, "since_id").unwrap_or(0));
        let ids = (since + (page - 1) * 3 + 1..=since + page * 3).filter(|id| *id <= rows);
        let next = (since + page * 3 < rows).then_some((page + 1, since));
        Self { status: 200, next, body: ids.map(|id| json!({"id": id})).collect::<Value>().to_string() }
    }

    /// Writes the head, and half of the body.
    fn begin(&self, stream: &mut TcpStream) -> io::Result<()> {
        let (status, length) = (self.status, self.body.len());
        write!(stream, "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n")?;
        if let Some((page, since)) = self.next {
            write!(stream, "link: <?since_id={since}&page={page}>; rel=\"next\"\r\nx-next: {page}\r\n")?;
        }
        write!(stream, "\r\n{}", &self.body[..length / 2])?;
        stream.flush()
    }

    fn end(&self, stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(&self.body.as_bytes()[self.body.len() / 2..])
    }
}

fn number_in(target: &str, name: &str) -> Option<u64> {
    let parameters = target.split(['?', '&']).filter_map(|pair| pair.split_once('='));
    parameters.filter(|(known, _)| *known == name).find_map(|(_, value)| value.parse().ok())
}

fn page_of(target: &str) -> u64 {
    number_in(target, "page").unwrap_or(1)
}

fn broken() -> io::Result<()> {
    Err(io::ErrorKind::ConnectionAborted.into())
}

fn connector(api: &Barrier) -> Connector<Telling> {
    Connector::new(json!({"base_url": api.url(), "concurrency": 64}))
}

/// Holds back half of each body until the next page was asked for; how many pages were asked for by the end of each.
#[test]
fn the_next_page_is_asked_for_before_the_body_has_come() {
    const PAGES: u64 = 6;
    for stream in ["links", "tokens"] {
        let shared = Arc::new(Shared::<(Vec<u64>, Vec<u64>)>::default());
        let asked = Arc::clone(&shared);
        let api = Barrier::writing(move |target, stream| {
            let page = page_of(target);
            asked.with(|(all, _)| all.push(page));
            let answer = Page::of(target, PAGES * 3);
            answer.begin(stream)?;
            let came = page == PAGES || asked.wait_until(|(all, _)| all.contains(&(page + 1)));
            // Time for those that are too many.
            sleep(Duration::from_millis(20));
            asked.with(|(all, by_then)| by_then.push(if came { all.iter().copied().max().unwrap_or(0) } else { 0 }));
            answer.end(stream)
        });
        let reading = read(&connector(&api), &[stream]);
        assert!(reading.error.is_none(), "{:?}", reading.error);
        assert_eq!(reading.ids(stream), (1..=PAGES * 3).collect::<Vec<_>>());
        let (asked, by_then) = shared.with(std::mem::take);
        assert_eq!(asked, (1..=PAGES).collect::<Vec<_>>(), "{stream}: each page is asked for once");
        assert_eq!(by_then, [2, 3, 4, 5, 6, 6], "{stream}: one page ahead, and no more");
    }
}

/// How long half of each body is held back.
#[derive(Clone, Copy)]
enum Held {
    ForAMoment,
    UntilTheNextIsAskedFor,
}

/// Reads four pages with halves of bodies held back; the pages that were asked for meanwhile.
fn asked_early<S: airbyte_runtime::define::Source>(streams: &[&str], concurrency: Option<u32>, held: Held) -> Vec<u64> {
    let shared = Arc::new(Shared::<(Vec<u64>, Vec<u64>)>::default());
    let asked = Arc::clone(&shared);
    let api = Barrier::writing(move |target, stream| {
        if target.starts_with("/child/") {
            return Page { status: 200, next: None, body: "[]".to_owned() }
                .begin(stream)
                .and_then(|()| stream.write_all(b"]"));
        }
        let page = page_of(target);
        asked.with(|(begun, early)| {
            if begun.contains(&(page - 1)) {
                early.push(page);
            }
            begun.push(page);
        });
        let mut answer = Page::of(target, 12);
        if target.starts_with("/long") {
            answer.body.insert_str(1, &" ".repeat(1 << 21));
        }
        answer.begin(stream)?;
        match held {
            Held::ForAMoment => sleep(Duration::from_millis(30)),
            Held::UntilTheNextIsAskedFor => {
                asked.wait_until(|(_, early)| page == 4 || early.contains(&(page + 1)));
            }
        }
        asked.with(|(begun, _)| begun.retain(|begun| *begun != page));
        answer.end(stream)
    });
    let reading = read(&Connector::<S>::new(json!({"base_url": api.url(), "concurrency": concurrency})), streams);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids(streams[0]), (1..=12).collect::<Vec<_>>());
    shared.with(|(_, early)| std::mem::take(early))
}

#[test]
fn pages_are_asked_for_in_turn_where_it_is_not_safe_to_ask_early() {
    // The check can fail.
    assert_eq!(asked_early::<Telling>(&["links"], Some(64), Held::UntilTheNextIsAskedFor), [2, 3, 4]);
    for (streams, why) in [
        (&["in_turn"][..], "the body may say that the page is the last one"),
        (&["posted"], "a request with a body may do more than read"),
        (&["newest"], "the read may end at the state"),
        (&["parent", "child"], "children wait for the room"),
        (&["long"], "a page is long"),
    ] {
        assert_eq!(asked_early::<Telling>(streams, Some(64), Held::ForAMoment), [0; 0], "{streams:?}: {why}");
    }
    let in_turn = asked_early::<Telling>(&["links"], Some(1), Held::ForAMoment);
    assert_eq!(in_turn, [0; 0], "one request at a time is allowed");
    assert_eq!(asked_early::<Bounded>(&["counted"], None, Held::ForAMoment), [0; 0], "a budget is counted");
}

/// What happens to a page, while the one behind it is here already.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Broken,
    Garbled,
}

/// A row is inserted before all others between the first try of a page and the second: what came behind that page does
/// not fit any more, and a row would be lost between them.
#[test]
fn no_page_is_older_than_one_before_it() {
    for fault in [Fault::Broken, Fault::Garbled] {
        for stream in ["links", "tokens"] {
            let shared = Arc::new(Shared::<(Vec<u64>, bool)>::default());
            let state = Arc::clone(&shared);
            let api = Barrier::writing(move |target, stream| {
                let page = page_of(target);
                let (is_first, is_shifted) = state.with(|(answered, shifted)| (!answered.contains(&page), *shifted));
                let mut answer = Page::of(target, 30 + u64::from(is_shifted));
                if is_shifted {
                    let ids: Vec<HashMap<String, u64>> = serde_json::from_str(&answer.body).expect("rows");
                    answer.body = ids.iter().map(|row| json!({"id": row["id"] - 1})).collect::<Value>().to_string();
                }
                answer.begin(stream)?;
                if page != 2 || !is_first {
                    answer.end(stream)?;
                    state.with(|(answered, _)| answered.push(page));
                    return Ok(());
                }
                assert!(state.wait_until(|(answered, _)| answered.contains(&3)), "no page is asked for early");
                state.with(|(answered, shifted)| {
                    answered.push(page);
                    *shifted = true;
                });
                match fault {
                    Fault::Broken => broken(),
                    Fault::Garbled => Page { body: answer.body.replace(']', ","), ..answer }.end(stream),
                }
            });
            let reading = read(&connector(&api), &[stream]);
            assert!(reading.error.is_none(), "{:?}", reading.error);
            let mut ids = reading.ids(stream);
            ids.dedup();
            assert_eq!(ids, (1..=30).collect::<Vec<_>>(), "{stream}, {fault:?}");
        }
    }
}

/// What an API does, all of it drawn from a seed: pages that come slowly, some of them broken or refused at first, and
/// perhaps one that is refused for good.
#[derive(Clone, Copy, Debug)]
struct Habits {
    seed: u64,
    rows: u64,
    /// Of so many pages one fails the first time that it is asked for.
    failing: Option<u64>,
    /// The page that is refused for good.
    missing: Option<u64>,
}

impl Habits {
    fn of(seed: u64) -> Self {
        let draw = |number: u64, most: u64| mix(seed.wrapping_mul(37).wrapping_add(number)) % most;
        Self {
            seed,
            rows: 1 + draw(0, 36),
            failing: (draw(1, 3) > 0).then(|| 2 + draw(2, 6)),
            missing: (draw(3, 4) == 0).then(|| 2 + draw(4, 8)),
        }
    }

    /// Answers, and says so before the last of it is written.
    fn answer(self, target: &str, times: u64, stream: &mut TcpStream, ends: impl FnOnce()) -> io::Result<()> {
        let page = page_of(target);
        let chance = mix(self.seed ^ page);
        let mut answer = Page::of(target, self.rows);
        if self.missing == Some(page) {
            answer = Page { status: 400, next: None, body: json!({"message": "no such page"}).to_string() };
        }
        let fails = self.failing.is_some_and(|one| chance.is_multiple_of(one) && times == 1);
        let status = [None, None, Some(500), Some(429)][(chance >> 8) as usize % 4];
        if let (true, Some(status)) = (fails, status) {
            answer = Page { status, next: None, body: "{}".to_owned() };
        }
        answer.begin(stream)?;
        sleep(Duration::from_micros(mix(chance ^ times) % 4_000));
        ends();
        match (fails, status, (chance >> 16) % 2) {
            (true, None, 0) => broken(),
            (true, None, _) => Page { body: answer.body.replace(']', ","), ..answer }.end(stream),
            _ => answer.end(stream),
        }
    }

    /// What a read says, and which pages were asked for.
    fn read(self, stream: &str) -> (Reading, Vec<u64>, u64) {
        #[derive(Default)]
        struct Asked {
            pages: Vec<u64>,
            /// The page whose body is on its way.
            begun: Vec<u64>,
            early: u64,
        }
        let shared = Arc::new(Shared::<Asked>::default());
        let log = Arc::clone(&shared);
        let api = Barrier::writing(move |target, stream| {
            let page = page_of(target);
            let times = log.with(|asked| {
                asked.pages.push(page);
                asked.early += u64::from(asked.begun.contains(&(page - 1)));
                asked.begun.push(page);
                asked.pages.iter().filter(|other| **other == page).count() as u64
            });
            // The next page may be asked for as soon as the last byte is written.
            let ends = || log.with(|asked| asked.begun.retain(|begun| *begun != page));
            let answered = self.answer(target, times, stream, ends);
            ends();
            answered
        });
        let reading = read(&connector(&api), &[stream]);
        let asked = shared.with(std::mem::take);
        (reading, asked.pages, asked.early)
    }
}

#[test]
fn pages_that_are_asked_for_early_change_nothing_that_is_said() {
    for seed in seeds() {
        let habits = Habits::of(seed);
        let (without, needed, early) = habits.read("in_turn");
        assert_eq!(early, 0, "AIRBYTE_AHEAD_SEED={seed} {habits:?}");
        for stream in ["links", "tokens"] {
            let (with, asked, _) = habits.read(stream);
            let context = format!("{stream}: AIRBYTE_AHEAD_SEED={seed} {habits:?} asked {asked:?}, needed {needed:?}");
            assert_eq!(told(&with), told(&without), "{context}");
            assert!(asked.len() <= needed.len() + 1, "{context}");
        }
    }
}

/// SIGTERM while a page is on its way and the one behind it is here: neither is in the state.
#[cfg(unix)]
#[test]
fn a_stop_with_a_page_in_flight_loses_nothing() {
    use std::os::unix::process::ExitStatusExt as _;

    #[derive(Default)]
    struct State {
        has_third: bool,
        is_over: bool,
    }
    let shared = Arc::new(Shared::<State>::default());
    let state = Arc::clone(&shared);
    let api = Barrier::writing(move |target, stream| {
        let (page, answer) = (page_of(target), Page::of(target, 12));
        answer.begin(stream)?;
        if page == 2 && !state.with(|state| state.is_over) {
            state.wait_until(|state| state.is_over);
        }
        answer.end(stream)?;
        state.with(|state| state.has_third |= page == 3);
        Ok(())
    });
    let config = json!({"base_url": api.url(), "concurrency": 64});
    let catalog = super::reading::catalog(&["links"]);
    let mut running = super::child::start("early", "read", &[("config", &config), ("catalog", &catalog)]);
    assert!(shared.wait_until(|state| state.has_third), "no page is asked for early");
    running.wait_for(|said| said.contains("\"id\":3"));
    sleep(Duration::from_millis(50));
    running.terminate();
    let (status, said) = running.end();
    shared.with(|state| state.is_over = true);
    assert_eq!(status.signal(), Some(15), "{status:?}");
    let first = Reading::of_lines(&said);
    assert_eq!(first.ids("links"), [1, 2, 3]);
    let second = read(&connector(&api).with_state(first.state_file()), &["links"]);
    let mut ids = [first.ids("links"), second.ids("links")].concat();
    ids.dedup();
    assert_eq!(ids, (1..=12).collect::<Vec<_>>(), "stopped at {:?}", first.last_state("links"));
}
