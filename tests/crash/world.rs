//! The API that connectors are killed at: rows that grow from round to round, parents that change with them, and parts
//! of it that fail until they are mended.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use airbyte_runtime::testing::{Method, Request, Response, Server};
use serde_json::{Value, json};

use crate::api::{Row, TOKEN, answer, bound, instant, list, mix, mix_text, row};

/// The rounds that the API has from the beginning, and all that it may come to have.
pub(crate) const FIRST_ROUND: u64 = 3;
pub(crate) const LAST_ROUND: u64 = 6;
const PER_ROUND: u64 = 6;
const REGIONS: [&str; 3] = ["eu", "us", "ap"];
/// 2024-01-01T00:00:00Z, where every cursor starts.
const START: i64 = 1_704_067_200;
const DAY: i64 = 86_400;
/// Bytes of a row's note: states are worth their length only beside records.
pub(crate) const PADDING: usize = 6_000;

/// What is different between two runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    /// How much there is.
    pub(crate) round: u64,
    /// One in so many requests fails; none if it is 0.
    pub(crate) failing: u64,
    /// Which of them, and how late each answer is.
    pub(crate) seed: u64,
    /// The most milliseconds that an answer takes.
    pub(crate) delay: u64,
}

/// The running API.
pub(crate) struct World {
    server: Server,
    weather: Arc<Mutex<Weather>>,
}

impl World {
    pub(crate) fn start() -> Self {
        let weather = Arc::new(Mutex::new(Weather::default()));
        let shared = Arc::clone(&weather);
        let server = Server::start(move |request| {
            let weather = *shared.lock().expect("no handler panics");
            say(&request, weather)
        });
        Self { server: server.expect("a free port"), weather }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// What holds from now on.
    pub(crate) fn set(&self, weather: Weather) {
        *self.weather.lock().expect("no handler panics") = weather;
    }
}

/// All rows up to a round: each adds some that are newer than those before, and a few share their instant.
pub(crate) fn rows(round: u64) -> Vec<Row> {
    let of_round = |round: u64| {
        (0..PER_ROUND).map(move |number| {
            let id = round * PER_ROUND + number + 1;
            let offset = if number == 1 { mix(id - 1) } else { mix(id) } % 600_000;
            let at = START + i64::try_from(round).unwrap_or(0) * 8 * DAY + i64::try_from(offset).unwrap_or(0);
            Row { padding: PADDING, ..row(id, REGIONS[(mix(id) % 3) as usize], mix(id) % (round + 1) % 5 + 1, at) }
        })
    };
    (0..=round).flat_map(of_round).collect()
}

/// The parents of the rows, which change with them.
fn projects(rows: &[Row]) -> Vec<Row> {
    let newest = |id: u64| rows.iter().filter(|row| row.project == id).map(|row| row.updated_at).max();
    (1..=5).map(|id| Row { updated_at: newest(id).unwrap_or(instant(START)), ..row(id, "eu", id, START) }).collect()
}

/// The parents of the parents.
fn orgs(projects: &[Row]) -> Vec<Row> {
    let newest = |id: u64| projects.iter().filter(|project| org(project) == id).map(|project| project.updated_at).max();
    (1..=2).map(|id| Row { updated_at: newest(id).unwrap_or(instant(START)), ..row(id, "eu", id, START) }).collect()
}

fn org(project: &Row) -> u64 {
    project.id % 2 + 1
}

fn say(request: &Request, weather: Weather) -> Response {
    let dice = mix_text(weather.seed, &request.to_string());
    let delay = Duration::from_micros(dice % (weather.delay * 1_000).max(1));
    if weather.failing > 0 && (dice >> 32).is_multiple_of(weather.failing) {
        return Response::json(if dice.is_multiple_of(2) { 500 } else { 400 }, &json!({"message": "not now"}))
            .delay(delay);
    }
    let rows = rows(weather.round);
    let projects = projects(&rows);
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let answer = match segments[..] {
        ["exports", ..] | ["files", ..] => export(&rows, request, &segments),
        _ if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) => Response::new(401),
        [style, "orgs"] => list(style, orgs(&projects).iter().collect(), request),
        [style, "orgs", of, "projects"] => {
            list(style, projects.iter().filter(|project| org(project).to_string() == of).collect(), request)
        }
        [style, "rows", "region", region, "project", id] => {
            let is_wanted = |row: &&Row| row.region == region && row.project.to_string() == id;
            list(style, rows.iter().filter(is_wanted).collect(), request)
        }
        [style, "rows"] if request.query_param("projects").is_some() => {
            let wanted: Vec<&str> = request.query_param("projects").unwrap_or_default().split(',').collect();
            let is_wanted = |row: &&Row| wanted.contains(&row.project.to_string().as_str());
            list(style, rows.iter().filter(is_wanted).collect(), request)
        }
        _ => answer(&rows, &projects, request),
    };
    answer.delay(delay)
}

/// Jobs that know by their names what they are about, so that they outlive everybody.
fn export(rows: &[Row], request: &Request, segments: &[&str]) -> Response {
    match (&request.method, segments) {
        (&Method::POST, ["exports"]) => {
            let body: Value = request.json().unwrap_or_default();
            let text = |key: &str| body[key].as_str().unwrap_or_default().replace(':', ".");
            let id = format!("{}~{}~{}", text("region"), text("from"), text("to"));
            Response::json(201, &json!({"job": {"id": id}}))
        }
        (&Method::GET, ["exports", id]) => {
            let files: Vec<Value> = (0..2).map(|file| json!({"url": format!("/files/{id}/{file}")})).collect();
            Response::json(200, &json!({"job": {"state": "done", "files": files}}))
        }
        (&Method::GET, ["files", id, file]) => {
            let id = id.replace("%7E", "~").replace('.', ":");
            let parts: Vec<&str> = id.split('~').collect();
            let [region, from, to] = parts[..] else { return Response::new(404) };
            let is_wanted = |row: &&Row| {
                (region == "all" || row.region == region)
                    && (from.is_empty() || row.updated_at >= bound(from, false))
                    && (to.is_empty() || row.updated_at <= bound(to, true))
                    && (row.id % 2).to_string() == **file
            };
            let mut wanted: Vec<&Row> = rows.iter().filter(is_wanted).collect();
            wanted.sort_by_key(|row| row.updated_at);
            let items: Vec<Value> = wanted.into_iter().map(Row::json).collect();
            Response::json(200, &json!({"items": items}))
        }
        (&Method::DELETE | &Method::POST, ["exports", ..]) => Response::new(204),
        _ => Response::new(404),
    }
}
