//! Everything outside of the connector: the API and its faults, the clock on the wall, and what was seen of the connector.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::json;
use tokio::time::Instant;

use super::api::Data;
use super::dice::Dice;
use super::server::{Act, Asked, Serves};
use super::shape::{API, Auth, CLIENT_SECRET, FOREIGN, KEY, LOGIN, REFRESH_TOKEN, Shape};
use super::weather::{Answer, Fault, Weather};

/// Requests after which a connector that goes on asking does not mean to end.
const MOST_REQUESTS: usize = 30_000;

thread_local! {
    /// The clock of this thread's world: what it showed when, in seconds since 1970 and in milliseconds that it was put.
    static WALL: Cell<Option<(i64, Instant, i64)>> = const { Cell::new(None) };
}

/// What the clock on the wall shows.
pub(super) fn wall() -> SystemTime {
    let Some((base, since, put)) = WALL.get() else { return SystemTime::UNIX_EPOCH };
    let base = SystemTime::UNIX_EPOCH + Duration::from_secs(base.unsigned_abs()) + since.elapsed();
    match put < 0 {
        true => base - Duration::from_millis(put.unsigned_abs()),
        false => base + Duration::from_millis(put.unsigned_abs()),
    }
}

/// Lets the clock on the wall show an instant, in seconds since 1970, and go on from there.
pub(super) fn start_clock(seconds: i64) {
    WALL.set(Some((seconds, Instant::now(), 0)));
}

/// What becomes of a connection that is opened.
pub(super) enum Connecting {
    Takes(Duration),
    Refused,
    Never,
}

pub(super) struct World {
    pub(super) shape: Arc<Shape>,
    pub(super) data: Data,
    pub(super) dice: Dice,
    pub(super) weather: Weather,
    /// Each request, for whoever compares two runs.
    pub(super) log: String,
    /// What the connector must not do.
    pub(super) violations: Vec<String>,
    pub(super) requests: usize,
    /// The earliest that the clock has shown, in seconds since 1970.
    pub(super) earliest: i64,
    /// When tokens end.
    tokens: BTreeMap<String, Instant>,
    issued: usize,
    /// The refresh token that is good for one more use.
    pub(super) refresh_token: String,
    /// How many of them were given.
    pub(super) given: usize,
    storm_until: Option<Instant>,
    began: Instant,
}

pub(super) fn lock<W: ?Sized>(world: &Mutex<W>) -> MutexGuard<'_, W> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(super) fn new(shape: Arc<Shape>, data: Data, dice: Dice) -> Self {
        Self {
            shape,
            data,
            dice,
            weather: Weather::calm(),
            log: String::new(),
            violations: Vec::new(),
            requests: 0,
            earliest: 0,
            tokens: BTreeMap::new(),
            issued: 0,
            refresh_token: REFRESH_TOKEN.to_owned(),
            given: 0,
            storm_until: None,
            began: Instant::now(),
        }
    }

    /// Begins another read at an instant of the clock, in seconds since 1970.
    pub(super) fn begin(&mut self, weather: Weather, clock: i64) {
        start_clock(clock);
        (self.weather, self.earliest, self.requests, self.storm_until) = (weather, clock, 0, None);
    }
}

impl Serves for World {
    fn connect(&mut self) -> Connecting {
        if self.weather.has(Fault::Connect) && self.weather.fault(&mut self.dice) == Some(Fault::Connect) {
            return match self.dice.below(3) {
                0 => Connecting::Refused,
                1 => Connecting::Never,
                _ => Connecting::Takes(Duration::from_secs(self.dice.from(1, 200) as u64)),
            };
        }
        Connecting::Takes(Duration::from_millis(self.dice.below(60) as u64))
    }

    fn answer(&mut self, asked: &Asked) -> Vec<Act> {
        self.requests += 1;
        let query: Vec<String> = asked.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let since = self.began.elapsed().as_millis();
        let _ = writeln!(self.log, "{since} {} {}{}?{}", asked.method, asked.host, asked.path, query.join("&"));
        self.watch_credentials(asked);
        if self.requests > MOST_REQUESTS {
            self.violations.push(format!("more than {MOST_REQUESTS} requests"));
            return vec![Act::Fall];
        }
        // A token that was sent and did not arrive is lost to everybody.
        let is_spared = asked.host == LOGIN && self.shape.auth == Auth::SingleUse;
        let fault = if is_spared { None } else { self.weather.fault(&mut self.dice) };
        if let Some(fault) = fault {
            let _ = writeln!(self.log, "    {fault:?}");
        }
        let latency = match fault {
            Some(Fault::Slow) => self.dice.from(1_000, 115_000),
            _ if is_spared => self.dice.from(100, 4_000),
            _ => self.dice.below(300),
        };
        if fault == Some(Fault::ClockJump) {
            self.jump();
        }
        let answer = self.reply(asked, fault);
        let gzip = self.shape.gzip && asked.header("accept-encoding").is_some_and(|names| names.contains("gzip"));
        let mut acts = vec![Act::Sleep(Duration::from_millis(latency as u64))];
        acts.extend(answer.acts(fault, gzip, &mut self.dice));
        acts
    }
}

