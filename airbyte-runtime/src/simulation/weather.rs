//! What goes wrong with an answer, and the bytes that it then is.

use std::io::Write as _;
use std::time::Duration;

use tokio::time::Instant;

use super::dice::Dice;
use super::server::Act;

/// An answer before anything went wrong with it.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// What can go wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    /// The connection cannot be opened, or is so after long.
    Connect,
    Reset,
    Close,
    HalfClose,
    Never,
    Drip,
    LongLength,
    ShortLength,
    Truncated,
    Garbage,
    GarbledGzip,
    NotHttp,
    Page,
    RateLimit,
    Storm,
    ServerError,
    Redirect,
    RedirectElsewhere,
    Expired,
    ClockJump,
    Slow,
    /// A byte now and then, for ever. It is no part of random weather.
    Crumbs,
}

const ALL: [Fault; 21] = [
    Fault::Connect,
    Fault::Reset,
    Fault::Close,
    Fault::HalfClose,
    Fault::Never,
    Fault::Drip,
    Fault::LongLength,
    Fault::ShortLength,
    Fault::Truncated,
    Fault::Garbage,
    Fault::GarbledGzip,
    Fault::NotHttp,
    Fault::Page,
    Fault::RateLimit,
    Fault::Storm,
    Fault::ServerError,
    Fault::Redirect,
    Fault::RedirectElsewhere,
    Fault::Expired,
    Fault::ClockJump,
    Fault::Slow,
];

/// How often something goes wrong, and what.
pub(super) struct Weather {
    percent: usize,
    kinds: Vec<Fault>,
    /// After which everything is well.
    until: Option<Instant>,
}

impl Weather {
    pub(super) fn calm() -> Self {
        Self { percent: 0, kinds: Vec::new(), until: None }
    }

    /// One fault, each time until then.
    pub(super) fn until(fault: Fault, until: Instant) -> Self {
        Self { percent: 100, kinds: vec![fault], until: Some(until) }
    }

    /// Tokens that end, and an API that cannot answer, in so many of a hundred requests.
    pub(super) fn revoking(percent: usize) -> Self {
        Self { percent, kinds: vec![Fault::Expired, Fault::Expired, Fault::ServerError], until: None }
    }

    pub(super) fn new(dice: &mut Dice) -> Self {
        let kinds = match dice.below(4) {
            0 => ALL.to_vec(),
            _ => (0..dice.from(1, 4)).map(|_| dice.of(&ALL)).collect(),
        };
        Self { percent: dice.of(&[2, 8, 20, 45, 80]), kinds, until: None }
    }

    pub(super) fn fault(&self, dice: &mut Dice) -> Option<Fault> {
        let is_over = self.kinds.is_empty() || self.until.is_some_and(|until| until <= Instant::now());
        (!is_over && dice.happens(self.percent)).then(|| dice.of(&self.kinds))
    }

    pub(super) fn has(&self, fault: Fault) -> bool {
        self.kinds.contains(&fault)
    }
}

/// How the end of a body is told.
#[derive(Clone, Copy, PartialEq)]
enum Framing {
    Length,
    Chunked,
    Close,
}

impl Answer {
    /// What a server does to give this answer, with what goes wrong.
    pub(super) fn acts(mut self, fault: Option<Fault>, gzip: bool, dice: &mut Dice) -> Vec<Act> {
        match fault {
            Some(Fault::Garbage) if !self.body.is_empty() => {
                let at = dice.below(self.body.len());
                self.body[at] = 0;
            }
            Some(Fault::Page) => {
                self.body = dice.of(&["<html>busy</html>", "{\"data\": [", "{\"data\": [}"]).into();
            }
            Some(Fault::Crumbs) => {
                let mut acts = vec![Act::Write(self.head(Framing::Length, 1 << 20))];
                let crumbs = (0..10_000).flat_map(|_| [Act::Sleep(Duration::from_secs(7)), Act::Write(b" ".to_vec())]);
                acts.extend(crumbs);
                return acts;
            }
            Some(Fault::NotHttp) => return vec![Act::Write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec()), Act::Close],
            _ => {}
        }
        if gzip {
            self.compress();
            if fault == Some(Fault::GarbledGzip) {
                let at = dice.below(self.body.len());
                self.body[at] ^= 1 << dice.below(8);
            }
        }
        if fault == Some(Fault::Truncated) {
            // An empty body is an answer, too.
            self.body.truncate(dice.from(1, self.body.len()));
        }
        let framing = dice.of(&[Framing::Length, Framing::Length, Framing::Chunked, Framing::Close]);
        let broken = matches!(fault, Some(Fault::Reset | Fault::Close | Fault::HalfClose | Fault::Never));
        if broken && dice.happens(40) {
            return vec![Act::Sleep(Duration::from_millis(dice.below(3000) as u64)), last(fault)];
        }
        let (length, after) = match fault {
            Some(Fault::LongLength) => {
                (self.body.len() + dice.from(1, 2000), Some(dice.of(&[Fault::Close, Fault::Never, Fault::Reset])))
            }
            // An empty body is an answer, too.
            Some(Fault::ShortLength) => (self.body.len().saturating_sub(dice.from(1, 2000)).max(1), None),
            _ => (self.body.len(), None),
        };
        let framing = if length == self.body.len() { framing } else { Framing::Length };
        let mut acts = vec![Act::Write(self.head(framing, length))];
        let whole = self.body.len();
        let sent = match framing {
            // Where only the end of the connection ends a body, an empty one is an answer, too.
            Framing::Close if broken => dice.from(1, whole),
            _ if broken => dice.below(whole + 1),
            _ => whole,
        };
        let (pieces, gap) = match fault {
            Some(Fault::Drip) => (dice.from(2, 6), dice.of(&[1_000, 30_000, 100_000, 119_000, 130_000, 500_000])),
            _ => (dice.from(1, 4), dice.of(&[0, 0, 1, 40])),
        };
        let size = sent.div_ceil(pieces).max(1);
        for piece in self.body[..sent].chunks(size) {
            if gap > 0 {
                acts.push(Act::Sleep(Duration::from_millis(gap)));
            }
            acts.push(Act::Write(match framing {
                Framing::Chunked => [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat(),
                Framing::Length | Framing::Close => piece.to_vec(),
            }));
        }
        if broken || after.is_some() {
            acts.push(last(after.or(fault)));
            return acts;
        }
        match framing {
            Framing::Length => {}
            Framing::Chunked => acts.push(Act::Write(b"0\r\n\r\n".to_vec())),
            Framing::Close => acts.push(Act::Close),
        }
        if dice.happens(10) {
            acts.push(Act::Close);
        }
        acts
    }

    fn head(&self, framing: Framing, length: usize) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Whatever\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match framing {
            Framing::Length => head.push_str(&format!("content-length: {length}\r\n")),
            Framing::Chunked => head.push_str("transfer-encoding: chunked\r\n"),
            Framing::Close => head.push_str("connection: close\r\n"),
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    fn compress(&mut self) {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&self.body).expect("memory");
        self.body = encoder.finish().expect("memory");
        self.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
    }
}

fn last(fault: Option<Fault>) -> Act {
    match fault {
        Some(Fault::Reset) => Act::Reset,
        Some(Fault::HalfClose) => Act::HalfClose,
        Some(Fault::Never) => Act::Fall,
        _ => Act::Close,
    }
}
