//! Components in Rust for the classes that a manifest names.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use airbyte_manifest::Position;
use airbyte_manifest::model::Custom;

use super::components::{
    BodyDecoder, ConfigTransformation, ConfigValidation, RecordExtractor, RecordRetriever, SchemaNormalizer,
};
use crate::error::{Error, Result};
use crate::plan::{
    Authenticator, Backoff, ErrorHandler, LoadSchema, MigrateState, Paginator, PartitionRouter, RecordFilter,
    RecordTransformation, Requester,
};

/// Makes a component from the fields that the manifest gives it, and the configuration.
type Make<T> = Box<dyn Fn(&CustomComponent<'_>) -> Result<T> + Send + Sync>;

/// The classes of a connector, by name.
///
/// A manifest names a class with its Python module, as in `source_x.components.Signature`;
/// a registered name matches the whole of it, or its last part.
///
/// ```
/// use airbyte_runtime::manifest::Registry;
/// use airbyte_runtime::plan::{Map, RecordTransformation, Value};
/// use airbyte_runtime::Result;
///
/// struct Upper { field: String }
///
/// impl RecordTransformation for Upper {
///     fn transform(&self, record: &mut Map<String, Value>) -> Result<()> {
///         if let Some(Value::String(text)) = record.get_mut(&self.field) {
///             *text = text.to_uppercase();
///         }
///         Ok(())
///     }
/// }
///
/// let registry = Registry::new()
///     .transformation("Upper", |component| Ok(Upper { field: component.text("field")? }));
/// assert!(registry.knows("source_declarative_manifest.components.Upper"));
/// ```
#[derive(Default)]
pub struct Registry {
    authenticators: HashMap<String, Make<Arc<dyn Authenticator>>>,
    backoffs: HashMap<String, Make<Arc<dyn Backoff>>>,
    error_handlers: HashMap<String, Make<Arc<dyn ErrorHandler>>>,
    paginators: HashMap<String, Make<Arc<dyn Paginator>>>,
    partition_routers: HashMap<String, Make<Arc<dyn PartitionRouter>>>,
    filters: HashMap<String, Make<Arc<dyn RecordFilter>>>,
    transformations: HashMap<String, Make<Box<dyn RecordTransformation>>>,
    extractors: HashMap<String, Make<Box<dyn RecordExtractor>>>,
    decoders: HashMap<String, Make<Arc<dyn BodyDecoder>>>,
    retrievers: HashMap<String, Make<Arc<dyn RecordRetriever>>>,
    requesters: HashMap<String, Make<Box<dyn Requester>>>,
    schema_loaders: HashMap<String, Make<Arc<dyn LoadSchema>>>,
    normalizers: HashMap<String, Make<Arc<dyn SchemaNormalizer>>>,
    state_migrations: HashMap<String, Make<Arc<dyn MigrateState>>>,
    config_transformations: HashMap<String, Make<Box<dyn ConfigTransformation>>>,
    validations: HashMap<String, Make<Arc<dyn ConfigValidation>>>,
}

/// What a manifest says about one component of a class.
#[derive(Clone, Copy)]
pub struct CustomComponent<'a> {
    fields: &'a Value,
    config: &'a Value,
}

impl fmt::Debug for CustomComponent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The configuration may hold secrets.
        f.debug_struct("CustomComponent").finish_non_exhaustive()
    }
}

impl<'a> CustomComponent<'a> {
    /// A field of the component, as the manifest has it: templates are not evaluated.
    pub fn field(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name)
    }

    /// A field that has to be text.
    ///
    /// # Errors
    /// A field that is missing or something else is a system error.
    pub fn text(&self, name: &str) -> Result<String> {
        let field = self.field(name).and_then(Value::as_str);
        field.map(str::to_owned).ok_or_else(|| Error::system(format!("the component needs a text in `{name}`")))
    }

    /// The configuration.
    pub fn config(&self) -> &'a Value {
        self.config
    }
}

