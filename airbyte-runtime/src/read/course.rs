//! The way through the pages of a slice: which page is asked for next, of which part of the slice, and how large.
//! A state machine without I/O.

use std::time::Duration;

use super::checkpoint::OpenSlice;
use super::order::OrderWatch;
use super::records::Scanned;
use super::slice::{Newest, later};
use crate::error::{Error, Result};
use crate::http::Detour;
use crate::plan::cursor::{Cursor, RecordRange, Window};
use crate::plan::pages::{PagePolicy, PageSize, with_hint};
use crate::plan::wording::Wording;
use crate::plan::{HttpRetriever, PageToken, Paginator, Slice, StreamPlan};

/// Where the walk through the pages of one slice is.
pub(super) struct Course<'a> {
    paginator: &'a dyn Paginator,
    policy: &'a PagePolicy,
    cursor: Option<&'a Cursor>,
    /// How the stream is told of.
    words: (Wording, &'a str),
    notice_repeats: bool,
    token: Option<PageToken>,
    embedded: Option<&'a str>,
    size: PageSize,
    /// The part of the slice that is being read, if it is not all of it.
    part: Option<OpenSlice>,
    /// How many splits made it.
    splits: u32,
    /// Where a reset begins to narrow the part.
    whole_part: Option<OpenSlice>,
    /// Parts that are still to be read, the next one last, each with the number of splits that made it.
    rest: Vec<(OpenSlice, u32)>,
    tracked: Tracked,
    circle: Circle,
}

/// What a page is asked for with.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    pub(super) token: Option<&'a PageToken>,
    /// The size of the page, where an answer asked for smaller ones.
    pub(super) page_size: Option<u64>,
    /// The name of the partition's extra value that is the page, if it need not be asked for at all.
    pub(super) embedded: Option<&'a str>,
}

/// What was read since the last reset, and how often the same pages were begun anew.
#[derive(Default)]
struct Tracked {
    records: u64,
    pages: u64,
    newest: Newest,
    resets: u32,
}

/// Splits after which a window that is still refused fails: a backstop beside the shortest window.
const MAX_SPLITS: u32 = 10;

impl<'a> Course<'a> {
    /// The way through a slice. The first page that a parent brings along is as old as the parent, so it counts only
    /// where everything is read.
    pub(super) fn new(stream: &'a StreamPlan, retriever: &'a HttpRetriever, begins_fresh: bool) -> Self {
        Self {
            paginator: &*retriever.paginator,
            policy: &retriever.pages,
            cursor: stream.cursor.as_ref(),
            words: (stream.conduct.wording, &stream.name),
            notice_repeats: stream.conduct.notice_repeats,
            token: retriever.paginator.first(),
            embedded: retriever.first_page.as_deref().filter(|_| begins_fresh),
            size: PageSize::default(),
            part: None,
            splits: 0,
            whole_part: None,
            rest: Vec::new(),
            tracked: Tracked::default(),
            circle: Circle::default(),
        }
    }

    /// The part of the slice that the next page is one of.
    pub(super) fn part<'s>(&'s self, slice: &'s OpenSlice) -> &'s OpenSlice {
        self.part.as_ref().unwrap_or(slice)
    }

