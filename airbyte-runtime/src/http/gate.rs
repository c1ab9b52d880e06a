//! Where requests wait until they may leave.
//!
//! Two bounds hold: one on requests in flight and pages in memory, for the whole source; and the [`Pace`] of the host
//! that is asked, which its answers teach. All streams share both.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tokio::sync::{Mutex as Line, Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::memory::{Grant, Memory};
use super::pace::{Announced, Lane, Limits, Next, Pace, Page, Refused, Sent};
use super::pending::Mark;
use super::sockets::Files;
use super::transfer::Room;
use crate::error::{Error, Result};
use crate::plan::Concurrency;

/// Waits of this length are told in the log: a read that says nothing looks as if it hung.
const WORTH_SAYING: Duration = Duration::from_secs(5);
/// Other lanes' answers that show that a refusal was not about them.
const EVIDENCE: u32 = 2;

/// Told of a wait before it begins; what it gives is dropped at the end of the wait.
pub(crate) type OnWait<'a> = dyn Fn(Duration) -> Mark + 'a;

/// The bounds on the requests of a source.
pub(crate) struct Gate {
    pages: Arc<Semaphore>,
    memory: Memory,
    concurrency: Concurrency,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

/// The room for a page, as long as it is in memory.
pub(crate) struct Permit {
    _page: OwnedSemaphorePermit,
    /// What its body has of the memory.
    pub(super) memory: Grant,
}

/// The paces of one host.
struct Host {
    name: String,
    paces: Mutex<Paces>,
    /// Where the requests of each lane stand in line.
    lines: Mutex<HashMap<Lane, Arc<Line<()>>>>,
    changed: Notify,
    concurrency: Concurrency,
}

struct Paces {
    shared: Pace,
    /// Of lanes that turned out to have limits of their own.
    own: HashMap<Lane, Pace>,
    /// The last refusal, as long as it is not clear whom it concerns.
    doubt: Option<Doubt>,
    /// The wait that was last told.
    said: Option<Instant>,
}

/// A refusal that slowed down all lanes, and what was known before it.
struct Doubt {
    lane: Lane,
    number: u64,
    /// The last request that left before the refusal was known.
    until: u64,
    refused: Refused,
    at: Instant,
    before: Limits,
    /// Answers of other lanes to later requests.
    evidence: u32,
}

/// A request that has left; what becomes of it is told to its host. It is on its way until this is dropped.
pub(crate) struct Ticket {
    host: Arc<Host>,
    sent: Sent,
    /// The number in its lane's own pace.
    own: Option<Sent>,
}

impl Gate {
    pub(crate) fn new(concurrency: Concurrency) -> Self {
        let most = concurrency.most.min(Files::of_process().requests());
        let concurrency = Concurrency { start: concurrency.start.min(most), most };
        let pages = Arc::new(Semaphore::new(most));
        Self { pages, memory: Memory::of_machine(), concurrency, hosts: Mutex::default() }
    }

    /// Room for a page that needs no request.
    ///
    /// # Errors
    /// A read that was stopped.
    pub(crate) async fn room(&self) -> Result<Permit> {
        let page = Arc::clone(&self.pages).acquire_owned().await;
        let page = page.map_err(|_| Error::system("the read was stopped"))?;
        Ok(Permit { _page: page, memory: self.memory.grant() })
    }

    /// Returns when a request to a host may leave, with the room for its page: in the order in which those of its lane
    /// came. Who waits for the host takes no room; `on_wait` is told how long that may be, for the first in line.
    ///
    /// # Errors
    /// A read that was stopped.
    pub(super) async fn enter(&self, url: &Url, lane: Lane, on_wait: &OnWait<'_>) -> Result<(Permit, Ticket)> {
        let host = self.host(url);
        let line = host.line(lane);
        // Of a thousand that wait, one is woken by an answer: whoever is first, or comes to be it.
        let _first = line.lock().await;
        loop {
            host.wait(lane, on_wait).await;
            let room = self.room().await?;
            if let Some(ticket) = host.take(lane) {
                return Ok((room, ticket));
            }
        }
    }