impl World {
    fn reply(&mut self, asked: &Asked, fault: Option<Fault>) -> Answer {
        let refused = |status: u16| Answer {
            status,
            headers: Vec::new(),
            body: json!({"message": "not now"}).to_string().into_bytes(),
        };
        let elsewhere = |host: &str| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&asked.query);
            let target = format!("https://{host}{}?{}", asked.path, query.finish());
            Answer { headers: vec![("location".to_owned(), target)], ..refused(302) }
        };
        if fault == Some(Fault::Storm) {
            self.storm_until = Some(Instant::now() + Duration::from_secs(self.dice.from(1, 400) as u64));
        }
        let storms = self.storm_until.is_some_and(|until| until > Instant::now());
        match fault {
            _ if fault == Some(Fault::RateLimit) || storms => {
                let mut answer = refused(429);
                self.say_when(&mut answer);
                answer
            }
            Some(Fault::ServerError) => refused(self.dice.of(&[500, 502, 503, 504])),
            Some(Fault::Redirect) if asked.host == API => elsewhere(API),
            Some(Fault::RedirectElsewhere) if asked.host == API => elsewhere(FOREIGN),
            Some(Fault::Expired) => {
                self.tokens.clear();
                self.served(asked)
            }
            _ => self.served(asked),
        }
    }

    /// Adds when to come again, in one of the ways that APIs know.
    fn say_when(&mut self, answer: &mut Answer) {
        let seconds = self.dice.of(&[0, 1, 5, 60, 600, 3500, 7000]);
        // The server's own clock is right.
        let clock = self.true_clock() + seconds;
        let date = || httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(clock.unsigned_abs()));
        let header = match self.dice.below(6) {
            0 => ("retry-after", seconds.to_string()),
            1 => ("retry-after", date()),
            2 => ("x-reset", clock.to_string()),
            3 => ("retry-after", "soon".to_owned()),
            4 => ("x-ratelimit-reset", clock.to_string()),
            _ => return,
        };
        answer.headers.push((header.0.to_owned(), header.1));
    }

    fn served(&mut self, asked: &Asked) -> Answer {
        let answer = |status: u16, body: String| Answer {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.into_bytes(),
        };
        if let (LOGIN, Auth::Session(seconds)) = (asked.host.as_str(), self.shape.auth) {
            if !asked.body.contains(CLIENT_SECRET) {
                return answer(401, json!({"error": "invalid_client"}).to_string());
            }
            // A request that leaves at the end of a session arrives in time.
            let token = self.issue(seconds as u64 + 10);
            return answer(200, json!({"token": token}).to_string());
        }
        if (asked.host.as_str(), self.shape.auth) == (LOGIN, Auth::SingleUse) {
            if !asked.body.contains(&self.refresh_token) {
                self.violations.push("a refresh token was used that another had replaced".to_owned());
                return answer(400, json!({"error": "invalid_grant"}).to_string());
            }
            let lives = self.dice.of(&[3, 30, 7200]);
            // A request that leaves at the end of a token arrives in time.
            let token = self.issue(lives + 10);
            self.given += 1;
            self.refresh_token = format!("refresh-{:06}-5c1f", self.given);
            let body = json!({"access_token": token, "expires_in": lives, "refresh_token": self.refresh_token});
            return answer(200, body.to_string());
        }
        if asked.host == LOGIN {
            if !asked.body.contains(REFRESH_TOKEN) || !asked.body.contains(CLIENT_SECRET) {
                return answer(401, json!({"error": "invalid_client"}).to_string());
            }
            let lives = self.dice.of(&[30, 600, 7200]);
            let token = self.issue(lives);
            return answer(200, json!({"access_token": token, "expires_in": lives}).to_string());
        }
        if asked.host == API && !self.admits(asked) {
            return answer(401, json!({"error": "who are you?"}).to_string());
        }
        match self.data.answer(&self.shape, asked, &mut self.dice) {
            Some(page) => answer(200, page.to_string()),
            None => answer(404, json!({"error": "there is no such thing"}).to_string()),
        }
    }

    /// A token for so many seconds.
    fn issue(&mut self, lives: u64) -> String {
        self.issued += 1;
        let token = format!("token-{:06}-ad7e", self.issued);
        self.tokens.insert(token.clone(), Instant::now() + Duration::from_secs(lives));
        token
    }

    fn admits(&self, asked: &Asked) -> bool {
        let bearer = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        match self.shape.auth {
            Auth::None => true,
            Auth::Bearer => bearer == Some(KEY),
            Auth::Header => asked.header("x-key") == Some(KEY),
            Auth::Login | Auth::SingleUse | Auth::Session(_) => {
                bearer.and_then(|token| self.tokens.get(token)).is_some_and(|until| *until > Instant::now())
            }
        }
    }

    /// No secret may be seen where it does not belong.
    fn watch_credentials(&mut self, asked: &Asked) {
        let all = [&asked.path, &asked.body].into_iter().chain(asked.query.iter().map(|(_, value)| value));
        let all: Vec<&str> = all.chain(asked.headers.iter().map(|(_, value)| value)).map(String::as_str).collect();
        let shows = |secret: &str| all.iter().any(|text| text.contains(secret));
        let forbidden: &[&str] = match asked.host.as_str() {
            API => &[CLIENT_SECRET, REFRESH_TOKEN],
            LOGIN => &[KEY, "token-0"],
            _ => &[KEY, CLIENT_SECRET, REFRESH_TOKEN, "token-0"],
        };
        if let Some(secret) = forbidden.iter().find(|secret| shows(secret)) {
            self.violations.push(format!("`{secret}` was sent to {}{}", asked.host, asked.path));
        }
    }

    /// Puts the clock on the wall forward or back.
    fn jump(&mut self) {
        let seconds = self.dice.of(&[1, 60, 4000, 86_400, 300_000]) as i64 * 1000;
        let put = if self.dice.happens(50) { seconds } else { -seconds };
        if let Some((base, since, _)) = WALL.get() {
            WALL.set(Some((base, since, put)));
        }
        let shown = wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
        self.earliest = self.earliest.min(shown);
    }

    fn true_clock(&self) -> i64 {
        WALL.get().map_or(0, |(base, since, _)| base + since.elapsed().as_secs() as i64)
    }
}