    /// What the next page is asked for with.
    pub(super) fn asked(&self) -> Asked<'_> {
        // A page that is at hand bears no token.
        let token = self.token.as_ref().filter(|_| self.embedded.is_none());
        Asked { token, page_size: self.size.reduced(), embedded: self.embedded }
    }

    /// How many pages came of the whole slice in their full size, behind which the others follow in the same way.
    pub(super) fn full_pages(&self) -> u64 {
        if self.is_plain() { self.tracked.pages } else { 0 }
    }

    /// Whether the next page is one of the whole slice, in its full size.
    pub(super) fn is_plain(&self) -> bool {
        self.part.is_none() && self.size.reduced().is_none()
    }

    /// Whether this page was seen before, so that the walk would never end.
    pub(super) fn closes(&mut self, page: &Scanned) -> bool {
        self.circle.closes(page, self.notice_repeats)
    }

    /// Goes on behind a page that came; whether there is another one to ask for.
    ///
    /// # Errors
    /// A limit that was reached although no record came behind which the slice could begin anew.
    pub(super) fn go_on(&mut self, page: &Scanned, next: Option<PageToken>, slice: &OpenSlice) -> Result<bool> {
        self.succeed();
        let is_feed = self.cursor.is_some_and(|cursor| cursor.record_range == RecordRange::Feed);
        self.tracked.records += if is_feed { page.raw_records } else { page.kept };
        self.tracked.pages += 1;
        self.tracked.newest = later(self.tracked.newest.take(), page.newest.clone());
        let reset = &self.policy.reset;
        let is_reached = |limit: Option<u64>, count: u64| limit.is_some_and(|limit| count >= limit);
        if is_reached(reset.after_records, self.tracked.records)
            || (next.is_some() && is_reached(reset.after_pages, self.tracked.pages))
        {
            self.reset(slice)?;
            return Ok(true);
        }
        match next {
            Some(token) => {
                self.token = Some(token);
                Ok(true)
            }
            None => Ok(self.next_part()),
        }
    }

    /// Goes another way than to the next page, as an answer says; returns the wait before the next request, and `None`
    /// if there is none.
    ///
    /// # Errors
    /// See [`Course::reset`], [`Course::reduce`] and [`Course::split`].
    pub(super) fn take(&mut self, detour: &Detour, slice: &OpenSlice) -> Result<Option<Duration>> {
        Ok(match detour {
            Detour::End(_) => self.end_pages().then_some(Duration::ZERO),
            Detour::Reset => Some(self.reset(slice).map(|()| Duration::ZERO)?),
            Detour::SmallerPage(said) => Some(self.reduce(said.as_deref())?),
            Detour::ShorterWindow(said) => Some(self.split(said.as_deref(), slice).map(|()| Duration::ZERO)?),
        })
    }

    /// Goes on behind an answer that ends the pages; whether there is another one to ask for.
    fn end_pages(&mut self) -> bool {
        self.succeed();
        self.next_part()
    }

    /// Begins with the first page again.
    ///
    /// # Errors
    /// A second time for the same range, which would give the same pages once more.
    fn reset(&mut self, slice: &OpenSlice) -> Result<()> {
        let narrowed = self.cursor.filter(|_| self.policy.reset.by_cursor);
        let allowed = if narrowed.is_some() { 0 } else { 1 };
        let part = self.part(slice);
        let whole = self.whole_part.as_ref().unwrap_or(part);
        let window = match (narrowed, &whole.window, &self.tracked.newest) {
            (Some(_), Some(window), Some(newest)) => Some(Window { start: newest.clone(), ..window.clone() }),
            _ => None,
        };
        let is_new = |window: &Window| part.slice.interval().is_none_or(|interval| window.start.text != interval.start);
        match window.filter(is_new) {
            Some(window) => {
                let narrowed = whole.narrowed(window);
                if self.whole_part.is_none() {
                    self.whole_part = Some(part.clone());
                }
                self.part = Some(narrowed);
                self.tracked.resets = 0;
            }
            None if self.tracked.resets >= allowed => {
                return Err(Error::system(
                    "the pages begin anew again and again, with the same range of records each time",
                )
                .with_detail("no record came behind which the range could begin"));
            }
            None => self.tracked.resets += 1,
        }
        (self.tracked.records, self.tracked.pages) = (0, 0);
        self.begin();
        Ok(())
    }

    /// Asks for a smaller page; returns the wait before that.
    ///
    /// # Errors
    /// A page that cannot become smaller.
    fn reduce(&mut self, said: Option<&str>) -> Result<Duration> {
        let Some(policy) = &self.policy.reduction else {
            return Err(Error::config(
                "an answer says that pages must be smaller, but the stream has no `page_size_reduction`",
            ));
        };
        self.size.reduce(policy, self.paginator.page_size(), said, self.words)
    }

    /// Reads the window in two halves.
    ///
    /// # Errors
    /// A window that cannot be split.
    fn split(&mut self, said: Option<&str>, slice: &OpenSlice) -> Result<()> {
        let Some(policy) = &self.policy.splitting else {
            return Err(Error::config(
                "an answer says that the window must be shorter, but the stream has no `request_window_splitting`",
            ));
        };
        let whole = self.whole_part.take().or_else(|| self.part.take());
        let whole = whole.as_ref().unwrap_or(slice);
        let halves = match (self.cursor, &whole.window) {
            (Some(cursor), Some(window)) if self.splits < MAX_SPLITS => cursor.halves(window, policy.min_window),
            _ => None,
        };
        let Some([first, second]) = halves else {
            let (wording, stream) = self.words;
            let sentence = match self.splits {
                ..MAX_SPLITS => wording.shortest_window(stream, policy.min_window),
                MAX_SPLITS.. => wording.most_splits(stream, MAX_SPLITS),
            };
            let error = Error::transient(with_hint(sentence, policy.failure_message.as_deref()));
            return Err(error
                .with_detail(said.map_or_else(|| whole.describe(), |said| format!("{said}; {}", whole.describe()))));
        };
        tracing::info!("the API asks for shorter windows; {} is read in two halves", whole.describe());
        let splits = self.splits + 1;
        self.rest.push((whole.narrowed(second), splits));
        let first = whole.narrowed(first);
        self.rest.push((first, splits));
        self.next_part();
        Ok(())
    }

    /// Takes the next of the parts that are still to be read; whether there is one.
    fn next_part(&mut self) -> bool {
        let Some((part, splits)) = self.rest.pop() else { return false };
        (self.part, self.splits, self.whole_part) = (Some(part), splits, None);
        self.size = PageSize::default();
        self.tracked = Tracked::default();
        self.begin();
        true
    }

    fn begin(&mut self) {
        self.token = self.paginator.first();
        // The same pages are meant to come again.
        self.circle = Circle::default();
    }

    fn succeed(&mut self) {
        self.embedded = None;
        if let Some(policy) = &self.policy.reduction {
            self.size.succeed(policy);
        }
    }
}

