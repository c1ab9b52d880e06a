//! `schema = …`: the columns of a stream that are known only when it runs, besides those of the struct.
//!
//! | form | the columns are |
//! |---|---|
//! | [`endpoint("/fields", name = "key", …)`](endpoint) | those that the API describes |
//! | [`with(describe)`](with) | those that a function gives |

use futures_util::future::LocalBoxFuture;
use serde_json::Value as Json;

use super::value::{Map, Value};
use crate::config::Config;
use crate::error::Result;
use crate::plan::column;
use crate::rules::text::{Text, same};

/// What an attribute says of a schema.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not describe columns",
    label = "not a description of columns",
    note = "built-in: `endpoint(\"/fields\", name = \"key\")`, and `with(function)` for a function of your own"
)]
pub trait SchemaDef: Sync {
    /// Where the columns come from.
    fn source(&'static self) -> SchemaSource;
}

#[diagnostic::do_not_recommend]
impl SchemaDef for super::Component<dyn SchemaDef> {
    fn source(&'static self) -> SchemaSource {
        self.0.source()
    }
}

/// Where columns come from.
#[derive(Clone, Copy)]
pub enum SchemaSource {
    /// A request.
    Endpoint(Endpoint),
    /// A function.
    Function(&'static dyn Describe),
}

impl std::fmt::Debug for SchemaSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SchemaSource")
    }
}

/// Describes the records of a stream.
pub trait Describe: Send + Sync {
    /// The JSON schema of a record.
    fn describe<'a>(&'a self, config: &'a Config) -> LocalBoxFuture<'a, Result<Json>>;
}

/// The columns that the API describes: `endpoint("/fields", records = "fields", name = "key", type = "kind")`.
///
/// The path is asked for when somebody wants the schema, with the stream's own base URL, authentication and headers and
/// without pages.
#[must_use]
#[track_caller]
pub const fn endpoint(path: &'static str) -> Endpoint {
    assert!(
        !path.is_empty(),
        "the path that describes the columns is empty\nhelp: write it as in `endpoint(\"/fields\", name = \"key\")`"
    );
    Endpoint { path, records: "", name: "", data_type: None, types: &[] }
}

/// See [`endpoint`].
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    pub(crate) path: &'static str,
    pub(crate) records: &'static str,
    pub(crate) name: &'static str,
    pub(crate) data_type: Option<&'static str>,
    pub(crate) types: Map,
}

impl Endpoint {
    /// Where the records that each describe a column are in the answer: keys that are joined by dots.
    #[must_use]
    pub const fn records(mut self, path: &'static str) -> Self {
        self.records = path;
        self
    }

    /// Where the column's name is in such a record: keys that are joined by dots.
    #[must_use]
    pub const fn name(mut self, path: &'static str) -> Self {
        self.name = path;
        self
    }

    /// Where the column's type is in such a record; without it every column is a text.
    #[must_use]
    #[track_caller]
    pub const fn r#type(mut self, path: &'static str) -> Self {
        assert!(!path.is_empty(), "the path of the type is empty\nhelp: leave `type` out where every column is a text");
        self.data_type = Some(path);
        self
    }

    /// The types of Airbyte's for those of the API: `types = { whole = "integer", mixed = ["string", "integer"] }`.
    #[must_use]
    #[track_caller]
    pub const fn types(mut self, types: Map) -> Self {
        let mut at = 0;
        while at < types.len() {
            require_type(types[at].1);
            at += 1;
        }
        self.types = types;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            !self.name.is_empty(),
            "`endpoint` does not say where the name of a column is\nhelp: write `name = \"key\"`, the path of it in a record of the answer"
        );
        assert!(
            self.types.is_empty() || self.data_type.is_some(),
            "`types` has no effect where nothing says which type a column has\nhelp: write `type = \"kind\"` too, the path of it in a record of the answer"
        );
        self
    }
}

impl SchemaDef for Endpoint {
    fn source(&'static self) -> SchemaSource {
        SchemaSource::Endpoint(*self)
    }
}

/// Refuses what is no type: a name, several of them, or a list as `{ field_type = "array", items = "integer" }`.
#[track_caller]
const fn require_type(value: Value) {
    match value {
        Value::Template(name) | Value::Raw(name) => {
            if !column::is_type(name) {
                let text = Text::new().push("`").push(name).push("` is no type of a column\nhelp: the types are ");
                panic!("{}", text.push(column::TYPES).as_str());
            }
        }
        Value::List(types) if !types.is_empty() => {
            let mut at = 0;
            while at < types.len() {
                require_type(types[at]);
                at += 1;
            }
        }
        Value::Map([(key, Value::Template(list)), (items, of)])
            if same(key, "field_type") && same(list, "array") && same(items, "items") =>
        {
            require_type(*of);
        }
        _ => panic!(
            "this is no type of a column\nhelp: write a name such as `\"integer\"`, several of them in brackets, or `{{ field_type = \"array\", items = \"integer\" }}`"
        ),
    }
}

/// The columns that a function gives: `with(describe)`, where `async fn describe(source: &MySource) -> Result<Json>`.
#[must_use]
pub const fn with<S, F: DescribeFunction<S>>(function: F) -> With<S, F> {
    With { function, describe: <F as DescribeFunction<S>>::describe }
}

/// What may stand behind `with`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not give a schema",
    label = "not a schema's function",
    note = "it is an `async fn(source: &MySource) -> Result<Json>` that gives a JSON schema with `properties`"
)]
pub trait DescribeFunction<S>: Send + Sync + 'static {
    /// Gives the JSON schema.
    fn describe<'a>(&'a self, source: &'a S) -> LocalBoxFuture<'a, Result<Json>>;
}

#[diagnostic::do_not_recommend]
impl<S, F: AsyncFn(&S) -> Result<Json> + Send + Sync + 'static> DescribeFunction<S> for F {
    fn describe<'a>(&'a self, source: &'a S) -> LocalBoxFuture<'a, Result<Json>> {
        Box::pin(self(source))
    }
}

/// See [`with`].
pub struct With<S, F> {
    function: F,
    /// Kept apart from the function, so that one that gives no schema is reported once.
    describe: DescribeOf<S, F>,
}

type DescribeOf<S, F> = for<'a> fn(&'a F, &'a S) -> LocalBoxFuture<'a, Result<Json>>;

impl<S, F> std::fmt::Debug for With<S, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("With").finish_non_exhaustive()
    }
}

impl<S, F: Copy> With<S, F> {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static, F: Send + Sync + 'static> SchemaDef for With<S, F> {
    fn source(&'static self) -> SchemaSource {
        SchemaSource::Function(self)
    }
}

impl<S: Send + Sync + 'static, F: Send + Sync + 'static> Describe for With<S, F> {
    fn describe<'a>(&'a self, config: &'a Config) -> LocalBoxFuture<'a, Result<Json>> {
        Box::pin(async move { (self.describe)(&self.function, &*config.typed::<S>()?).await })
    }
}
