//! Rules across items, evaluated while the user's crate is compiled: names in templates, the list of streams.
//!
//! A macro sees one item. These const functions see the consts of the others, and panic with a message that names
//! the thing, shows the place and proposes an edit; `rustc` reports it at the token that the expansion chose.

mod default;
pub(crate) mod pattern;
mod streams;
mod template;
pub(crate) mod text;
pub(crate) mod xml;

pub use default::{require_default, require_in_range};
pub use streams::{require_check, require_no_circle, require_stream};
pub use template::{
    Place, require_bound_config_names, require_bound_names, require_config_list, require_config_names, require_names,
    require_parent, require_parent_field, require_parent_key, require_secret, require_variant,
};