impl OpenSlice {
    /// The part of the slice that is in a window.
    fn narrowed(&self, window: Window) -> Self {
        let slice = Slice { interval: Some(window.interval()), ..self.slice.clone() };
        let (bounds, is_past) = (self.bounds, self.is_past);
        Self { slice, window: Some(window), bounds, is_past, job: None, watch: OrderWatch::default(), is_part: true }
    }
}

/// Notices pages that come again: in a circle of tokens by Brent's method, where one fingerprint is kept and replaced
/// after 1, 2, 4, … pages; and one after the other, from an API that ignores its page parameter.
#[derive(Default)]
struct Circle {
    landmark: Option<u64>,
    since: u64,
    patience: u64,
    last: Option<u64>,
    repeats: u32,
}

impl Circle {
    /// Equal pages in a row that are no accident.
    const REPEATS: u32 = 2;

    /// Whether this page was seen before, or repeats the one before it if that is looked for.
    fn closes(&mut self, page: &Scanned, notice_repeats: bool) -> bool {
        let same = notice_repeats && page.raw_records > 0 && self.last == Some(page.content);
        self.repeats = if same { self.repeats + 1 } else { 0 };
        self.last = Some(page.content);
        if self.landmark == Some(page.fingerprint) || self.repeats >= Self::REPEATS {
            return true;
        }
        self.since += 1;
        if self.since >= self.patience {
            self.landmark = Some(page.fingerprint);
            self.since = 0;
            self.patience = (self.patience * 2).max(1);
        }
        false
    }
}
