//! Choosing between a stream for the first sync and one for those that go on from it.

use std::sync::Arc;

use airbyte_manifest::model::{
    DatetimeBasedCursor, DeclarativeStream, IncrementalSync, Retriever, StateDelegatingStream,
};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::jinja::{Environment, Scope, Template};
use crate::time::{DateFormat, Duration, Moment};

/// The stream that is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen<'m> {
    pub(crate) stream: &'m DeclarativeStream,
    /// Whether the state is too old: it counts as none, and an empty one is written before anything is read.
    pub(crate) clear_state: bool,
}

/// Chooses by the state: the stream for the first sync without one, else the other, unless the state is older than the
/// API keeps records.
///
/// `now` is `None` where the age does not count: for a stream that only gives the partitions of others.
/// A state whose time cannot be read counts as too old; one that says that a full refresh ended counts as new.
///
/// # Errors
/// Names that differ, a retention period that is no duration or stands beside a cursor without a time, templates that
/// fail.
pub(crate) fn choose<'m>(
    definition: &'m StateDelegatingStream,
    state: Option<&Value>,
    now: Option<Moment>,
    environment: &Arc<Environment>,
) -> Result<Chosen<'m>> {
    let (full, incremental) = (&definition.full_refresh_stream, &definition.incremental_stream);
    check_names(definition)?;
    let retention = retention(definition, environment)?;
    let Some(state) = state.and_then(Value::as_object).filter(|state| !state.is_empty()) else {
        return Ok(Chosen { stream: full, clear_state: false });
    };
    let stays = Chosen { stream: incremental, clear_state: false };
    let (Some((period, text)), Some(now)) = (retention, now) else { return Ok(stays) };
    let Some(cutoff) = period.subtract_from(now) else { return Ok(stays) };
    let reached = match Progress::of(full, state, environment)? {
        Progress::Unknown => Progress::of(incremental, state, environment)?,
        known => known,
    };
    let too_old = match reached {
        Progress::Finished => false,
        Progress::Unknown => true,
        Progress::Until(reached) => reached.epoch_nanos() < cutoff.epoch_nanos(),
    };
    if !too_old {
        return Ok(stays);
    }
    tracing::warn!(
        "stream {}: its state is older than the {text} for which the API keeps records, or has no time that can be \
         read; everything is read again, so that nothing is missed",
        definition.name.as_str()
    );
    Ok(Chosen { stream: full, clear_state: true })
}

fn check_names(definition: &StateDelegatingStream) -> Result<()> {
    let name = definition.name.as_str();
    let (full, incremental) =
        (definition.full_refresh_stream.name.as_str(), definition.incremental_stream.name.as_str());
    if full == name && incremental == name {
        return Ok(());
    }
    Err(Error::system(format!(
        "a StateDelegatingStream and its two streams must have equal names, but they are called `{name}`, `{full}` and \
         `{incremental}`"
    )))
}

/// The retention period, and how it is written.
fn retention(definition: &StateDelegatingStream, environment: &Arc<Environment>) -> Result<Option<(Duration, String)>> {
    let Some(period) = definition.api_retention_period.as_ref().filter(|period| !period.text.is_empty()) else {
        return Ok(None);
    };
    let parameters = definition.parameters();
    let value = Template::new(environment, period.as_str(), &parameters)?.eval(&Scope::new())?;
    if !value.is_truthy() {
        return Ok(None);
    }
    let name = definition.name.as_str();
    let counts = |stream: &DeclarativeStream| {
        matches!(stream.incremental_sync, Some(IncrementalSync::IncrementingCountCursor(_)))
    };
    if counts(&definition.full_refresh_stream) || counts(&definition.incremental_stream) {
        return Err(Error::system(format!(
            "stream {name}: `api_retention_period` needs a cursor with a time, which IncrementingCountCursor is not"
        )));
    }
    let text = value.to_text();
    let duration = Duration::parse(&text).map_err(|problem| {
        Error::system(format!("stream {name}: `api_retention_period` is `{text}`, {}", problem.message()))
    })?;
    Ok(Some((duration, text)))
}

/// How far a state says that a stream was read.
enum Progress {
    /// A full refresh came to its end.
    Finished,
    Until(Moment),
    Unknown,
}

impl Progress {
    fn of(stream: &DeclarativeStream, state: &Map<String, Value>, environment: &Arc<Environment>) -> Result<Self> {
        let Some(IncrementalSync::DatetimeBasedCursor(cursor)) = &stream.incremental_sync else {
            let ended = state.get("__ab_no_cursor_state_message").is_some_and(|ended| *ended != Value::Bool(false));
            return Ok(if ended { Self::Finished } else { Self::Unknown });
        };
        let global = match is_partitioned(stream) {
            // What all partitions share.
            true => state.get("state").and_then(Value::as_object),
            false => Some(state),
        };
        let Some(state) = global else { return Ok(Self::Unknown) };
        let parameters = cursor.parameters();
        let field = Template::new(environment, cursor.cursor_field.as_str(), &parameters)?.eval(&Scope::new())?;
        let value = if state.get("state_type").and_then(Value::as_str) == Some("date-range") {
            let first = state.get("slices").and_then(Value::as_array).and_then(|slices| slices.first());
            first.and_then(|first| {
                let reached = |key: &str| first.get(key).filter(|value| !is_empty(value));
                reached("most_recent_cursor_value").or_else(|| reached("end"))
            })
        } else {
            state.get(&field.to_text())
        };
        Ok(value.and_then(|value| moment(cursor, value)).map_or(Self::Unknown, Self::Until))
    }
}

/// The formats are tried in order; that of the cursor itself comes last.
fn moment(cursor: &DatetimeBasedCursor, value: &Value) -> Option<Moment> {
    let text = match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Number(number) if number.as_f64() != Some(0.0) => number.to_string(),
        _ => return None,
    };
    let formats = cursor.cursor_datetime_formats.iter().chain([&cursor.datetime_format]);
    formats.into_iter().find_map(|format| DateFormat::new(format.as_str()).ok()?.parse(&text))
}

fn is_partitioned(stream: &DeclarativeStream) -> bool {
    let routers = match &stream.retriever {
        Retriever::SimpleRetriever(retriever) => retriever.partition_router.as_ref(),
        Retriever::AsyncRetriever(retriever) => Some(&retriever.partition_router),
        Retriever::CustomRetriever(_) => None,
    };
    routers.is_some_and(|routers| !routers.as_slice().is_empty())
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false)) || value.as_str() == Some("") || value.as_f64() == Some(0.0)
}
