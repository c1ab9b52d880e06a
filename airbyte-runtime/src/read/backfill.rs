//! Ranges of the past that are read in place of what is new, with the states left as they are.

use serde_json::Value;

use crate::config::closest;
use crate::error::{Error, Result};
use crate::plan::StreamPlan;
use crate::protocol::{ConfiguredCatalog, ConfiguredStream};
use crate::time::{DateFormat, Moment};

/// Which ranges of which streams; nothing if the read is an ordinary one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Backfill {
    /// The range of every stream that has none of its own.
    all: Option<Past>,
    streams: Vec<(String, Past)>,
}

/// A range: its start belongs to it, its end does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Past {
    pub(crate) start: Moment,
    pub(crate) end: Moment,
}

impl Past {
    fn parse(text: &str) -> Result<Self, String> {
        let Some((start, end)) = text.split_once("..") else {
            return Err(format!("`{text}` is not a range; write it as 2023-01-01..2023-02-01"));
        };
        let instant = |text: &str| {
            DateFormat::iso8601().parse(text.trim()).ok_or_else(|| {
                format!("`{}` is not a date; write it as 2023-01-31 or 2023-01-31T12:00:00Z", text.trim())
            })
        };
        let (start, end) = (instant(start)?, instant(end)?);
        match start < end {
            true => Ok(Self { start, end }),
            false => {
                Err(format!("the range `{text}` ends before it begins; its end is the first date that is not read"))
            }
        }
    }
}

impl Backfill {
    /// Whether the read is an ordinary one.
    pub(crate) fn is_none(&self) -> bool {
        self.all.is_none() && self.streams.is_empty()
    }

    /// Adds `2023-01-01..2023-02-01`, which is for all streams, or `orders=2023-01-01..2023-02-01`.
    ///
    /// # Errors
    /// What is wrong with it, and what to write.
    pub(crate) fn add(&mut self, word: &str) -> Result<(), String> {
        match word.rsplit_once('=') {
            Some((stream, range)) => self.add_stream(stream.trim(), range),
            None if self.all.is_some() => Err("there are two ranges for all streams; keep one of them".to_owned()),
            None => {
                self.all = Some(Past::parse(word)?);
                Ok(())
            }
        }
    }

    fn add_stream(&mut self, stream: &str, range: &str) -> Result<(), String> {
        if stream.is_empty() {
            return Err(format!("`={range}` names no stream; write it as orders={range}"));
        }
        if self.streams.iter().any(|(known, _)| known == stream) {
            return Err(format!("there are two ranges for stream `{stream}`; keep one of them"));
        }
        self.streams.push((stream.to_owned(), Past::parse(range)?));
        Ok(())
    }

