//! Rules of the names in `{config.…}`, `{partition.…}` and `{parent.…}`.
//!
//! The macro has checked the syntax: every placeholder is closed and has a known root.

use super::text::{Names, Text, same, slice};
use crate::define::config::{ConfigField, Kind, Shape, Variant};
use crate::define::partition::ParentDef;
use crate::define::stream::Field;
use crate::define::{ConfigType, Stream};

/// Where a template stands; only some places may hold a secret.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What messages call it, such as `stream path`.
    pub name: &'static str,
    /// Whether its text becomes part of a URL.
    pub in_url: bool,
}

/// Refuses a name that the stream's source, partition or parents do not have.
#[track_caller]
pub const fn require_names<T: Stream>(place: Place, template: &str) {
    let config = <T::Source as ConfigType>::SHAPE.fields();
    Scope { config, partition: T::PARTITION, parents: T::PARENTS, job: T::JOB, record: T::FIELDS }
        .check(place, template);
}

/// Refuses a name that the source's configuration does not have.
#[track_caller]
pub const fn require_config_names<S: ConfigType>(place: Place, template: &str) {
    Scope { config: S::SHAPE.fields(), partition: &[], parents: &[], job: &[], record: &[] }.check(place, template);
}

/// Refuses what `require_names` refuses, in a name that goes on from what an arm of `match` binds.
///
/// `choice` is the path that `match` chooses by and `bound` the path that the arm's pattern binds. Where one of them is
/// wrong, that was reported at the `match` or at the pattern, and this says nothing.
#[track_caller]
pub const fn require_bound_names<T: Stream>(place: Place, choice: &str, bound: &str, template: &str) {
    if is_bound(<T::Source as ConfigType>::SHAPE.fields(), choice, bound) {
        require_names::<T>(place, template);
    }
}

/// Refuses what `require_config_names` refuses, in a name that goes on from what an arm of `match` binds; see
/// [`require_bound_names`].
#[track_caller]
pub const fn require_bound_config_names<S: ConfigType>(place: Place, choice: &str, bound: &str, template: &str) {
    if is_bound(S::SHAPE.fields(), choice, bound) {
        require_config_names::<S>(place, template);
    }
}

/// Whether `choice` leads to an enum and `bound` to something in it.
const fn is_bound(fields: &'static [ConfigField], choice: &str, bound: &str) -> bool {
    let is_choice =
        matches!(find(fields, choice, 0), Found::Field(ConfigField { shape: Shape { kind: Kind::Enum(_), .. }, .. }));
    is_choice && matches!(find(fields, bound, 0), Found::Field(_))
}

/// Refuses a config field that is not a list, where a list of partitions is wanted.
#[track_caller]
pub const fn require_config_list<T: Stream>(path: &str) {
    if let Found::Field(field) = find(<T::Source as ConfigType>::SHAPE.fields(), path, 0)
        && !matches!(field.shape.kind, Kind::List(_))
    {
        let text = Text::new()
            .push("config field `")
            .push(path)
            .push(
                "` is not a list\nhelp: partitions are read one for each entry: make it a `Vec<…>`, or write `[config.",
            )
            .push(path)
            .push("]`");
        panic!("{}", text.as_str());
    }
}

/// Refuses a field that the parent at this place in `parent = …` does not have.
#[track_caller]
pub const fn require_parent_field<T: Stream>(parent: usize, field: &str) {
    require_name_of_parent(&T::PARENTS[parent], field, Text::new());
}

/// Refuses a credential that holds no secret of the configuration: it could be printed.
///
/// A name that does not exist is reported elsewhere, and a text without a placeholder is the developer's own.
#[track_caller]
pub const fn require_secret<S: ConfigType>(component: &str, argument: &str, template: &str) {
    if !crate::define::auth::is_secret(component, argument) {
        return;
    }
    let bytes = template.as_bytes();
    let mut plain = None;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'{' || (at + 1 < bytes.len() && bytes[at + 1] == b'{') {
            at += if bytes[at] == b'{' { 2 } else { 1 };
            continue;
        }
        let end = position(bytes, at, b'}');
        let dot = min(position(bytes, at, b'.'), end);
        if dot < end && same(slice(template, at + 1, dot), "config") {
            let path = slice(template, dot + 1, min(position(bytes, at, b'|'), end));
            match secrecy(S::SHAPE.fields(), path, 0) {
                Secrecy::Plain => plain = Some(path),
                Secrecy::Secret | Secrecy::Unknown => return,
            }
        }
        at = end + 1;
    }
    if let Some(path) = plain {
        let text = Text::new()
            .push("config field `")
            .push(path)
            .push("` is a credential, but not a `Secret`: a log could show it\nhelp: write `")
            .push(slice(path, last_segment(path), path.len()))
            .push(": Secret` in the struct");
        panic!("{}", text.as_str());
    }
}

