//! The connection specification as const data: what a config struct's fields and doc comments say.

use super::value::Value;
use crate::config::Secret;

/// A type that a config field can have.
///
/// Implemented for texts, numbers, booleans, dates, [`Secret`], `Option`, `Vec` and, by
/// [`#[config]`](macro@crate::config) and [`#[source]`](macro@crate::source), for structs and enums.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a config field",
    label = "not a type that a user can fill in",
    note = "a config field is a `String`, `Secret`, number, `bool`, `Timestamp`, `Date`, an `Option` or `Vec` of these, or a type annotated with `#[config]`"
)]
pub trait ConfigType {
    /// What the form in Airbyte's UI offers for it.
    const SHAPE: Shape;
}

/// A type that never shows its value; what `#[config(secret)]` asks of a field.
#[diagnostic::on_unimplemented(
    message = "a secret field of type `{Self}` could be printed",
    label = "not a secret type",
    note = "make it a `Secret` (or `Option<Secret>`, `Vec<Secret>`): its `Debug` and `Display` show `****`"
)]
pub trait SecretType {}

#[diagnostic::do_not_recommend]
impl SecretType for Secret {}
#[diagnostic::do_not_recommend]
impl<T: SecretType> SecretType for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T: SecretType> SecretType for Vec<T> {}

/// What a user fills in.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub(crate) kind: Kind,
    pub(crate) optional: bool,
    pub(crate) secret: bool,
}

/// The kinds of things that a user can fill in.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A text.
    Text,
    /// A calendar date.
    Date,
    /// An instant.
    Timestamp,
    /// A whole number, and the smallest that the type holds if that is 0.
    Integer {
        /// Whether negative numbers are refused.
        unsigned: bool,
    },
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// Any JSON.
    Any,
    /// A list of things.
    List(&'static Shape),
    /// An object.
    Struct(&'static StructShape),
    /// One of several objects, or of several texts.
    Enum(&'static EnumShape),
}

/// A struct annotated with `#[config]` or `#[source]`.
#[derive(Clone, Copy, Debug)]
pub struct StructShape {
    /// The struct's name, for messages.
    pub name: &'static str,
    /// Its fields in the order of their declaration.
    pub fields: &'static [ConfigField],
}

/// An enum annotated with `#[config]`.
#[derive(Clone, Copy, Debug)]
pub struct EnumShape {
    /// The enum's name, for messages.
    pub name: &'static str,
    /// The property that says which variant was chosen; unused when no variant has fields.
    pub tag: &'static str,
    /// The variants in the order of their declaration.
    pub variants: &'static [Variant],
}

/// A variant of an [`EnumShape`].
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The Rust name.
    pub name: &'static str,
    /// The value of the tag.
    pub value: &'static str,
    /// What the UI shows; the Rust name in words if it is not set.
    pub title: &'static str,
    /// The doc comment.
    pub description: &'static str,
    /// The fields that the user fills in once this variant is chosen.
    pub fields: &'static [ConfigField],
}

/// A field that a user fills in.
#[derive(Clone, Copy, Debug)]
pub struct ConfigField {
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    pub(crate) shape: Shape,
    pub(crate) default: Option<Value>,
    pub(crate) examples: &'static [Value],
    pub(crate) pattern: Option<&'static str>,
    pub(crate) pattern_descriptor: Option<&'static str>,
    pub(crate) format: Option<&'static str>,
    pub(crate) group: Option<&'static str>,
    pub(crate) order: Option<i64>,
    pub(crate) minimum: Option<i64>,
    pub(crate) maximum: Option<i64>,
    pub(crate) min_length: Option<i64>,
    pub(crate) max_length: Option<i64>,
    pub(crate) hidden: bool,
    pub(crate) multiline: bool,
    pub(crate) always_show: bool,
    pub(crate) display_type: Option<&'static str>,
}

/// Begins a field of type `T`: its Rust name, JSON key, title and doc comment.
#[must_use]
pub const fn config_field<T: ConfigType>(
    name: &'static str,
    key: &'static str,
    title: &'static str,
    description: &'static str,
) -> ConfigField {
    ConfigField {
        name,
        key,
        title,
        description,
        shape: T::SHAPE,
        default: None,
        examples: &[],
        pattern: None,
        pattern_descriptor: None,
        format: None,
        group: None,
        order: None,
        minimum: None,
        maximum: None,
        min_length: None,
        max_length: None,
        hidden: false,
        multiline: false,
        always_show: false,
        display_type: None,
    }
}

// A key of `#[config(…)]` is the call of one of them.
setters! { ConfigField
    /// An ECMA regular expression that the text must match.
    pattern: &'static str => Some;
    /// The pattern in words, such as `YYYY-MM-DD`.
    pattern_descriptor: &'static str => Some;
    /// The card of the form that the field stands on.
    group: &'static str => Some;
    /// The place in the form, in place of the order of declaration.
    order: i64 => Some;
    /// The smallest number.
    minimum: i64 => Some;
    /// The largest number.
    maximum: i64 => Some;
    /// The shortest text, in characters.
    min_length: i64 => Some;
    /// The longest text, in characters.
    max_length: i64 => Some;
    /// How a choice is shown: `dropdown` or `radio`.
    display_type: &'static str => Some;
}

impl ConfigField {
    /// What the form shows above the field, in place of the field's name in words.
    #[must_use]
    pub const fn title(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    /// The value where the user leaves the field empty.
    ///
    /// `require_default` has checked that it is of the field's type.
    #[must_use]
    pub const fn default(mut self, value: Value) -> Self {
        self.default = Some(value);
        self
    }

    /// One example of a value.
    #[must_use]
    #[track_caller]
    pub const fn examples(mut self, values: &'static [Value]) -> Self {
        self.examples = values;
        self
    }

    /// `date` or `date-time`: the form offers a picker.
    #[must_use]
    #[track_caller]
    pub const fn format(mut self, format: &'static str) -> Self {
        assert!(
            matches!(format.as_bytes(), b"date" | b"date-time"),
            "this format is unknown to Airbyte's form\nhelp: write \"date\" or \"date-time\""
        );
        self.format = Some(format);
        self
    }

    /// Masked in the UI and in every output; the type must be a [`SecretType`].
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.shape.secret = true;
        self
    }

    /// Not shown in the form, but settable through the API.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// A text area that keeps line breaks, for PEM keys.
    #[must_use]
    pub const fn multiline(mut self) -> Self {
        self.multiline = true;
        self
    }

    /// Shown although it is optional.
    #[must_use]
    pub const fn always_show(mut self) -> Self {
        self.always_show = true;
        self
    }
}

impl Shape {
    /// A shape of the given kind, required and not secret.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self { kind, optional: false, secret: false }
    }

    /// The fields of a struct; none for anything else.
    #[must_use]
    pub const fn fields(&self) -> &'static [ConfigField] {
        match self.kind {
            Kind::Struct(shape) => shape.fields,
            _ => &[],
        }
    }
}

