//! The migrations of old manifests, which the Python CDK makes when it is asked to.

#[cfg(test)]
mod tests;
mod url;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::node::{Entry, Kind, Map, Node, Position};

/// Rewrites every `HttpRequester` of a resolved manifest to the fields of today: `url_base` and `path` become `url`,
/// `request_body_json` and `request_body_data` become `request_body`. What was done is listed in the metadata.
/// Dynamic streams stay as they are; if one requester cannot be migrated, the manifest is returned as it was.
pub fn migrate(root: &Node) -> Node {
    migrated(root, SystemTime::now()).unwrap_or_else(|| root.clone())
}

/// One migration: whether it wants a requester, and what it does to it. It does nothing on failure.
struct Migration {
    name: &'static str,
    wants: fn(&Map) -> bool,
    apply: fn(&mut Map) -> Option<()>,
    succeeded: fn(&Map) -> bool,
}

const MIGRATIONS: [Migration; 3] = [
    Migration {
        name: "HttpRequesterUrlBaseToUrl",
        wants: |requester| requester.get("url_base").is_some(),
        apply: |requester| {
            let url = requester.remove("url_base")?;
            requester.insert(Entry { key: "url".to_owned(), ..url });
            Some(())
        },
        succeeded: |requester| has_value(requester, "url") && requester.get("url_base").is_none(),
    },
    Migration {
        name: "HttpRequesterPathToUrl",
        wants: |requester| requester.get("path").is_some(),
        apply: append_path,
        succeeded: |requester| has_value(requester, "url") && requester.get("path").is_none(),
    },
    Migration {
        name: "HttpRequesterRequestBodyJsonDataToRequestBody",
        wants: |requester| has_old_body(requester),
        apply: |requester| {
            join_bodies(requester);
            Some(())
        },
        succeeded: |requester| {
            let text = requester.get("request_body_json").is_some_and(|body| body.as_str().is_some());
            !has_old_body(requester) && (text || requester.get("request_body").is_some())
        },
    },
];

fn migrated(root: &Node, now: SystemTime) -> Option<Node> {
    let mut root = root.clone();
    let version = match root.get("version").map(|version| &version.kind) {
        None => "0.0.0".to_owned(),
        Some(Kind::Text(text)) => text.clone(),
        Some(Kind::Int(number)) => number.to_string(),
        Some(Kind::Float(number)) => format!("{number:?}"),
        Some(_) => String::new(),
    };
    for migration in &MIGRATIONS {
        let mut last = false;
        walk(&mut root, migration, &mut last)?;
        if last {
            trace(&mut root, migration.name, &version, now)?;
        }
    }
    Some(root)
}

/// Whether the last requester that was wanted came out right decides if the migration counts, as in the Python CDK.
fn walk(node: &mut Node, migration: &Migration, last: &mut bool) -> Option<()> {
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().try_for_each(|item| walk(item, migration, last)),
        Kind::Map(map) => {
            let kind = map.get("type").and_then(Node::as_str);
            if kind == Some("DynamicDeclarativeStream") {
                return Some(());
            }
            if kind == Some("HttpRequester") && (migration.wants)(map) {
                (migration.apply)(map)?;
                *last = (migration.succeeded)(map);
            }
            for at in 0..map.len() {
                let Some(entry) = map.iter().nth(at) else { break };
                if matches!(entry.value.kind, Kind::Map(_) | Kind::List(_)) {
                    let mut value = entry.value.clone();
                    walk(&mut value, migration, last)?;
                    map.replace(at, value);
                }
            }
            Some(())
        }
        _ => Some(()),
    }
}

fn has_value(requester: &Map, key: &str) -> bool {
    requester.get(key).is_some_and(|value| value.kind != Kind::Null)
}

fn append_path(requester: &mut Map) -> Option<()> {
    let path = requester.get("path")?.as_str()?.trim_start_matches('/').to_owned();
    let base = requester.get("url")?;
    if !path.is_empty() {
        let base = base.as_str()?;
        let slash = if base.ends_with('/') { "" } else { "/" };
        let joined = url::join(&format!("{base}{slash}"), &path)?;
        requester.get_mut("url")?.kind = Kind::Text(joined);
    }
    requester.remove("path");
    Some(())
}

/// A text as `request_body_json` is a template, and stays.
fn has_old_body(requester: &Map) -> bool {
    requester.get("request_body_data").is_some()
        || requester.get("request_body_json").is_some_and(|body| body.as_str().is_none())
}

fn join_bodies(requester: &mut Map) {
    let kind = match requester.get("request_body_json").map(|body| &body.kind) {
        Some(Kind::Map(body)) if body.get("query").is_some_and(|query| query.as_str().is_some()) => {
            Some("RequestBodyGraphQL")
        }
        Some(Kind::Map(_)) => Some("RequestBodyJsonObject"),
        _ => None,
    };
    if let Some(kind) = kind {
        set_body(requester, "request_body_json", kind);
    }
    set_body(requester, "request_body_data", "RequestBodyUrlEncodedForm");
}

fn set_body(requester: &mut Map, key: &str, kind: &str) {
    let Some(old) = requester.remove(key) else { return };
    let at = old.at;
    let kind = Entry { key: "type".to_owned(), at, value: Node::new(Kind::Text(kind.to_owned()), at) };
    let value_at = old.value.at;
    let body = Map::from_iter([kind, Entry { key: "value".to_owned(), ..old }]);
    requester.insert(Entry { key: "request_body".to_owned(), at, value: Node::new(Kind::Map(body), value_at) });
}

/// Notes a migration in the metadata; none if those are no mapping, or their list is no list.
fn trace(root: &mut Node, name: &str, version: &str, now: SystemTime) -> Option<()> {
    let entry = |key: &str, kind| Entry {
        key: key.to_owned(),
        at: Position::default(),
        value: Node::new(kind, Position::default()),
    };
    let text = |key: &str, text: &str| entry(key, Kind::Text(text.to_owned()));
    let Kind::Map(root) = &mut root.kind else { return None };
    if root.get("metadata").is_none() {
        root.insert(entry("metadata", Kind::Map(Map::default())));
    }
    let Kind::Map(metadata) = &mut root.get_mut("metadata")?.kind else { return None };
    if metadata.get("applied_migrations").is_none() {
        metadata.insert(entry("applied_migrations", Kind::List(Vec::new())));
    }
    let Kind::List(applied) = &mut metadata.get_mut("applied_migrations")?.kind else { return None };
    let trace = [
        text("from_version", version),
        text("to_version", "*"),
        text("migration", name),
        text("migrated_at", &iso(now)),
    ];
    applied.push(Node::new(Kind::Map(trace.into_iter().collect()), Position::default()));
    Some(())
}

/// A moment in UTC, as Python's `isoformat` prints it.
fn iso(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match since.subsec_micros() {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}+00:00")
}

/// Year, month and day of a number of days since 1970. Years are counted from March, so that the leap day is last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}