    /// The same for a request that nobody needs yet: only while most of the room is idle and the host minds nothing.
    pub(super) fn enter_idle(&self, url: &Url, lane: Lane) -> Option<(Permit, Ticket)> {
        // Who keeps such a page waits for another one, which must not wait for this room: half of it is for those.
        let is_idle = self.pages.available_permits() * 2 > self.concurrency.most;
        let host = self.host(url);
        if !is_idle || !lock(&host.paces).is_idle(lane) {
            return None;
        }
        let page = Arc::clone(&self.pages).try_acquire_owned().ok()?;
        Some((Permit { _page: page, memory: self.memory.spare() }, host.take(lane)?))
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let name = url.origin().ascii_serialization();
        let mut hosts = lock(&self.hosts);
        let host = hosts.entry(name).or_insert_with_key(|name| Arc::new(Host::new(name, self.concurrency)));
        Arc::clone(host)
    }
}

impl Permit {
    /// Returns as soon as there is room for so many bytes of the page; `false` if there is none.
    pub(crate) async fn hold(&mut self, bytes: usize) -> bool {
        self.memory.cover(bytes).await
    }

    /// The room for all of the page's body, which may have so many bytes.
    pub(crate) fn whole(&mut self, limit: usize) -> Room<'_> {
        Room::within(limit, &mut self.memory)
    }
}

impl Host {
    fn new(name: &str, concurrency: Concurrency) -> Self {
        let shared = Pace::new(concurrency.start, concurrency.most);
        Self {
            name: name.to_owned(),
            paces: Mutex::new(Paces { shared, own: HashMap::new(), doubt: None, said: None }),
            lines: Mutex::default(),
            changed: Notify::new(),
            concurrency,
        }
    }

    fn line(&self, lane: Lane) -> Arc<Line<()>> {
        Arc::clone(lock(&self.lines).entry(lane).or_default())
    }

    async fn wait(&self, lane: Lane, on_wait: &OnWait<'_>) {
        loop {
            let changed = self.changed.notified();
            let next = lock(&self.paces).next(lane, Instant::now());
            match next {
                Next::Now => return,
                Next::Later => changed.await,
                Next::At(instant) => {
                    self.say(instant);
                    let _mark = on_wait(instant.saturating_duration_since(Instant::now()));
                    tokio::select! {
                        biased;
                        () = changed => {}
                        () = sleep_until(instant) => {}
                    }
                }
            }
        }
    }

    /// Says once that requests wait for long.
    fn say(&self, until: Instant) {
        let left = until.saturating_duration_since(Instant::now());
        let mut paces = lock(&self.paces);
        if left >= WORTH_SAYING && paces.said.replace(until) != Some(until) {
            tracing::info!("`{}` limits its rate: requests to it wait for {} s", self.name, left.as_secs());
        }
    }

    fn take(self: &Arc<Self>, lane: Lane) -> Option<Ticket> {
        let now = Instant::now();
        let mut paces = lock(&self.paces);
        if paces.next(lane, now) != Next::Now {
            return None;
        }
        let sent = paces.shared.send(lane, now);
        let own = paces.own.get_mut(&lane).map(|own| own.send(lane, now));
        Some(Ticket { host: Arc::clone(self), sent, own })
    }
}

impl Paces {
    fn next(&self, lane: Lane, now: Instant) -> Next {
        match self.own.get(&lane).map(|own| own.next(lane, now)) {
            None | Some(Next::Now) => self.shared.next(lane, now),
            Some(wait) => wait,
        }
    }

    fn is_idle(&self, lane: Lane) -> bool {
        self.shared.is_idle() && self.own.get(&lane).is_none_or(Pace::is_idle)
    }

    /// An answer that is no refusal; with what it tells if it is a page.
    fn served(&mut self, ticket: &Ticket, now: Instant, page: Option<Page>) {
        self.each(ticket, |pace, sent| match page {
            Some(page) => pace.served(sent, now, page),
            None => pace.answered(sent, now),
        });
        let Some(doubt) = &mut self.doubt else { return };
        if doubt.is_about_another(&ticket.sent) {
            doubt.evidence += 1;
            if doubt.evidence == EVIDENCE {
                self.separate(ticket);
            }
        }
    }

