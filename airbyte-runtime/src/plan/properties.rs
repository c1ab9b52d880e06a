//! Which properties of its records a stream asks for by name, and in how many requests.

use std::sync::Arc;

#[cfg(feature = "manifest")]
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

use super::request::Inject;
use super::{RequestDraft, StreamPlan};
use crate::error::{Error, Result};
use crate::json::JsonPath;

/// The properties that the requests of a stream name.
pub(crate) struct QueryProperties {
    pub(crate) list: PropertyList,
    /// Those that every request names.
    pub(crate) always: Vec<String>,
    /// How they are divided among requests, if they are.
    pub(crate) chunking: Option<Chunking>,
    /// Chooses those that the configured stream has.
    pub(crate) selector: Option<Arc<dyn SelectProperties>>,
    /// Where the names go, unless a template puts them there.
    pub(crate) place: Option<Inject>,
    /// What stands between two names in a text.
    pub(crate) separator: String,
}

/// All properties of a record.
pub(crate) enum PropertyList {
    /// Their names.
    Known(Vec<String>),
    /// Something that asks the API.
    #[cfg(feature = "manifest")]
    Asked(Arc<dyn LoadProperties>),
    /// Records of another stream hold them.
    Listed {
        stream: Arc<StreamPlan>,
        /// Where a record has the name.
        name: JsonPath,
        /// Those that are not asked for.
        except: Vec<String>,
    },
}

/// Asks an API which properties its records have.
#[cfg(feature = "manifest")]
pub(crate) trait LoadProperties: Send + Sync {
    /// Their names.
    ///
    /// # Errors
    /// Whatever kept the API from saying them.
    fn load(&self) -> LocalBoxFuture<'_, Result<Vec<String>>>;
}

/// Chooses properties by the schema that a user configured.
pub(crate) trait SelectProperties: Send + Sync {
    /// The names to ask for, of a schema's `properties`.
    ///
    /// # Errors
    /// Properties that cannot be turned into names of the API.
    fn select(&self, properties: Map<String, Value>) -> Result<Vec<String>>;
}

/// How properties are divided among requests, and their answers put together again.
pub(crate) struct Chunking {
    /// How many one request names at most; all of them if it is not set.
    pub(crate) limit: Option<PropertyLimit>,
    /// The keys by which the parts of a record find each other.
    pub(crate) merge_by: Vec<String>,
    /// Whether a key may be something other than text.
    pub(crate) merges_any_scalar: bool,
}

/// The most that one request names, besides those that every request names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PropertyLimit {
    /// So many properties.
    Count(i64),
    /// So many characters, with three for what separates two names.
    Characters(i64),
}

impl PropertyLimit {
    fn cost(self, name: &str) -> i64 {
        match self {
            Self::Count(_) => 1,
            Self::Characters(_) => cost_of_name(name.chars().count()),
        }
    }

    fn most(self) -> i64 {
        match self {
            Self::Count(most) | Self::Characters(most) => most,
        }
    }
}

/// What a name of so many characters takes of a [`PropertyLimit::Characters`].
pub(crate) fn cost_of_name(characters: usize) -> i64 {
    i64::try_from(characters).unwrap_or(i64::MAX).saturating_add(SEPARATION)
}

/// Characters that an encoded separator takes.
const SEPARATION: i64 = 3;

impl QueryProperties {
    /// The properties that each request names, of all that there are; `configured` is the schema of the catalog, if the
    /// stream is in one.
    ///
    /// # Errors
    /// Names that cannot be selected.
    pub(crate) fn chunks(&self, all: Vec<String>, configured: Option<&Value>) -> Result<Vec<Vec<String>>> {
        let selected = match (&self.selector, configured) {
            (Some(selector), Some(schema)) => {
                let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
                Some(selector.select(properties)?)
            }
            _ => None,
        };
        let is_selected = |name: &String| selected.as_ref().is_none_or(|selected| selected.contains(name));
        Ok(match &self.chunking {
            None => {
                let wanted = all.into_iter().filter(is_selected);
                vec![self.always.iter().cloned().chain(wanted).collect()]
            }
            // A limit is what makes the Python CDK look at the selection, and what puts `always` in front.
            Some(Chunking { limit: None, .. }) => vec![all.into_iter().chain(self.always.iter().cloned()).collect()],
            Some(Chunking { limit: Some(limit), .. }) => {
                self.divide(&all.into_iter().filter(is_selected).collect::<Vec<_>>(), *limit)
            }
        })
    }