/// Writes one `fn` for each kind of component.
macro_rules! kinds {
    ($($(#[$doc:meta])* $register:ident, $get:ident, $field:ident, $trait:ident, $pointer:ident, $definition:literal;)*) => {
        impl Registry {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $register<T: $trait>(
                    mut self,
                    class: impl Into<String>,
                    make: impl Fn(&CustomComponent<'_>) -> Result<T> + Send + Sync + 'static,
                ) -> Self {
                    let make: Make<$pointer<dyn $trait>> =
                        Box::new(move |component| make(component).map(|made| $pointer::new(made) as $pointer<dyn $trait>));
                    self.$field.insert(class.into(), make);
                    self
                }

                pub(super) fn $get(&self, custom: &Custom, config: &Value) -> Result<$pointer<dyn $trait>> {
                    make(&self.$field, custom, config, $definition)
                }
            )*

            /// Whether a class is registered, whatever it is for.
            pub fn knows(&self, class: &str) -> bool {
                $(find(&self.$field, class).is_some())||*
            }
        }
    };
}

kinds! {
    /// Registers a class for `CustomAuthenticator`.
    authenticator, make_authenticator, authenticators, Authenticator, Arc, "CustomAuthenticator";
    /// Registers a class for `CustomBackoffStrategy`.
    backoff, make_backoff, backoffs, Backoff, Arc, "CustomBackoffStrategy";
    /// Registers a class for `CustomErrorHandler`.
    error_handler, make_error_handler, error_handlers, ErrorHandler, Arc, "CustomErrorHandler";
    /// Registers a class for `CustomPaginationStrategy`.
    paginator, make_paginator, paginators, Paginator, Arc, "CustomPaginationStrategy";
    /// Registers a class for `CustomPartitionRouter`.
    partition_router, make_partition_router, partition_routers, PartitionRouter, Arc, "CustomPartitionRouter";
    /// Registers a class for `CustomRecordFilter`.
    filter, make_filter, filters, RecordFilter, Arc, "CustomRecordFilter";
    /// Registers a class for `CustomTransformation`.
    transformation, make_transformation, transformations, RecordTransformation, Box, "CustomTransformation";
    /// Registers a class for `CustomRecordExtractor`.
    extractor, make_extractor, extractors, RecordExtractor, Box, "CustomRecordExtractor";
    /// Registers a class for `CustomDecoder`.
    decoder, make_decoder, decoders, BodyDecoder, Arc, "CustomDecoder";
    /// Registers a class for `CustomRetriever`.
    retriever, make_retriever, retrievers, RecordRetriever, Arc, "CustomRetriever";
    /// Registers a class for `CustomRequester`.
    requester, make_requester, requesters, Requester, Box, "CustomRequester";
    /// Registers a class for `CustomSchemaLoader`.
    schema_loader, make_schema_loader, schema_loaders, LoadSchema, Arc, "CustomSchemaLoader";
    /// Registers a class for `CustomSchemaNormalization`.
    schema_normalization, make_normalizer, normalizers, SchemaNormalizer, Arc, "CustomSchemaNormalization";
    /// Registers a class for `CustomStateMigration`.
    state_migration, make_state_migration, state_migrations, MigrateState, Arc, "CustomStateMigration";
    /// Registers a class for `CustomConfigTransformation`.
    config_transformation, make_config_transformation, config_transformations, ConfigTransformation, Box,
        "CustomConfigTransformation";
    /// Registers a class for `CustomValidationStrategy`.
    validation, make_validation, validations, ConfigValidation, Arc, "CustomValidationStrategy";
}

impl Registry {
    /// A registry without classes.
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}

fn find<'r, T>(classes: &'r HashMap<String, Make<T>>, class: &str) -> Option<&'r Make<T>> {
    classes.get(class).or_else(|| classes.get(class.rsplit('.').next().unwrap_or(class)))
}

fn make<T>(classes: &HashMap<String, Make<T>>, custom: &Custom, config: &Value, definition: &str) -> Result<T> {
    let class = &custom.class_name.text;
    match find(classes, class) {
        Some(make) => make(&CustomComponent { fields: &custom.node.to_json(), config })
            .map_err(|error| error.within(format!("class `{class}`"))),
        None => Err(unregistered(custom, definition)),
    }
}

/// Marks the error of a stream that cannot run here although its manifest is sound.
#[derive(Debug)]
struct NotHere {
    /// The component's place, unless the message says it already.
    at: Option<Position>,
}

impl fmt::Display for NotHere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not available in this connector")
    }
}

impl std::error::Error for NotHere {}

fn not_here(error: &Error) -> Option<&NotHere> {
    std::error::Error::source(error)?.downcast_ref()
}

/// Whether a stream lacks a class or a part of the language, so that the others can run without it.
pub(super) fn is_left_out(error: &Error) -> bool {
    not_here(error).is_some()
}

/// Says where the part is that a stream lacks.
pub(super) fn located(error: Error, file: &str) -> Error {
    match not_here(&error) {
        Some(NotHere { at: Some(at) }) => {
            let place = format!("{file}:{}:{}", at.line, at.column);
            error.within(place).with_source(NotHere { at: None })
        }
        _ => error,
    }
}

/// The error for a class that nothing in Rust stands for.
fn unregistered(custom: &Custom, definition: &str) -> Error {
    Error::system(format!("the Python class `{}` of this {definition} is not registered here", custom.class_name.text))
        .with_source(NotHere { at: Some(custom.at) })
        .with_detail("write it in Rust and register it by its name, see `airbyte_runtime::manifest::Registry`")
}

/// The error for a class where the plan has no place for one of its kind.
pub(super) fn unwritable(custom: &Custom, what: &str) -> Error {
    Error::system(format!("the Python class `{}` cannot be replaced yet as {what}", custom.class_name.text))
        .with_source(NotHere { at: Some(custom.at) })
        .with_detail("`airbyte_runtime::manifest::Registry` lists the kinds of components that Rust can stand for")
}
