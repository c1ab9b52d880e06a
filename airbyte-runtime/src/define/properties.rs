//! `properties = …`: which properties of its records a stream asks for by name, and in how many requests.
//!
//! | form | the properties are |
//! |---|---|
//! | [`columns(…)`](columns) | the struct's own columns |
//! | [`names([…], …)`](names) | these |
//! | [`endpoint("/fields", name = "key", …)`](endpoint) | those that the API lists |

use super::inject::{Inject, inject_methods};
use super::stream::{Field, Stream};
use crate::rules::text::Text;

/// Which properties a stream asks for; built by one of the functions of this module.
#[derive(Clone, Copy, Debug)]
pub struct Properties {
    pub(crate) source: Source,
    pub(crate) place: Option<Inject>,
    pub(crate) separator: &'static str,
    pub(crate) limit: Option<Limit>,
    pub(crate) merge_by: Option<&'static str>,
    pub(crate) primary_key: &'static [&'static [&'static str]],
    pub(crate) always_include: &'static [&'static str],
    pub(crate) except: &'static [&'static str],
    pub(crate) selected: bool,
}

/// Where the names come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// The struct's columns, which are known once it is.
    Columns(&'static [Field]),
    Names(&'static [&'static str]),
    Endpoint {
        path: &'static str,
        records: &'static str,
        name: &'static str,
    },
}

/// The most that one request names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    Count(u32),
    Characters(u32),
}

const fn properties(source: Source) -> Properties {
    Properties {
        source,
        place: None,
        separator: ",",
        limit: None,
        merge_by: None,
        primary_key: &[],
        always_include: &[],
        except: &[],
        selected: false,
    }
}

/// The struct's columns by their JSON keys: `columns(param = "fields")`.
///
/// So the API sends what the schema has, and nothing else has to be kept in step with it.
/// With `property_count` or `characters` they are divided among several requests for each page, whose records are put
/// together by the primary key, or by what `merge_by` names.
#[must_use]
pub const fn columns() -> Properties {
    properties(Source::Columns(&[]))
}

/// These properties: `names(["id", "owner.name"], param = "fields")`.
///
/// For an API that asks for other names than those that its records have.
#[must_use]
#[track_caller]
pub const fn names(names: &'static [&'static str]) -> Properties {
    if names.is_empty() {
        panic!("the list of properties is empty\nhelp: name one, or write `columns(…)` for the struct's columns");
    }
    properties(Source::Names(names))
}

/// The properties that the API lists: `endpoint("/fields", records = "data", name = "key", param = "fields")`.
///
/// The path is asked for once in a read, with the stream's own base URL, authentication and headers and without pages.
/// For records with fields of a user's own, which `#[serde(flatten)]` takes in the struct.
#[must_use]
#[track_caller]
pub const fn endpoint(path: &'static str) -> Properties {
    if path.is_empty() {
        panic!(
            "the path that lists the properties is empty\nhelp: write it as in `endpoint(\"/fields\", name = \"key\")`"
        );
    }
    properties(Source::Endpoint { path, records: "", name: "" })
}

impl Properties {
    inject_methods!(place, "list of properties", param, header, body, form);

    /// Where the records that each describe a property are in the answer of [`endpoint`]: keys that are joined by dots.
    #[must_use]
    #[track_caller]
    pub const fn records(mut self, path: &'static str) -> Self {
        let Source::Endpoint { path: at, name, .. } = self.source else {
            panic!(
                "only `endpoint` has an answer with records\nhelp: leave `records` out, or write `endpoint(\"/fields\", …)`"
            );
        };
        self.source = Source::Endpoint { path: at, records: path, name };
        self
    }

    /// Where the property's name is in such a record: keys that are joined by dots.
    #[must_use]
    #[track_caller]
    pub const fn name(mut self, path: &'static str) -> Self {
        let Source::Endpoint { path: at, records, .. } = self.source else {
            panic!(
                "only `endpoint` has records with a name\nhelp: leave `name` out, or write `endpoint(\"/fields\", …)`"
            );
        };
        self.source = Source::Endpoint { path: at, records, name: path };
        self
    }