    /// The last refusal concerned its own lane only.
    fn separate(&mut self, ticket: &Ticket) {
        let Some(doubt) = self.doubt.take() else { return };
        self.shared.restore(doubt.before);
        let Concurrency { start, most } = ticket.host.concurrency;
        let mut own = Pace::new(start, most);
        let refused = own.send(doubt.lane, doubt.at);
        own.refused(&refused, doubt.at, Refused { is_told: true, ..doubt.refused });
        own.ended(&refused);
        self.own.insert(doubt.lane, own);
        tracing::debug!("`{}` has a limit for one kind of requests only", ticket.host.name);
    }

    fn refused(&mut self, ticket: &Ticket, now: Instant, refused: Refused) {
        if let Some((pace, sent)) = self.own(ticket) {
            pace.refused(sent, now, refused);
            return;
        }
        if self.doubt.as_ref().is_some_and(|doubt| doubt.is_about_another(&ticket.sent)) {
            // It concerns more than one lane.
            self.doubt = None;
        }
        let Some(before) = self.shared.refused(&ticket.sent, now, refused) else { return };
        self.doubt = self.shared.is_paused(now).then(|| Doubt {
            lane: ticket.sent.lane(),
            number: ticket.sent.number(),
            until: self.shared.newest(),
            refused,
            at: now,
            before,
            evidence: 0,
        });
        let host = &ticket.host.name;
        match self.shared.per_second() {
            Some(rate) => tracing::info!("`{host}` limits its rate: from now on {rate:.2} requests a second"),
            None => tracing::info!("`{host}` limits requests: from now on {} in flight", self.shared.room()),
        }
    }

    /// The pace of the ticket's lane, if it had one of its own when the request left, and the request as it knows it.
    fn own<'s, 't>(&'s mut self, ticket: &'t Ticket) -> Option<(&'s mut Pace, &'t Sent)> {
        self.own.get_mut(&ticket.sent.lane()).zip(ticket.own.as_ref())
    }

    /// Tells each pace that a request belongs to.
    fn each(&mut self, ticket: &Ticket, tell: impl Fn(&mut Pace, &Sent)) {
        tell(&mut self.shared, &ticket.sent);
        if let Some((pace, sent)) = self.own(ticket) {
            tell(pace, sent);
        }
    }
}

impl Doubt {
    /// Whether a request of another lane left after the one that was refused, and before that was known.
    fn is_about_another(&self, sent: &Sent) -> bool {
        sent.lane() != self.lane && sent.number() > self.number && sent.number() <= self.until
    }
}

impl Ticket {
    /// A page has come; `bytes` is the length of its body.
    pub(super) fn served(self, bytes: usize) {
        self.tell_page(bytes);
    }

    /// So many bytes of a page have come, and the rest of it is on its way as long as this lives.
    pub(super) fn begun(mut self, bytes: usize) -> Self {
        self.tell_page(bytes);
        let mut paces = lock(&self.host.paces);
        paces.shared.begun(&mut self.sent);
        if let (Some(pace), Some(sent)) = (paces.own.get_mut(&self.sent.lane()), &mut self.own) {
            pace.begun(sent);
        }
        drop(paces);
        self.host.changed.notify_waiters();
        self
    }

    /// The API has answered something else, which is not about its load.
    pub(super) fn answered(self) {
        self.tell(|paces, now| paces.served(&self, now, None));
    }

    /// The connection failed, or the server did under its load.
    pub(super) fn failed(self) {
        self.tell(|paces, now| paces.each(&self, |pace, sent| pace.failed(sent, now)));
    }

    /// The API limits the rate; `wait` is what the request waits, and `is_told` whether the API asked for that.
    pub(super) fn refused(self, wait: Duration, is_told: bool) {
        self.tell(|paces, now| paces.refused(&self, now, Refused { wait, is_told }));
    }

    /// Heeds what an answer says about budgets, unless these are filled up later than in `longest`.
    pub(super) fn announced(&self, headers: &HeaderMap, longest: Duration) {
        let now = Instant::now();
        let Some(announced) = Announced::read(headers, now).filter(|budget| budget.resets_within(longest, now)) else {
            return;
        };
        lock(&self.host.paces).shared.announced(&self.sent, announced, now);
    }

    fn tell_page(&self, bytes: usize) {
        self.tell(|paces, now| {
            let page = Page { took: self.sent.took(now), bytes };
            paces.served(self, now, Some(page));
        });
    }

