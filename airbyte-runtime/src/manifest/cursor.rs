//! Cursors of a manifest.

use std::sync::Arc;

use airbyte_manifest::model::{
    Clamping as ClampingModel, DatetimeBasedCursor, IncrementalSync, IncrementingCountCursor, MinMaxDatetime, Text,
    TextOr,
};

use super::lowering::Lowering;
use super::scope::IntervalKeys;
use crate::error::{Error, Result};
use crate::jinja::Parameters;
use crate::json::JsonPath;
use crate::plan::cursor::{Clamping, Cursor, Order, RecordRange, Scale, TimeScale};
use crate::plan::request::Inject;
use crate::time::{DateFormat, Duration, Moment};

/// A cursor, and where the ends of its windows go.
pub(super) struct LoweredCursor {
    pub(super) cursor: Cursor,
    pub(super) start_option: Option<Inject>,
    pub(super) end_option: Option<Inject>,
}

impl LoweredCursor {
    pub(super) fn interval_keys(&self) -> IntervalKeys {
        Arc::new(self.cursor.interval_keys.clone())
    }
}

/// The distance at which what was read counts as one piece, where the manifest names no granularity.
const TOLERANCE_NANOS: i128 = 1_000_000;

impl Lowering<'_> {
    /// The cursor of a stream.
    ///
    /// # Errors
    /// Dates, formats and durations that cannot be read.
    pub(super) fn cursor(&self, sync: &IncrementalSync, partitioned: bool) -> Result<LoweredCursor> {
        match sync {
            IncrementalSync::DatetimeBasedCursor(model) => {
                self.datetime_cursor(model, partitioned).map_err(|error| self.place(error, model.at))
            }
            IncrementalSync::IncrementingCountCursor(model) => {
                self.count_cursor(model).map_err(|error| self.place(error, model.at))
            }
        }
    }

    fn datetime_cursor(&self, model: &DatetimeBasedCursor, partitioned: bool) -> Result<LoweredCursor> {
        let parameters = model.parameters();
        let key = self.text(&model.cursor_field, &parameters)?;
        let name = |text: &Option<Text>, default: &str| match text {
            Some(text) => self.text(text, &parameters),
            None => Ok(default.to_owned()),
        };
        let range = match (model.is_data_feed, model.is_client_side_incremental) {
            (Some(true), _) => RecordRange::Feed,
            (_, Some(true)) => RecordRange::Whole,
            _ => RecordRange::Any,
        };
        let option = |option: &Option<_>| option.as_ref().map(|option| self.inject(option, &parameters)).transpose();
        Ok(LoweredCursor {
            start_option: option(&model.start_time_option)?,
            end_option: option(&model.end_time_option)?,
            cursor: Cursor {
                path: JsonPath::from_segments([key.as_str()]),
                key,
                scale: Scale::Time(self.time_scale(model, &parameters, partitioned)?),
                start_option: None,
                end_option: None,
                record_range: range,
                order: Order::Unknown,
                is_catalog_defined: model.allow_catalog_defined_cursor_field == Some(true),
                interval_keys: (
                    name(&model.partition_field_start, "start_time")?,
                    name(&model.partition_field_end, "end_time")?,
                ),
                trusts_newer: true,
                compares_text: true,
                global_only: model.global_substream_cursor,
                added_values_start_fresh: false,
            },
        })
    }

    /// Without partitions a cursor is made at once, and a bad date is a mistake of the whole manifest; otherwise it is
    /// made for each partition, and only this stream fails.
    fn time_scale(&self, model: &DatetimeBasedCursor, parameters: &Parameters, partitioned: bool) -> Result<TimeScale> {
        if model.step.is_some() != model.cursor_granularity.is_some() {
            return Err(Error::system("`step` and `cursor_granularity` belong together; set both or none")
                .with_detail("windows of a `step` end one `cursor_granularity` before the next begins"));
        }
        let format = date_format(&model.datetime_format.text)?;
        let mut formats =
            model.cursor_datetime_formats.iter().map(|format| date_format(&format.text)).collect::<Result<Vec<_>>>()?;
        formats.push(format.clone());
        let granularity = self.duration(model.cursor_granularity.as_ref(), parameters)?;
        let format_text = &model.datetime_format.text;
        let end = match &model.end_datetime {
            Some(end) => self.later(self.bound(end, format_text, parameters), true, self.now)?,
            None => self.now,
        };
        let start = self.later(self.bound(&model.start_datetime, format_text, parameters), partitioned, self.now)?;
        let step = self.later(self.duration(model.step.as_ref(), parameters), partitioned, None)?;
        let lookback = self.later(self.duration(model.lookback_window.as_ref(), parameters), partitioned, None)?;
        Ok(TimeScale {
            start: Some(start),
            end: Some(end),
            step,
            tolerance: granularity.map_or(TOLERANCE_NANOS, |granularity| granularity.approximate_nanos()),
            rereads_end: granularity.is_some() && !model.is_compare_strictly,
            granularity: granularity.unwrap_or(Duration::from_seconds(0)),
            clamping: model.clamping.as_ref().map(|model| self.clamping(model, parameters)).transpose()?.flatten(),
            lookback,
            sortable: false,
            formats,
            format,
        })
    }

    /// A value, or for a stream that is to fail when it is read, something in its place.
    fn later<T>(&self, value: Result<T>, defers: bool, instead: T) -> Result<T> {
        match value {
            Err(error) if defers => {
                self.defer(error);
                Ok(instead)
            }
            value => value,
        }
    }

    fn bound(&self, bound: &TextOr<MinMaxDatetime>, format: &str, own: &Parameters) -> Result<Moment> {
        let (date, format, least, most) = match bound {
            TextOr::Text(text) => (self.text(text, own)?, format.to_owned(), None, None),
            TextOr::Typed(model) => {
                let parameters = model.parameters();
                let text = |text: &Option<Text>| match text {
                    Some(text) => self.text(text, &parameters).map(|text| Some(text).filter(|text| !text.is_empty())),
                    None => Ok(None),
                };
                let format = match model.datetime_format.text.as_str() {
                    "" => format.to_owned(),
                    own => own.to_owned(),
                };
                let date = self.text(&model.datetime, &parameters)?;
                (date, format, text(&model.min_datetime)?, text(&model.max_datetime)?)
            }
        };
        let compiled = date_format(&format)?;
        let parse = |text: &str| {
            compiled.parse(text).ok_or_else(|| {
                Error::config(format!("the date `{text}` does not have the format `{format}`"))
                    .with_detail("the manifest's `start_datetime` and `end_datetime` say where the date comes from")
            })
        };
        let mut moment = parse(&date)?;
        if let Some(least) = least {
            moment = moment.max(parse(&least)?);
        }
        if let Some(most) = most {
            moment = moment.min(parse(&most)?);
        }
        Ok(moment)
    }

    fn clamping(&self, model: &ClampingModel, parameters: &Parameters) -> Result<Option<Clamping>> {
        let target = self.text(&model.target, parameters)?;
        match target.as_str() {
            "DAY" => Ok(Some(Clamping::Day)),
            "MONTH" => Ok(Some(Clamping::Month)),
            "WEEK" => {
                const DAYS: [&str; 7] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
                let details = model.target_details.as_ref().and_then(|details| details.get("weekday"));
                let day =
                    details.and_then(|day| day.as_str()).and_then(|day| DAYS.iter().position(|name| *name == day));
                let day = day.ok_or_else(|| {
                    Error::system(format!("clamping to weeks needs a `weekday`, one of {}", DAYS.join(", ")))
                })?;
                Ok(Some(Clamping::Week(i64::try_from(day).unwrap_or(0))))
            }
            other => Err(Error::system(format!("clamping knows DAY, WEEK and MONTH, not `{other}`"))),
        }
    }

    fn count_cursor(&self, model: &IncrementingCountCursor) -> Result<LoweredCursor> {
        let parameters = model.parameters();
        let key = self.text(&model.cursor_field, &parameters)?;
        let start = match &model.start_value {
            Some(start) => self.int(start, &parameters, "`start_value`")?,
            None => 0,
        };
        let start_option = model.start_value_option.as_ref();
        Ok(LoweredCursor {
            start_option: start_option.map(|option| self.inject(option, &parameters)).transpose()?,
            end_option: None,
            cursor: Cursor {
                path: JsonPath::from_segments([key.as_str()]),
                key,
                scale: Scale::Count { start },
                start_option: None,
                end_option: None,
                record_range: RecordRange::Any,
                order: Order::Unknown,
                is_catalog_defined: model.allow_catalog_defined_cursor_field == Some(true),
                interval_keys: ("start".to_owned(), "end".to_owned()),
                trusts_newer: true,
                compares_text: false,
                global_only: false,
                added_values_start_fresh: false,
            },
        })
    }
}

fn date_format(text: &str) -> Result<DateFormat> {
    DateFormat::new(text).map_err(|problem| Error::system(format!("the date format `{text}`: {problem}")))
}
