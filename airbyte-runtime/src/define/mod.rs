//! What an attribute says, as const data: the vocabulary of `#[source]` and `#[stream]`.
//!
//! The macros translate `paginator = offset_increment(page_size = 100)` into the builder chain
//! `offset_increment().page_size(100).build()` inside a const block, and know no component by name.
//! So rustc itself reports an unknown component or argument, every builder is a `const fn` that refuses
//! a bad value while compiling, and a new component is one more function in one of these modules.
//!
//! Read in this order: [`source`], [`stream`], [`config`], then the components.

/// Writes the setters of a definition, all of the form `.key(value)`; `=> Some` wraps an optional one, and what stands in
/// brackets refuses a bad value, at the argument.
macro_rules! setters {
    ($owner:ident $($(#[$doc:meta])* $name:ident: $ty:ty $(=> $wrap:ident)? $([$check:ident])?;)+) => {
        impl $owner {
            $($(#[$doc])*
            #[must_use]
            #[track_caller]
            pub const fn $name(mut self, value: $ty) -> Self {
                $($check(value);)?
                self.$name = setters!(@wrap value $($wrap)?);
                self
            })+
        }
    };
    (@wrap $value:ident) => { $value };
    (@wrap $value:ident $wrap:ident) => { $wrap($value) };
}

pub mod advanced_auth;
pub(crate) mod any_source;
pub mod auth;
pub mod backoff;
pub mod budget;
pub mod config;
pub mod cursor;
pub mod decoder;
pub mod error_handler;
pub mod expand;
pub mod files;
pub mod full_refresh;
pub mod inject;
pub mod job;
pub(crate) mod lower;
pub mod manifest;
pub mod migrate;
pub mod page_size_reduction;
pub mod pagination_reset;
pub mod paginator;
pub mod partition;
pub mod properties;
pub mod record;
pub mod request_window_splitting;
pub mod schema;
pub mod source;
pub mod state;
pub mod stream;
pub mod tolerance;
pub mod transform;
pub mod value;
pub mod when;

#[cfg(feature = "manifest")]
pub use crate::manifest::Registry;
pub use config::{ConfigField, ConfigType, Shape};
pub use manifest::EmbeddedManifest;
pub use source::{Source, SourceDef};
pub use stream::{Field, Stream, StreamDef};
pub use value::Value;

/// A component of an attribute, which an expansion keeps in a `static`.
///
/// In a `const` block, rustc would repeat each error in a value as a note below the whole attribute.
pub struct Component<D: ?Sized + 'static>(pub &'static D);

impl<D: ?Sized> std::fmt::Debug for Component<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Component").finish_non_exhaustive()
    }
}
