//! Pages that are asked for before it is certain that they are there: behind a full page there is usually another one.
//!
//! What comes is kept as it came, and read when its turn comes, so records and states are those of a walk that asks for
//! one page after the other. What does not come is asked for again by that walk, if it gets there at all. A page ahead
//! takes nobody's place: it is asked for only while most of the room for requests is idle, so it is of use where a
//! stream has few slices, and keeps away where they fill the room anyway.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context as Waker, Poll};

use futures_util::future::{LocalBoxFuture, MaybeDone, maybe_done};
use http::Method;

use super::Context;
use super::course::Asked;
use super::slice::Pages;
use super::stream::Run;
use crate::http::{Answered, Chance};
use crate::plan::cursor::RecordRange;
use crate::plan::pages::PaginationReset;
use crate::plan::{HttpRetriever, PageToken};

/// Pages that have to come for each one that is asked for ahead: of a stream's requests at most a fifth is for nothing,
/// and none where it has but a few pages.
const PAGES_FOR_ONE: u64 = 4;

/// The pages behind the next one.
pub(super) struct LookAhead<'p> {
    pages: &'p Pages<'p>,
    /// Whether pages are still asked for ahead.
    goes_on: Cell<bool>,
    asked: RefCell<VecDeque<(PageToken, Awaited<'p>)>>,
}

type Awaited<'p> = MaybeDone<LocalBoxFuture<'p, Chance>>;

impl<'p> LookAhead<'p> {
    /// Looks ahead in a slice, if that is safe: where no answer may lead another way than to the next page, where nobody
    /// has counted the requests, and where no page waits for something that others need its room for.
    pub(super) fn new(context: &Context, run: &Run, pages: &'p Pages<'p>) -> Self {
        let stream = &run.stream;
        let is_feed = stream.cursor.as_ref().is_some_and(|cursor| cursor.record_range == RecordRange::Feed);
        let stands_alone = run.feeds.is_empty() && run.staging.is_none() && stream.group.is_none();
        let retriever = pages.reader.retriever;
        let is_free = context.plan.concurrency.most > 1 && retriever.budget.is_none();
        let goes_on = is_free && stands_alone && !is_feed && is_straight(retriever);
        Self { pages, goes_on: Cell::new(goes_on), asked: RefCell::default() }
    }

    /// The page that is the next one, if it was asked for.
    pub(super) fn take(&self, token: Option<&PageToken>) -> Option<Awaited<'p>> {
        let mut asked = self.asked.borrow_mut();
        let (known, page) = asked.pop_front()?;
        if Some(&known) == token {
            return Some(page);
        }
        asked.clear();
        None
    }

    /// Asks for pages behind the next one, of which `token` is the token, when so many have come.
    pub(super) fn ask(&self, token: Option<&PageToken>, come: u64) {
        let goes_on = self.goes_on.get() && !self.pages.has_long_pages.get();
        let (true, Some(token)) = (goes_on, token) else { return };
        let most = usize::try_from(come / PAGES_FOR_ONE).unwrap_or(usize::MAX);
        let mut asked = self.asked.borrow_mut();
        while asked.len() < most {
            let Some(page) = self.pages.reader.retriever.paginator.following(token, asked.len() + 1) else { return };
            let Some(request) = self.pages.ask_ahead(&page) else {
                self.goes_on.set(false);
                return;
            };
            asked.push_back((page, maybe_done(request)));
        }
    }

    /// Does something while the pages that were asked for are on their way.
    pub(super) async fn alongside<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|waker| {
            // It comes first, also at the gate.
            let done = work.as_mut().poll(waker);
            if done.is_pending() {
                self.poll(waker);
            }
            done
        })
        .await
    }

    fn poll(&self, waker: &mut Waker<'_>) {
        let mut asked = self.asked.borrow_mut();
        let mut missing = None;
        for (at, (_, page)) in asked.iter_mut().enumerate() {
            let mut page = Pin::new(page);
            if page.as_mut().poll(waker) == Poll::Pending {
                continue;
            }
            match page.output_mut() {
                Some(Chance::Came(_)) => continue,
                Some(Chance::NoRoom) => {}
                // An API that minds is not tempted again.
                Some(Chance::Refused) | None => self.goes_on.set(false),
            }
            missing = Some(at);
            break;
        }
        if let Some(at) = missing {
            asked.truncate(at);
        }
    }
}

/// Waits for a page that was asked for ahead; `None` if it has to be asked for again.
pub(super) async fn arrival(page: Option<Awaited<'_>>) -> Option<Answered> {
    let mut page = page?;
    (&mut page).await;
    match Pin::new(&mut page).take_output() {
        Some(Chance::Came(answered)) => Some(answered),
        _ => None,
    }
}

impl<'p> Pages<'p> {
    /// A request for a page that nobody needs yet; `None` if it would do more than read.
    fn ask_ahead(&'p self, token: &PageToken) -> Option<LocalBoxFuture<'p, Chance>> {
        let asked = Asked { token: Some(token), ..Asked::default() };
        let draft = self.draft(&self.slice.slice, asked, &|_| Ok(())).ok()?;
        if draft.method != Method::GET {
            return None;
        }
        let exchange = self.exchange_with(&|_| (), self.at_once());
        Some(Box::pin(async move { exchange.send_ahead(&draft, &self.home).await }))
    }
}

/// Whether the pages of a stream follow each other however many come, and each is one answer to one request.
fn is_straight(retriever: &HttpRetriever) -> bool {
    let is_whole = retriever.properties.is_none()
        && !retriever.records.parsed.as_ref().is_some_and(|parsed| parsed.may_be_incomplete());
    // A cookie may say where the API is.
    is_whole && retriever.pages.reset == PaginationReset::default() && retriever.cookies.is_none()
}
