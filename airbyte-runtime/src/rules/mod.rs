//! Rules across items, evaluated while the user's crate is compiled: names in templates, the list of streams.
//!
//! A macro sees one item. These const functions see the consts of the others, and panic with a message that names
//! the thing, shows the place and proposes an edit; `rustc` reports it at the token that the expansion chose.

mod streams;
mod template;
mod text;

pub use streams::{StreamNames, require_no_circle, require_parents_listed, require_stream_listed, require_unique_name};
pub use template::{Place, require_config_list, require_config_names, require_names, require_variant};
