//! Pages that are asked for before it is certain that they are there: behind a full page there is usually another one.
//!
//! What comes is kept as it came, and read when its turn comes, so records and states are those of a walk that asks for
//! one page after the other. What does not come is asked for again by that walk, if it gets there at all; then nothing
//! that is behind it is kept, as no page may be older than one before it. A page ahead takes nobody's place: it is asked
//! for only while most of the room for requests is idle.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context as Waker, Poll};

use futures_util::future::{LocalBoxFuture, MaybeDone, maybe_done};
use http::Method;

use super::Context;
use super::course::{Asked, Course};
use super::slice::Pages;
use super::stream::Run;
use crate::http::{Chance, Permit, Response};
use crate::plan::cursor::RecordRange;
use crate::plan::pages::PaginationReset;
use crate::plan::{HttpRetriever, PageToken};

/// Pages that have to come for each one that is asked for ahead: of a stream's requests at most a fifth is for nothing,
/// and none where it has but a few pages.
const PAGES_FOR_ONE: u64 = 4;
/// The most pages ahead, whatever a paginator says: each may have as many bytes as are held of a page.
const MOST: usize = 16;

/// A page that came ahead, and the permit of its request.
pub(super) type Arrived = (Response, Permit);

/// The pages behind the next one.
pub(super) struct LookAhead<'p> {
    pages: &'p Pages<'p>,
    /// How many may be asked for ahead; none any more once one of them was for nothing.
    most: Cell<usize>,
    asked: RefCell<VecDeque<(PageToken, MaybeDone<LocalBoxFuture<'p, Chance>>)>>,
}

impl<'p> LookAhead<'p> {
    /// Looks ahead in a slice, if that is safe: where no answer may lead another way than to the next page, where nobody
    /// counts the requests, where no page waits for something that others need its room for, and none is held at any
    /// length.
    pub(super) fn new(context: &Context, run: &Run, pages: &'p Pages<'p>) -> Self {
        let (stream, retriever) = (&run.stream, pages.reader.retriever);
        let is_feed = stream.cursor.as_ref().is_some_and(|cursor| cursor.record_range == RecordRange::Feed);
        let stands_alone = run.feeds.is_empty() && run.staging.is_none() && stream.group.is_none();
        let is_counted = retriever.budget.is_some() || retriever.auth.counts_calls();
        let is_free = context.plan.concurrency.most > 1 && !is_counted && pages.at_once().is_some();
        let looks = is_free && stands_alone && !is_feed && is_straight(retriever);
        let most = if looks { retriever.paginator.prefetch().min(MOST) } else { 0 };
        Self { pages, most: Cell::new(most), asked: RefCell::default() }
    }

    /// The page that is the next one on the course, if it was asked for and has come; asks for pages behind it meanwhile.
    pub(super) async fn take(&self, course: &Course<'_>) -> Option<Arrived> {
        let token = course.asked().token;
        let next = self.asked.borrow_mut().pop_front();
        if next.as_ref().is_some_and(|(guess, _)| Some(guess) != token) {
            // The next guess would be as wrong.
            self.stop();
            return None;
        }
        self.ask(token, course.full_pages());
        let (_, mut page) = next?;
        (&mut page).await;
        match Pin::new(&mut page).take_output() {
            Some(Chance::Came(response, permit)) => return Some((response, permit)),
            Some(Chance::NoRoom) => self.asked.borrow_mut().clear(),
            Some(Chance::Refused) | None => self.stop(),
        }
        None
    }

    /// Lets go of what was asked for, and asks for nothing more: a page has to be asked for again, and what came before
    /// it may not fit behind it.
    pub(super) fn stop(&self) {
        self.most.set(0);
        self.asked.borrow_mut().clear();
    }

    /// Asks for pages behind the next one, of which `token` is the token, when so many have come.
    fn ask(&self, token: Option<&PageToken>, come: u64) {
        let Some(token) = token.filter(|_| !self.pages.has_long_pages.get()) else { return };
        let most = usize::try_from(come / PAGES_FOR_ONE).unwrap_or(usize::MAX).min(self.most.get());
        let mut asked = self.asked.borrow_mut();
        while asked.len() < most {
            let Some(page) = self.pages.reader.retriever.paginator.following(token, asked.len() + 1) else { return };
            let Some(request) = self.pages.ask_ahead(&page) else {
                self.most.set(0);
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
        let missing = asked.iter_mut().position(|(_, page)| {
            let mut page = Pin::new(page);
            if page.as_mut().poll(waker) == Poll::Pending {
                return false;
            }
            match page.output_mut() {
                Some(Chance::Came(..)) => return false,
                Some(Chance::NoRoom) => {}
                // An API that minds is not tempted again.
                Some(Chance::Refused) | None => self.most.set(0),
            }
            true
        });
        if let Some(missing) = missing {
            asked.truncate(missing);
        }
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