    /// The most properties that one request names, besides those that each one names.
    #[must_use]
    #[track_caller]
    pub const fn property_count(mut self, properties: u32) -> Self {
        if properties == 0 {
            panic!(
                "a request for 0 properties asks for nothing\nhelp: write how many the API allows, e.g. `property_count = 100`"
            );
        }
        self.limit = only_limit(self.limit, Limit::Count(properties));
        self
    }

    /// The most characters that the properties of one request have, each with three for what separates it from the
    /// next; those that each request names do not count.
    #[must_use]
    #[track_caller]
    pub const fn characters(mut self, characters: u32) -> Self {
        if characters == 0 {
            panic!(
                "0 characters have room for no property\nhelp: write how long the API's parameter may be, e.g. `characters = 2000`"
            );
        }
        self.limit = only_limit(self.limit, Limit::Characters(characters));
        self
    }

    /// The field by which the parts of a record find each other; the primary key unless it is set. Each request names it.
    #[must_use]
    #[track_caller]
    pub const fn merge_by(mut self, key: &'static str) -> Self {
        if key.is_empty() {
            panic!("`merge_by` is empty\nhelp: name a field of the struct, as in `merge_by = id`");
        }
        self.merge_by = Some(key);
        self
    }

    /// Properties that each request names: fields of the struct, or texts.
    #[must_use]
    pub const fn always_include(mut self, names: &'static [&'static str]) -> Self {
        self.always_include = names;
        self
    }

    /// Columns that no request names, because the API does not know them.
    #[must_use]
    pub const fn except(mut self, columns: &'static [&'static str]) -> Self {
        self.except = columns;
        self
    }

    /// What stands between two names in a text; a comma unless it is set.
    #[must_use]
    pub const fn separator(mut self, separator: &'static str) -> Self {
        self.separator = separator;
        self
    }

    /// Whether only the columns are asked for that the user selected in the catalog, and those that each request names.
    #[must_use]
    pub const fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        if self.place.is_none() {
            panic!(
                "the properties have no place in the request\nhelp: name the parameter, as in `param = \"fields\"`, or write `header`, `body` or `form`"
            );
        }
        if let Source::Endpoint { name, .. } = self.source
            && name.is_empty()
        {
            panic!(
                "`endpoint` does not say where the name of a property is\nhelp: write `name = \"key\"`, the path of it in a record of the answer"
            );
        }
        if self.limit.is_none() && self.merge_by.is_some() {
            panic!(
                "`merge_by` has no effect where one request asks for all properties\nhelp: write `property_count = 100` or `characters = 2000` too, or remove it"
            );
        }
        self
    }
}

#[track_caller]
const fn only_limit(before: Option<Limit>, limit: Limit) -> Option<Limit> {
    if before.is_some() {
        panic!("the properties of a request have two limits\nhelp: keep one of `property_count` and `characters`");
    }
    Some(limit)
}

/// The properties of stream `T`, which its definition knows the columns and the primary key of.
#[must_use]
#[track_caller]
pub const fn of<T: Stream>(properties: Properties, primary_key: &'static [&'static [&'static str]]) -> Properties {
    let mut properties = properties;
    if let Source::Columns(_) = properties.source {
        properties.source = Source::Columns(T::FIELDS);
        if let Some(Limit::Characters(most)) = properties.limit {
            require_room(T::FIELDS, most);
        }
    }
    if properties.limit.is_some() && properties.merge_by.is_none() {
        if primary_key.is_empty() {
            panic!(
                "nothing says which parts of a record belong together\nhelp: write `merge_by = id` with a field that identifies a record, or set `primary_key`"
            );
        }
        let mut at = 0;
        while at < primary_key.len() {
            if primary_key[at].len() > 1 {
                panic!(
                    "the parts of a record cannot be put together by a nested primary key\nhelp: write `merge_by = id` with a field at the top of the record"
                );
            }
            at += 1;
        }
    }
    properties.primary_key = primary_key;
    properties
}

/// Refuses a column that no request has room for.
#[track_caller]
const fn require_room(columns: &[Field], most: u32) {
    let mut at = 0;
    while at < columns.len() {
        let length = columns[at].key.len() + SEPARATION;
        if length > most as usize {
            let text = Text::new()
                .push("column `")
                .push(columns[at].key)
                .push("` is longer than `characters` allows\nhelp: each column takes its length and three more; raise `characters`");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

/// Characters that an encoded separator takes.
const SEPARATION: usize = 3;