/// The JSON keys of a dotted path of Rust field names; what the type does not know stays as it is.
///
/// A path through an enum goes on in the variant that the configuration has chosen, or in the first that has the field
/// where it has chosen none.
pub(crate) fn json_keys<'p>(
    mut fields: &'static [ConfigField],
    path: &'p str,
    config: Option<&serde_json::Map<String, serde_json::Value>>,
) -> Vec<&'p str> {
    let mut keys = Vec::new();
    let mut object = config;
    let mut segments = path.split('.').peekable();
    while let Some(segment) = segments.next() {
        let field = fields.iter().find(|field| field.name == segment);
        let key = field.map_or(segment, |field| field.key);
        object = object.and_then(|object| object.get(key)?.as_object());
        fields = match field.map(|field| field.shape.kind) {
            Some(Kind::Struct(shape)) => shape.fields,
            Some(Kind::Enum(shape)) => {
                let chosen = object.and_then(|object| object.get(shape.tag)?.as_str());
                let is_meant = |variant: &&Variant| match (chosen, segments.peek()) {
                    (Some(chosen), _) => variant.value == chosen,
                    (None, next) => variant.fields.iter().any(|field| Some(&field.name) == next),
                };
                shape.variants.iter().find(is_meant).map_or(&[], |variant| variant.fields)
            }
            _ => &[],
        };
        keys.push(key);
    }
    keys
}

macro_rules! config_types {
    ($($kind:expr => $($ty:ty),+;)+) => { $($(#[diagnostic::do_not_recommend] impl ConfigType for $ty { const SHAPE: Shape = Shape::new($kind); })+)+ };
}

config_types! {
    Kind::Text => String;
    Kind::Date => jiff::civil::Date;
    Kind::Timestamp => jiff::Timestamp;
    Kind::Integer { unsigned: true } => u8, u16, u32, u64, usize;
    Kind::Integer { unsigned: false } => i8, i16, i32, i64, isize;
    Kind::Number => f32, f64;
    Kind::Boolean => bool;
    Kind::Any => serde_json::Value;
}

#[diagnostic::do_not_recommend]
impl ConfigType for Secret {
    const SHAPE: Shape = Shape { kind: Kind::Text, optional: false, secret: true };
}

#[diagnostic::do_not_recommend]
impl<T: ConfigType> ConfigType for Option<T> {
    const SHAPE: Shape = Shape { optional: true, ..T::SHAPE };
}

#[diagnostic::do_not_recommend]
impl<T: ConfigType> ConfigType for Vec<T> {
    const SHAPE: Shape = Shape { kind: Kind::List(&T::SHAPE), optional: false, secret: T::SHAPE.secret };
}