    fn divide(&self, names: &[String], limit: PropertyLimit) -> Vec<Vec<String>> {
        let mut chunks = Vec::new();
        let mut chunk = self.always.clone();
        let mut size: i64 = 0;
        for name in names {
            let cost = limit.cost(name);
            if size.saturating_add(cost) > limit.most() {
                chunks.push(std::mem::replace(&mut chunk, self.always.clone()));
                size = 0;
            }
            chunk.push(name.clone());
            size = size.saturating_add(cost);
        }
        chunks.push(chunk);
        chunks
    }

    /// Writes the names into a request.
    ///
    /// # Errors
    /// See [`RequestDraft::inject`].
    pub(crate) fn inject(&self, chunk: &[String], draft: &mut RequestDraft) -> Result<()> {
        match &self.place {
            None => Ok(()),
            Some(place @ Inject::Body(_)) => draft.inject(place, &Value::from(chunk.to_vec())),
            Some(place) => draft.inject(place, &Value::from(chunk.join(&self.separator))),
        }
    }
}

impl Chunking {
    /// The name under which the parts of a record meet; `None` for a record that has no such name.
    ///
    /// # Errors
    /// A key that is no text, where it has to be one.
    pub(crate) fn key_of(&self, record: &Map<String, Value>) -> Result<Option<String>> {
        let mut name = String::new();
        for (at, key) in self.merge_by.iter().enumerate() {
            let Some(value) = record.get(key).filter(|value| is_set(value)) else { return Ok(None) };
            if at > 0 {
                name.push(',');
            }
            match value {
                Value::String(text) => name.push_str(text),
                value if self.merges_any_scalar => name.push_str(&value.to_string()),
                _ => {
                    return Err(Error::system(format!(
                        "the parts of a record cannot be put together by `{key}`, which is not a text"
                    ))
                    .with_detail("make it one with AddFields: value \"{{ record['id'] }}\" and value_type string"));
                }
            }
        }
        Ok(Some(name))
    }
}

/// Whether a key has a value: null, zero and what is empty name no record.
fn is_set(value: &Value) -> bool {
    crate::python::is_truthy(value)
}

/// Records that arrive in parts, one chunk of properties after the other.
pub(crate) struct Merge<'c> {
    chunking: &'c Chunking,
    /// Records that nothing can be added to, as they came.
    alone: Vec<Map<String, Value>>,
    /// Records by their name, in the order in which they were first seen.
    named: Map<String, Value>,
}

impl<'c> Merge<'c> {
    pub(crate) fn new(chunking: &'c Chunking) -> Self {
        Self { chunking, alone: Vec::new(), named: Map::new() }
    }

    /// Takes a record of one chunk.
    ///
    /// # Errors
    /// See [`Chunking::key_of`].
    pub(crate) fn add(&mut self, record: Map<String, Value>) -> Result<()> {
        let Some(key) = self.chunking.key_of(&record)? else {
            self.alone.push(record);
            return Ok(());
        };
        match self.named.entry(key).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(known) => deep_merge(known, record),
            other => *other = Value::Object(record),
        }
        Ok(())
    }

    /// Whether there are records that wait for nothing.
    pub(crate) fn has_alone(&self) -> bool {
        !self.alone.is_empty()
    }

    /// The records: those that stand alone, then those that are complete.
    pub(crate) fn finish(self) -> impl Iterator<Item = Map<String, Value>> {
        let named = self.named.into_iter().filter_map(|(_, record)| match record {
            Value::Object(record) => Some(record),
            _ => None,
        });
        self.alone.into_iter().chain(named)
    }

    /// The records that stand alone: all that can be said of a page that broke off.
    pub(crate) fn finish_alone(self) -> impl Iterator<Item = Map<String, Value>> {
        self.alone.into_iter()
    }
}

