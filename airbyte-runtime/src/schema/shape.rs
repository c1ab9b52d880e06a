//! What Airbyte's dialect can say about a value, and how two such statements become one.

use serde_json::{Map, Value};

/// What a destination can know about a value.
#[derive(Clone)]
pub(super) struct Shape {
    /// Its types other than null; `None` when anything is allowed.
    pub(super) types: Option<Vec<&'static str>>,
    pub(super) description: Option<Value>,
    /// `format` and Airbyte's own annotations of a scalar.
    pub(super) annotations: Map<String, Value>,
    pub(super) properties: Vec<(String, Shape)>,
    pub(super) items: Option<Box<Shape>>,
    /// Whether it may be null.
    pub(super) null: bool,
    /// What members without a name of their own may be.
    pub(super) others: Others,
}

/// What `additionalProperties` says.
#[derive(Clone, Default)]
pub(super) enum Others {
    /// Nothing, or that there are none.
    #[default]
    Unsaid,
    /// That there may be any.
    Allowed,
    /// What each of them is.
    Like(Box<Shape>),
}

impl Default for Shape {
    /// Any value.
    fn default() -> Self {
        Self {
            types: None,
            description: None,
            annotations: Map::new(),
            properties: Vec::new(),
            items: None,
            null: true,
            others: Others::Unsaid,
        }
    }
}

impl Shape {
    pub(super) fn of_types(types: Vec<&'static str>) -> Self {
        Self { types: Some(types), ..Self::default() }
    }

    pub(super) fn is_null(&self) -> bool {
        self.types.as_ref().is_some_and(Vec::is_empty)
    }

    pub(super) fn render(&self) -> Value {
        let mut schema = Map::new();
        // Any JSON: destinations need a type, and a free-form column is an object far more often than not.
        let types = self.types.as_deref().unwrap_or(&["object"]);
        schema.insert("type".into(), ["null"].iter().chain(types).copied().collect());
        self.render_details(types, &mut schema);
        Value::Object(schema)
    }

    pub(super) fn render_details(&self, types: &[&str], schema: &mut Map<String, Value>) {
        // An annotation such as a format says something about one type only.
        if types.len() == 1 {
            schema.extend(self.annotations.clone());
        }
        if let Some(description) = &self.description {
            schema.insert("description".into(), description.clone());
        }
        if types.contains(&"object") {
            schema.insert("additionalProperties".into(), true.into());
            if !self.properties.is_empty() {
                let properties = self.properties.iter().map(|(name, shape)| (name.clone(), shape.render()));
                schema.insert("properties".into(), Value::Object(properties.collect()));
            }
        }
        if let (true, Some(items)) = (types.contains(&"array"), &self.items) {
            schema.insert("items".into(), items.render());
        }
    }
}

/// How two shapes become one.
impl Shape {
    /// The shape of a value that has one of two shapes.
    pub(super) fn or(mut self, other: Self) -> Self {
        let description = self.description.take().or(other.description.clone());
        let null = self.null || other.null;
        let mut union = if self.is_null() {
            other
        } else if other.is_null() {
            self
        } else {
            self.or_not_null(other)
        };
        union.null = null;
        union.description = description;
        union
    }

    fn or_not_null(self, other: Self) -> Self {
        let (Some(mut types), Some(more)) = (self.types.clone(), &other.types) else { return Self::default() };
        let alike = self.types == other.types && self.annotations == other.annotations;
        more.iter().for_each(|name| add_type(&mut types, name));
        Self {
            types: Some(types),
            description: None,
            annotations: if alike { self.annotations } else { Map::new() },
            properties: merged(self.properties, other.properties, Self::or),
            items: either(self.items, other.items, Self::or),
            null: self.null || other.null,
            others: self.others.or(other.others),
        }
    }

    /// The shape of a value that has both shapes.
    pub(super) fn and(mut self, other: Self) -> Self {
        for (name, value) in other.annotations {
            self.annotations.entry(name).or_insert(value);
        }
        Self {
            types: both_types(self.types, other.types),
            description: self.description.or(other.description),
            annotations: self.annotations,
            properties: merged(self.properties, other.properties, Self::and),
            items: either(self.items, other.items, Self::and),
            null: self.null && other.null,
            others: self.others.or(other.others),
        }
    }
}

impl Others {
    /// What either allows.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Allowed, _) | (_, Self::Allowed) => Self::Allowed,
            (Self::Like(one), Self::Like(other)) => Self::Like(Box::new(one.or(*other))),
            (Self::Unsaid, said) | (said, Self::Unsaid) => said,
        }
    }
}

fn merged(
    mut into: Vec<(String, Shape)>,
    from: Vec<(String, Shape)>,
    combine: fn(Shape, Shape) -> Shape,
) -> Vec<(String, Shape)> {
    for (name, shape) in from {
        match into.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = combine(std::mem::take(known), shape),
            None => into.push((name, shape)),
        }
    }
    into
}

fn either(
    one: Option<Box<Shape>>,
    other: Option<Box<Shape>>,
    combine: fn(Shape, Shape) -> Shape,
) -> Option<Box<Shape>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Box::new(combine(*one, *other))),
        (one, other) => one.or(other),
    }
}

fn both_types(one: Option<Vec<&'static str>>, other: Option<Vec<&'static str>>) -> Option<Vec<&'static str>> {
    let (mut one, other) = match (one, other) {
        (Some(one), Some(other)) => (one, other),
        (one, other) => return one.or(other),
    };
    if one.iter().any(|name| other.contains(name)) {
        one.retain(|name| other.contains(name));
    } else {
        // A contradiction: no value fits, and saying more is safer than saying nothing.
        other.iter().for_each(|name| add_type(&mut one, name));
    }
    Some(one)
}

/// Adds a type, unless it is null or included in one that is there: every integer is a number.
pub(super) fn add_type(types: &mut Vec<&'static str>, name: &str) {
    const TYPES: [&str; 6] = ["boolean", "integer", "number", "string", "array", "object"];
    let Some(name) = TYPES.into_iter().find(|known| *known == name) else { return };
    if types.contains(&name) || name == "integer" && types.contains(&"number") {
        return;
    }
    match types.iter_mut().find(|known| **known == "integer") {
        Some(integer) if name == "number" => *integer = name,
        _ => types.push(name),
    }
}