#[derive(Clone, Copy)]
enum Secrecy {
    Secret,
    Plain,
    Unknown,
}

/// Whether what the path leads to is a secret, in any variant of the enums on its way.
const fn secrecy(fields: &'static [ConfigField], path: &str, from: usize) -> Secrecy {
    let bytes = path.as_bytes();
    let end = position(bytes, from, b'.');
    let name = slice(path, from, end);
    let mut at = 0;
    while at < fields.len() {
        if same(fields[at].name, name) {
            let shape = fields[at].shape;
            if end == bytes.len() {
                return match shape {
                    Shape { secret: true, .. } => Secrecy::Secret,
                    Shape { kind: Kind::Any, .. } => Secrecy::Unknown,
                    _ => Secrecy::Plain,
                };
            }
            return match shape.kind {
                Kind::Struct(inner) => secrecy(inner.fields, path, end + 1),
                Kind::Enum(inner) => {
                    let mut found = Secrecy::Unknown;
                    let mut variant = 0;
                    while variant < inner.variants.len() {
                        match secrecy(inner.variants[variant].fields, path, end + 1) {
                            Secrecy::Secret => return Secrecy::Secret,
                            Secrecy::Plain => found = Secrecy::Plain,
                            Secrecy::Unknown => {}
                        }
                        variant += 1;
                    }
                    found
                }
                _ => Secrecy::Unknown,
            };
        }
        at += 1;
    }
    Secrecy::Unknown
}

/// Where the last name of a path begins.
const fn last_segment(path: &str) -> usize {
    let bytes = path.as_bytes();
    let mut at = bytes.len();
    while at > 0 && bytes[at - 1] != b'.' {
        at -= 1;
    }
    at
}

/// Refuses what the parent at this place in `parent = …` cannot be for a child with, or without, a cursor.
#[track_caller]
pub const fn require_parent<T: Stream>(parent: usize) {
    let parent = &T::PARENTS[parent];
    if parent.incremental && !T::INTERVAL {
        let text = Text::new().push("stream `").push(T::NAME).push(
            "` has no cursor, so there is no state that says where its parent was\nhelp: add `cursor = datetime(updated_at)`, or take `incremental_dependency` out",
        );
        panic!("{}", text.as_str());
    }
    if parent.new_only && T::INTERVAL {
        let text = Text::new().push("stream `").push(T::NAME).push(
            "` has a cursor, which asks for the children of each parent again; `new_parents_only` never does\nhelp: keep one of the two",
        );
        panic!("{}", text.as_str());
    }
}

/// Refuses a partition that shares its name with the parents, where one of these does not give that name.
#[track_caller]
pub const fn require_parent_key<T: Stream>(key: &str) {
    let mut parent = 0;
    while parent < T::PARENTS.len() {
        let keys = T::PARENTS[parent].keys;
        let mut at = 0;
        let mut is_there = false;
        while at < keys.len() {
            is_there = is_there || same(keys[at].1, key);
            at += 1;
        }
        if !is_there {
            let name = T::PARENTS[parent].name;
            let text = Text::new().push("no field of parent stream `").push(name).push("` is named `").push(key).push(
                "`, as the other partitions are\nhelp: name the field that is meant, as in `parent = Project(id as ",
            );
            panic!("{}", text.push(key).push(")`").as_str());
        }
        parent += 1;
    }
}

/// Refuses a path that leads to anything but an enum with the variant, where `match` chooses by it.
#[track_caller]
pub const fn require_variant<S: ConfigType>(path: &str, variant: &str) {
    let text = match find(S::SHAPE.fields(), path, 0) {
        Found::Missing { .. } => return,
        Found::Field(field) => match field.shape.kind {
            Kind::Enum(shape) => {
                let mut names = Names::near(variant);
                let mut at = 0;
                while at < shape.variants.len() {
                    if same(shape.variants[at].name, variant) {
                        return;
                    }
                    names = names.offer(shape.variants[at].name);
                    at += 1;
                }
                let text = Text::new().push("`").push(shape.name).push("` has no variant `").push(variant).push("`");
                names.help(text, "variants")
            }
            _ => Text::new()
                .push("config field `")
                .push(path)
                .push("` is not an enum\nhelp: `match` chooses by an enum annotated with `#[config]`"),
        },
    };
    panic!("{}", text.as_str());
}

