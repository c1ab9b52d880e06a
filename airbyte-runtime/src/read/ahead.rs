//! Pages that are asked for before the one in front of them has come: that whose token its headers told already, and, if
//! the paginator allows it, those that are not certain to be there, as behind a full page there is usually another one.
//!
//! What comes is kept as it came, and read when its turn comes, so records and states are those of a walk that asks for
//! one page after the other. What does not come is asked for again by that walk, if it gets there at all; then nothing
//! that is behind it is kept, as no page may be older than one before it. A page ahead takes nobody's place: it is asked
//! for only while most of the room for requests is idle.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context as Waker, Poll};

use futures_util::future::{LocalBoxFuture, MaybeDone, maybe_done};
use http::Method;

use super::Context;
use super::course::{Asked, Course};
use super::slice::Pages;
use super::stream::Run;
use crate::http::{Chance, Exchange, Permit, Response, Rest};
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
    /// Whether what headers tell is heeded; not any more once a page that they told was for nothing.
    listens: Cell<bool>,
    /// What the head of the page told that the walk waits for: the token of the page behind it.
    told: Told,
    asked: RefCell<VecDeque<Ahead<'p>>>,
}

/// A page that was asked for ahead.
struct Ahead<'p> {
    token: PageToken,
    answer: MaybeDone<LocalBoxFuture<'p, Chance>>,
    /// What its head told.
    told: Told,
}

/// The token of the page behind another one, as soon as the head of that one has told it.
type Told = Rc<RefCell<Option<PageToken>>>;

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
        Self {
            pages,
            most: Cell::new(most),
            listens: Cell::new(looks),
            told: Told::default(),
            asked: RefCell::default(),
        }
    }

    /// The page that is the next one on the course, if it was asked for and has come; asks for pages behind it meanwhile.
    pub(super) async fn take(&self, course: &Course<'_>) -> Option<Arrived> {
        let token = course.asked().token;
        // What was told and not asked for yet is the page that is asked for now.
        self.told.take();
        let next = self.asked.borrow_mut().pop_front();
        if next.as_ref().is_some_and(|next| Some(&next.token) != token) {
            // The next guess would be as wrong.
            self.stop();
            return None;
        }
        self.ask(token, course.full_pages());
        let Ahead { mut answer, told, .. } = next?;
        poll_fn(|waker| {
            let done = Pin::new(&mut answer).poll(waker);
            // It is the page that the walk waits for now.
            self.told.replace(told.take());
            done
        })
        .await;
        match Pin::new(&mut answer).take_output() {
            Some(Chance::Came(response, permit)) => return Some((response, permit)),
            Some(Chance::NoRoom) => self.asked.borrow_mut().clear(),
            Some(Chance::Refused) | None => self.stop(),
        }
        None
    }

    /// Lets go of what was asked for, and asks for nothing more.
    fn stop(&self) {
        self.most.set(0);
        self.listens.set(false);
        self.told.take();
        self.asked.borrow_mut().clear();
    }

    /// A page has to be asked for again, and what came before it may not fit behind it. No page is guessed any more, and
    /// none is asked for early if one was for nothing.
    pub(super) fn go_back(&self) {
        self.most.set(0);
        self.told.take();
        if !self.asked.borrow().is_empty() {
            self.stop();
        }
    }

    /// Takes note of what the head of a page tells while the walk waits for its body.
    pub(super) fn hear(&self, course: &Course<'_>, head: &Response) {
        if self.listens.get() && course.is_plain() {
            self.told.replace(self.pages.told_by(head, course.asked().token));
        }
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
            asked.push_back(request);
        }
    }

    /// Asks for the page that was told, unless others are on their way: what is certain is asked for one page ahead.
    fn ask_for_told(&self) {
        let Some(token) = self.told.take() else { return };
        let mut asked = self.asked.borrow_mut();
        if asked.is_empty() && self.listens.get() {
            match self.pages.ask_ahead(&token) {
                Some(request) => asked.push_back(request),
                None => self.listens.set(false),
            }
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
        self.ask_for_told();
        let mut asked = self.asked.borrow_mut();
        let missing = asked.iter_mut().position(|ahead| {
            let mut page = Pin::new(&mut ahead.answer);
            if page.as_mut().poll(waker) == Poll::Pending {
                return false;
            }
            match page.output_mut() {
                Some(Chance::Came(..)) => return false,
                Some(Chance::NoRoom) => {}
                // An API that minds is not tempted again.
                Some(Chance::Refused) | None => {
                    self.most.set(0);
                    self.listens.set(false);
                }
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
    fn ask_ahead(&'p self, token: &PageToken) -> Option<Ahead<'p>> {
        let asked = Asked { token: Some(token), ..Asked::default() };
        let draft = self.draft(&self.slice.slice, asked, &|_| Ok(())).ok()?;
        if draft.method != Method::GET {
            return None;
        }
        let (own, told) = (token.clone(), Told::default());
        let hears = Rc::clone(&told);
        let request = async move {
            let on_head = |head: &Response| drop(hears.replace(self.told_by(head, Some(&own))));
            let exchange = Exchange { on_head: &on_head, ..self.exchange_with(&|_| (), self.at_once()) };
            exchange.send_ahead(&draft, &self.home).await
        };
        Some(Ahead { token: token.clone(), answer: maybe_done(Box::pin(request)), told })
    }

    /// The token of the page behind that with this token, if the head of its answer tells it and none of the pages looks
    /// long. An API that moves on behind one and the same token is asked in turn.
    fn told_by(&self, head: &Response, own: Option<&PageToken>) -> Option<PageToken> {
        let announced = head.rest.as_ref().and_then(Rest::length);
        let is_long = announced.zip(self.at_once()).is_some_and(|(announced, at_once)| announced > at_once);
        if is_long || self.has_long_pages.get() {
            return None;
        }
        let next = self.reader.retriever.paginator.next_in_headers(&head.headers, &head.url);
        next.filter(|next| Some(next) != own)
    }
}

/// Whether the pages of a stream follow each other however many come, and each is one answer to one request.
fn is_straight(retriever: &HttpRetriever) -> bool {
    let is_whole = retriever.properties.is_none()
        && !retriever.records.parsed.as_ref().is_some_and(|parsed| parsed.may_be_incomplete());
    // A cookie may say where the API is.
    is_whole && retriever.pages.reset == PaginationReset::default() && retriever.cookies.is_none()
}
