//! Rules across items, evaluated while the user's crate is compiled: names in templates, the list of streams.
//!
//! A macro sees one item. These const functions see the consts of the others, and panic with a message that names
//! the thing, shows the place and proposes an edit; `rustc` reports it at the token that the expansion chose.

mod streams;
mod template;
mod text;

pub use streams::{require_check, require_no_circle, require_stream};
pub use template::{
    Place, require_config_list, require_config_names, require_default, require_names, require_parent_field,
    require_variant,
};