/// What the macro calls the name of a stream.
const NAME: &str = "stream name";

struct Scope {
    config: &'static [ConfigField],
    partition: &'static [&'static str],
    parents: &'static [ParentDef],
    job: &'static [&'static str],
    record: &'static [Field],
}

impl Scope {
    #[track_caller]
    const fn check(&self, place: Place, template: &str) {
        let bytes = template.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] != b'{' {
                at += 1;
                continue;
            }
            if at + 1 < bytes.len() && bytes[at + 1] == b'{' {
                at += 2;
                continue;
            }
            let end = position(bytes, at, b'}');
            self.check_placeholder(place, template, at + 1, end);
            at = end + 1;
        }
    }

    /// Checks the placeholder whose inside is `from..to`.
    #[track_caller]
    const fn check_placeholder(&self, place: Place, template: &str, from: usize, to: usize) {
        let bytes = template.as_bytes();
        let end = min(position(bytes, from, b'|'), to);
        let dot = min(position(bytes, from, b'.'), end);
        if dot == end {
            return;
        }
        let root = slice(template, from, dot);
        let path = slice(template, dot + 1, end);
        if same(root, "config") {
            self.check_config(place, template, dot + 1, path, end < to);
        } else if same(root, "partition") {
            let what = ("partition key `", "", "partition keys");
            check_one_of(self.partition, what, place, template, dot + 1, path);
        } else if same(root, "job") {
            let what = ("value `", " of the job", "values of the job");
            check_one_of(self.job, what, place, template, dot + 1, path);
        } else if same(root, "record") {
            self.check_record(place, template, dot + 1, path);
        } else if same(root, "parent") {
            self.check_parent(place, template, dot + 1, path);
        }
    }

    #[track_caller]
    const fn check_config(&self, place: Place, template: &str, at: usize, path: &str, allowed: bool) {
        match find(self.config, path, 0) {
            Found::Field(field) => {
                if field.shape.secret && same(place.name, NAME) {
                    let text = Text::new()
                        .push("secret config field `")
                        .push(path)
                        .push("` in a stream name, which every catalog and log shows")
                        .excerpt(template, at, path.len())
                        .push("\nhelp: name the stream by a field that is no secret");
                    panic!("{}", text.as_str());
                }
                if field.shape.secret && place.in_url && !allowed {
                    let text = Text::new()
                        .push("secret config field `")
                        .push(path)
                        .push("` in a ")
                        .push(place.name)
                        .push(", where logs of servers and proxies would keep it")
                        .excerpt(template, at, path.len())
                        .push("\nhelp: send it with `auth = api_key(header = \"…\", value = config.")
                        .push(path)
                        .push(")`; if the API leaves no choice, write `{config.")
                        .push(path)
                        .push("|in_url}`");
                    panic!("{}", text.as_str());
                }
            }
            Found::Missing { segment, length, known } => {
                let name = slice(path, segment, segment + length);
                if let Known::Nothing = known {
                    let parent = slice(path, 0, segment - 1);
                    let text = Text::new()
                        .push("config field `")
                        .push(parent)
                        .push("` has no fields, but ")
                        .push(place.name)
                        .push(" asks for `")
                        .push(name)
                        .push("`")
                        .excerpt(template, at + segment, length)
                        .push("\nhelp: write `{config.")
                        .push(parent)
                        .push("}`");
                    panic!("{}", text.as_str());
                }
                let text = Text::new()
                    .push("unknown config field `")
                    .push(name)
                    .push("` in ")
                    .push(place.name)
                    .excerpt(template, at + segment, length);
                panic!("{}", known.offer(Names::near(name)).help(text, "config fields").as_str());
            }
        }
    }

    #[track_caller]
    const fn check_record(&self, place: Place, template: &str, at: usize, path: &str) {
        let name = first_segment(path);
        let mut names = Names::near(name);
        let mut known = 0;
        while known < self.record.len() {
            if same(self.record[known].name, name) {
                return;
            }
            names = names.offer(self.record[known].name);
            known += 1;
        }
        let text = Text::new().push("unknown field `").push(name).push("` of the record in ").push(place.name);
        panic!("{}", names.help(text.excerpt(template, at, name.len()), "fields").as_str());
    }

    #[track_caller]
    const fn check_parent(&self, place: Place, template: &str, at: usize, path: &str) {
        let name = first_segment(path);
        let mut parent = 0;
        while parent < self.parents.len() {
            let place = Text::new().push(" in ").push(place.name).excerpt(template, at, name.len());
            require_name_of_parent(&self.parents[parent], name, place);
            parent += 1;
        }
    }
}