/// Adds the fields of `part`; objects in both are merged, of anything else the later value stays.
fn deep_merge(record: &mut Map<String, Value>, part: Map<String, Value>) {
    for (key, value) in part {
        match (record.get_mut(&key), value) {
            (Some(Value::Object(known)), Value::Object(part)) => deep_merge(known, part),
            (_, value) => {
                record.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties(always: &[&str], limit: Option<PropertyLimit>) -> QueryProperties {
        QueryProperties {
            list: PropertyList::Known(["a", "bbbbbb", "cc"].map(str::to_owned).to_vec()),
            always: always.iter().map(|name| (*name).to_owned()).collect(),
            chunking: limit.map(|limit| chunking(Some(limit), &["id"])),
            selector: None,
            place: None,
            separator: ",".to_owned(),
        }
    }

    fn chunking(limit: Option<PropertyLimit>, merge_by: &[&str]) -> Chunking {
        Chunking { limit, merge_by: merge_by.iter().map(|key| (*key).to_owned()).collect(), merges_any_scalar: false }
    }

    fn chunks(properties: &QueryProperties) -> Vec<String> {
        let PropertyList::Known(names) = &properties.list else { panic!("unknown") };
        let chunks = properties.chunks(names.clone(), None).unwrap();
        chunks.iter().map(|chunk| chunk.join(" ")).collect()
    }

    #[test]
    fn names_are_divided_by_their_number_or_their_length() {
        let cases: [(&[&str], Option<PropertyLimit>, &[&str]); 6] = [
            (&[], None, &["a bbbbbb cc"]),
            (&["id"], None, &["id a bbbbbb cc"]),
            (&["id"], Some(PropertyLimit::Count(2)), &["id a bbbbbb", "id cc"]),
            (&[], Some(PropertyLimit::Count(3)), &["a bbbbbb cc"]),
            (&[], Some(PropertyLimit::Characters(10)), &["a", "bbbbbb", "cc"]),
            (&["id"], Some(PropertyLimit::Characters(13)), &["id a bbbbbb", "id cc"]),
        ];
        for (always, limit, expected) in cases {
            assert_eq!(chunks(&properties(always, limit)), expected, "{always:?} {limit:?}");
        }
    }

    #[test]
    fn one_request_without_a_limit_names_everything_and_those_of_every_request_last() {
        let properties = QueryProperties { chunking: Some(chunking(None, &["id"])), ..properties(&["id"], None) };
        assert_eq!(chunks(&properties), ["a bbbbbb cc id"]);
    }

    #[test]
    fn parts_of_a_record_meet_by_their_key_and_the_rest_stands_alone() {
        let chunking = chunking(None, &["a", "b"]);
        let mut merge = Merge::new(&chunking);
        for part in [
            json!({"a": "1", "b": "x", "n": {"p": 1, "q": {"r": 1}}}),
            json!({"a": "2"}),
            json!({"a": "1", "b": "y", "v": 1}),
            json!({"a": "1", "b": "x", "n": {"p": 2, "q": {"s": 1}}, "v": null}),
            json!({"a": "", "b": "x"}),
        ] {
            merge.add(part.as_object().unwrap().clone()).unwrap();
        }
        assert_eq!(
            Value::from_iter(merge.finish().map(Value::Object)),
            json!([
                {"a": "2"},
                {"a": "", "b": "x"},
                {"a": "1", "b": "x", "n": {"p": 2, "q": {"r": 1, "s": 1}}, "v": null},
                {"a": "1", "b": "y", "v": 1},
            ])
        );
    }

    #[test]
    fn a_key_that_is_no_text_is_refused_where_it_has_to_be_one() {
        let record = json!({"id": 7});
        let mut chunking = chunking(None, &["id"]);
        let error = chunking.key_of(record.as_object().unwrap()).unwrap_err();
        assert!(error.message().contains("`id`, which is not a text"), "{}", error.message());
        chunking.merges_any_scalar = true;
        assert_eq!(chunking.key_of(record.as_object().unwrap()).unwrap().as_deref(), Some("7"));
    }
}