    /// Adds what a configuration says: a range as a text, or an object with the range of each stream.
    ///
    /// # Errors
    /// What is wrong with it is a config error.
    pub(crate) fn add_configured(&mut self, config: &Value) -> Result<()> {
        let added = match config.get(KEY) {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::String(range)) => self.add(range),
            Some(Value::Object(ranges)) => ranges.iter().try_for_each(|(stream, range)| match range.as_str() {
                Some(range) => self.add_stream(stream, range),
                None => Err(format!("the range of `{stream}` is not a text such as \"2023-01-01..2023-02-01\"")),
            }),
            Some(_) => Err("it is neither a range nor an object with the range of each stream".to_owned()),
        };
        added.map_err(|problem| Error::config(format!("`{KEY}` in the configuration: {problem}")))?;
        tracing::warn!(
            "`{KEY}` is in the configuration: as long as it is there, ranges of the past are read, nothing new is, and \
             all states stay as they are; take it out to go on"
        );
        Ok(())
    }

    /// Whether every stream that is named can be read so.
    ///
    /// # Errors
    /// The first stream that cannot be is a config error, as is a catalog in which no stream can be.
    pub(super) fn require(&self, catalog: &ConfiguredCatalog, streams: &[std::sync::Arc<StreamPlan>]) -> Result<()> {
        let known = || catalog.streams.iter().map(|configured| configured.name.as_str());
        for (name, _) in &self.streams {
            if known().any(|known| known == name) {
                continue;
            }
            if streams.iter().any(|stream| stream.name == *name && !stream.hidden) {
                return Err(Error::config(format!(
                    "stream `{name}` is to be read again, but the catalog does not select it"
                )));
            }
            let help = closest(name, known()).map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
            return Err(Error::config(format!(
                "stream `{name}` is to be read again, but there is no such stream{help}"
            )));
        }
        Ok(())
    }

    /// The range that is read of a stream; `None` if it is left out.
    ///
    /// # Errors
    /// A stream that was named and has no range of dates, and one whose table would be replaced, are config errors.
    pub(super) fn of(&self, stream: &StreamPlan, configured: &ConfiguredStream) -> Result<Option<Past>> {
        let named = self.streams.iter().find(|(name, _)| *name == stream.name).map(|(_, past)| *past);
        let Some(past) = named.or(self.all) else { return Ok(None) };
        let why_not = match &stream.cursor {
            Some(cursor) if cursor.has_dates() => None,
            Some(_) => Some("its cursor is a number, and a range has dates"),
            None => Some("it has no cursor, so there are no ranges of it"),
        };
        match why_not {
            Some(reason) if named.is_some() => {
                Err(Error::config(format!("no range of stream `{}` can be read: {reason}", stream.name)))
            }
            Some(reason) => {
                tracing::warn!("stream `{}` is left out: {reason}", stream.name);
                Ok(None)
            }
            None if configured.replaces_table() => Err(Error::config(format!(
                "stream `{}` is configured to overwrite its table, of which only the range would be left; choose `append` or `append_dedup`",
                stream.name
            ))),
            None => match &stream.cursor {
                Some(cursor) if cursor.count(&cursor.windows_of(past.start, past.end)) == 0 => {
                    Err(Error::config(format!(
                        "stream `{}` is read in whole units of the calendar, of which none lies in the range",
                        stream.name
                    )))
                }
                cursor => {
                    tracing::info!(
                        "stream `{}`: a range of the past is read, and the state stays as it is",
                        stream.name
                    );
                    if let Some((start, end)) = cursor.as_ref().and_then(|cursor| cursor.part_of(past.start, past.end))
                    {
                        let written = |moment| DateFormat::iso8601().format(moment);
                        tracing::warn!(
                            "stream `{}` is read in whole units of the calendar: of {}..{} only {}..{} is read",
                            stream.name,
                            written(past.start),
                            written(past.end),
                            written(start),
                            written(end)
                        );
                    }
                    Ok(Some(past))
                }
            },
        }
    }
}

/// The key of a configuration with which a platform, which has no command line, asks for ranges.
const KEY: &str = "__injected_backfill";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Backfill, Past};

    fn parse(words: &[&str]) -> Result<Backfill, String> {
        let mut backfill = Backfill::default();
        words.iter().try_for_each(|word| backfill.add(word)).map(|()| backfill)
    }

    #[test]
    fn a_range_is_for_all_streams_or_for_one() {
        let backfill =
            parse(&["2023-01-01..2023-07-01", "a=b=2023-01-01T00:00:00Z .. 2023-01-01T12:00:00+01:00"]).unwrap();
        assert_eq!(backfill.all, Some(Past::parse("2023-01-01..2023-07-01").unwrap()));
        assert_eq!(backfill.streams[0].0, "a=b");
        assert!(Backfill::default().is_none() && !backfill.is_none());
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        for (words, expected) in [
            (&["2023-01-01"][..], "write it as 2023-01-01..2023-02-01"),
            (&["orders=2023-01-01.."], "`` is not a date"),
            (&["yesterday..2023-01-01"], "`yesterday` is not a date"),
            (&["2023-02-01..2023-01-01"], "ends before it begins"),
            (&["2023-02-01..2023-02-01"], "the first date that is not read"),
            (&["=2023-01-01..2023-02-01"], "names no stream"),
            (&["2023-01-01..2023-02-01", "2023-01-01..2023-02-01"], "two ranges for all streams"),
            (&["a=2023-01-01..2023-02-01", "a=2023-01-01..2023-02-01"], "two ranges for stream `a`"),
        ] {
            let problem = parse(words).unwrap_err();
            assert!(problem.contains(expected), "{words:?}: {problem}");
        }
    }

    #[test]
    fn a_configuration_may_ask_for_ranges() {
        let configured = |config| {
            let mut backfill = Backfill::default();
            backfill.add_configured(&config).map(|()| backfill)
        };
        let range = "2023-01-01..2023-02-01";
        assert_eq!(configured(json!({"__injected_backfill": range})).unwrap(), parse(&[range]).unwrap());
        let object = configured(json!({"__injected_backfill": {"orders": range}})).unwrap();
        assert_eq!(object, parse(&["orders=2023-01-01..2023-02-01"]).unwrap());
        assert!(configured(json!({"url": "x"})).unwrap().is_none());
        for wrong in [json!(1), json!({"orders": 1}), json!("2023")] {
            let error = configured(json!({"__injected_backfill": wrong})).unwrap_err();
            assert!(error.message().starts_with("`__injected_backfill` in the configuration: "), "{error}");
        }
    }
}