    fn tell(&self, tell: impl FnOnce(&mut Paces, Instant)) {
        tell(&mut lock(&self.host.paces), Instant::now());
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        lock(&self.host.paces).each(self, Pace::ended);
        self.host.changed.notify_waiters();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod crowd;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Pending;

    const WAIT: Duration = Duration::from_secs(30);

    fn unnoticed(wait: Duration) -> Mark {
        Pending::default().wait(String::new(), wait)
    }

    fn gate() -> (Gate, Url) {
        (Gate::new(Concurrency { start: 10, most: 64 }), Url::parse("https://api.example/").expect("a URL"))
    }

    /// How long a request of a lane has to wait.
    async fn wait_of(gate: &Gate, url: &Url, lane: Lane) -> Duration {
        let began = Instant::now();
        drop(gate.enter(url, lane, &unnoticed).await.expect("the gate stays open"));
        began.elapsed()
    }

    fn paused() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
    }

    #[test]
    fn all_streams_wait_when_the_api_asks_for_it() {
        paused().block_on(async {
            let (gate, url) = gate();
            let (_room, ticket) = gate.enter(&url, 1, &unnoticed).await.expect("the gate stays open");
            ticket.refused(WAIT, true);
            let elsewhere = Url::parse("https://other.example/").expect("a URL");
            assert!(wait_of(&gate, &elsewhere, 2).await.is_zero());
            assert!(wait_of(&gate, &url, 2).await >= WAIT);
        });
    }

    #[test]
    fn a_limit_for_one_kind_of_requests_does_not_stop_the_others() {
        paused().block_on(async {
            let (gate, url) = gate();
            let mut tickets = Vec::new();
            for lane in [1, 2, 2, 2] {
                tickets.push(gate.enter(&url, lane, &unnoticed).await.expect("the gate stays open").1);
            }
            let others = tickets.split_off(1);
            for ticket in tickets {
                ticket.refused(WAIT, true);
            }
            // They left after the one that was refused, and are served all the same.
            for ticket in others {
                ticket.served(1_000);
            }
            assert!(wait_of(&gate, &url, 2).await.is_zero());
            assert!(wait_of(&gate, &url, 1).await >= WAIT);
        });
    }

    #[test]
    fn what_nobody_needs_yet_leaves_only_while_most_of_the_room_is_idle() {
        paused().block_on(async {
            let (gate, url) = (Gate::new(Concurrency::of(8)), self::gate().1);
            let mut ahead = Vec::new();
            while let Some(entered) = gate.enter_idle(&url, 1) {
                ahead.push(entered);
            }
            assert_eq!(ahead.len(), 4);
            assert!(wait_of(&gate, &url, 1).await.is_zero(), "the other half is for those who are in need");
            ahead.clear();
            let mut needed = Vec::new();
            for _ in 0..4 {
                needed.push(gate.enter(&url, 1, &unnoticed).await.expect("the gate stays open"));
            }
            assert!(gate.enter_idle(&url, 1).is_none(), "half of the room is in use");
            needed.clear();
            assert!(gate.enter_idle(&url, 1).is_some());
            gate.enter(&url, 1, &unnoticed).await.expect("the gate stays open").1.refused(WAIT, true);
            tokio::time::sleep(WAIT * 2).await;
            assert!(gate.enter_idle(&url, 1).is_none(), "the host has minded once");
        });
    }

    /// A long body takes a place at its host until it has come, but nothing of a budget that it was counted in.
    #[test]
    fn a_body_that_is_still_arriving_is_in_flight() {
        paused().block_on(async {
            let (gate, url) = (Gate::new(Concurrency { start: 1, most: 8 }), self::gate().1);
            let (_room, ticket) = gate.enter(&url, 1, &unnoticed).await.expect("the gate stays open");
            let ticket = ticket.begun(1 << 20);
            let host = gate.host(&url);
            assert!(host.take(1).is_none(), "one may be in flight, and one is");
            drop(ticket);
            assert!(host.take(1).is_some());
        });
    }

    #[test]
    fn a_request_that_is_dropped_leaves_its_place_to_the_next() {
        paused().block_on(async {
            let gate = Gate::new(Concurrency::of(1));
            let (_, url) = self::gate();
            let (room, ticket) = gate.enter(&url, 1, &unnoticed).await.expect("the gate stays open");
            drop((room, ticket));
            assert!(wait_of(&gate, &url, 1).await.is_zero());
        });
    }
}
