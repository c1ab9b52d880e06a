//! What a component may hold: the table behind the parser, the messages and the checks of templates.

use crate::node::Node;

use super::read::{Place, Reader};

/// Looks at a value more closely than its type does; false keeps the component from being read.
pub(crate) type Check = fn(&Node, Place, &mut Reader) -> bool;

/// One component of the low-code language: its name, its `type` and its fields.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The name, as in Airbyte's schema.
    pub name: &'static str,
    /// How its `type` is written.
    pub tag: Tag,
    /// What becomes of keys that are not fields.
    pub others: Others,
    /// The fields, without `type` and `$parameters`.
    pub fields: &'static [Field],
}

/// How a component names its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// `type` must be there and be this word.
    Required(&'static str),
    /// `type` may be left out.
    Optional(&'static str),
    /// There is no `type`.
    None,
}

/// What becomes of keys that are not fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Airbyte ignores them.
    Ignored,
    /// The manifest is refused.
    Refused,
    /// They mean something.
    Used,
}

/// One field of a component.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// Whether a manifest without it is refused.
    pub required: bool,
    /// What to use instead, if Airbyte advises against it.
    pub deprecated: Option<&'static str>,
    /// The variables that a template sees here besides `config` and `parameters`; `None` where none is evaluated.
    pub sees: Option<&'static [&'static str]>,
    /// Whether it holds data, in which a mapping with a `type` is no component.
    pub data: bool,
    pub(crate) check: Option<Check>,
}

impl Definition {
    /// The word that `type` holds, if there is one.
    pub fn tag(&self) -> Option<&'static str> {
        match self.tag {
            Tag::Required(word) | Tag::Optional(word) => Some(word),
            Tag::None => None,
        }
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether somebody wrote the component in Python, so that nothing is known of what it does with its fields.
    pub(crate) fn is_custom(&self) -> bool {
        self.name.starts_with("Custom")
    }

    pub(crate) const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Self { name, tag: Tag::Required(name), others: Others::Ignored, fields }
    }

    pub(crate) const fn tagged(mut self, tag: Tag) -> Self {
        self.tag = tag;
        self
    }

    pub(crate) const fn optional_tag(mut self) -> Self {
        self.tag = Tag::Optional(self.name);
        self
    }

    pub(crate) const fn untagged(mut self) -> Self {
        self.tag = Tag::None;
        self
    }

    pub(crate) const fn closed(mut self) -> Self {
        self.others = Others::Refused;
        self
    }

    pub(crate) const fn free(mut self) -> Self {
        self.others = Others::Used;
        self
    }
}

impl Field {
    pub(crate) const fn new(name: &'static str, required: bool) -> Self {
        Self { name, required, deprecated: None, sees: None, data: false, check: None }
    }

    pub(crate) const fn deprecated(mut self, instead: &'static str) -> Self {
        self.deprecated = Some(instead);
        self
    }

    pub(crate) const fn sees(mut self, variables: &'static [&'static str]) -> Self {
        self.sees = Some(variables);
        self
    }

    pub(crate) const fn check(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    pub(crate) const fn holds(mut self, check: Check) -> Self {
        self.data = true;
        self.check(check)
    }
}