/// Refuses a path whose first name is none of the known ones; `what` is how messages call it, what stands behind the
/// name, and how they call all of them.
#[track_caller]
const fn check_one_of(known: &[&str], what: (&str, &str, &str), place: Place, template: &str, at: usize, path: &str) {
    let name = first_segment(path);
    let mut names = Names::near(name);
    let mut next = 0;
    while next < known.len() {
        if same(known[next], name) {
            return;
        }
        names = names.offer(known[next]);
        next += 1;
    }
    let text =
        Text::new().push("unknown ").push(what.0).push(name).push("`").push(what.1).push(" in ").push(place.name);
    let text = text.excerpt(template, at, name.len());
    panic!("{}", names.help(text, what.2).as_str());
}

/// Refuses a name that is neither a field nor a partition key of the parent; `place` says where it stands.
#[track_caller]
const fn require_name_of_parent(parent: &ParentDef, name: &str, place: Text) {
    let mut names = Names::near(name);
    let mut known = 0;
    while known < parent.fields.len() {
        if same(parent.fields[known].name, name) {
            return;
        }
        names = names.offer(parent.fields[known].name);
        known += 1;
    }
    known = 0;
    while known < parent.partition.len() {
        if same(parent.partition[known], name) {
            return;
        }
        names = names.offer(parent.partition[known]);
        known += 1;
    }
    let text = Text::new()
        .push("unknown field `")
        .push(name)
        .push("` of parent stream `")
        .push(parent.name)
        .push("`")
        .push(place.as_str());
    panic!("{}", names.help(text, "fields of the parent").as_str());
}

enum Found {
    Field(ConfigField),
    /// The segment of the path that is not known, and the fields that are.
    Missing {
        segment: usize,
        length: usize,
        known: Known,
    },
}

/// What could have stood in the place of an unknown segment.
#[derive(Clone, Copy)]
enum Known {
    Fields(&'static [ConfigField]),
    /// A field of any variant.
    Variants(&'static [Variant]),
    /// The segment is below a value that has no fields.
    Nothing,
}

impl Known {
    const fn offer<'n>(&self, mut names: Names<'n>) -> Names<'n> {
        match *self {
            Self::Fields(fields) => {
                let mut at = 0;
                while at < fields.len() {
                    names = names.offer(fields[at].name);
                    at += 1;
                }
            }
            Self::Variants(variants) => {
                let mut at = 0;
                while at < variants.len() {
                    names = Self::Fields(variants[at].fields).offer(names);
                    at += 1;
                }
            }
            Self::Nothing => {}
        }
        names
    }
}

/// Follows a dotted path through structs and through every variant of an enum.
const fn find(fields: &'static [ConfigField], path: &str, from: usize) -> Found {
    let bytes = path.as_bytes();
    let end = position(bytes, from, b'.');
    let name = slice(path, from, end);
    let missing = Found::Missing { segment: from, length: end - from, known: Known::Fields(fields) };
    let mut at = 0;
    while at < fields.len() {
        if same(fields[at].name, name) {
            if end == bytes.len() {
                return Found::Field(fields[at]);
            }
            return match fields[at].shape.kind {
                Kind::Struct(shape) => find(shape.fields, path, end + 1),
                Kind::Enum(shape) => {
                    let length = position(bytes, end + 1, b'.') - end - 1;
                    let mut nearest =
                        Found::Missing { segment: end + 1, length, known: Known::Variants(shape.variants) };
                    let mut variant = 0;
                    while variant < shape.variants.len() {
                        match find(shape.variants[variant].fields, path, end + 1) {
                            Found::Field(field) => return Found::Field(field),
                            // The variant has the field, and lacks something further below.
                            Found::Missing { segment, length, known } if segment > end + 1 => {
                                nearest = Found::Missing { segment, length, known };
                            }
                            Found::Missing { .. } => {}
                        }
                        variant += 1;
                    }
                    nearest
                }
                Kind::Any => Found::Field(fields[at]),
                _ => Found::Missing { segment: end + 1, length: bytes.len() - end - 1, known: Known::Nothing },
            };
        }
        at += 1;
    }
    missing
}

const fn first_segment(path: &str) -> &str {
    slice(path, 0, position(path.as_bytes(), 0, b'.'))
}

/// Where `byte` is at or after `from`, or the length.
const fn position(bytes: &[u8], from: usize, byte: u8) -> usize {
    let mut at = from;
    while at < bytes.len() && bytes[at] != byte {
        at += 1;
    }
    at
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}
