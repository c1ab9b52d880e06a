//! Everything that an expansion may name, and nothing else.

#[cfg(not(feature = "manifest"))]
pub use crate::manifest;
pub use crate::{define, rules};
#[cfg(feature = "manifest")]
pub use airbyte_macros::manifest;
pub use schemars;
pub use serde;

/// Empty functions whose bounds make rustc check a user's type at the user's tokens.
pub mod probe {
    use crate::define::config::SecretType;

    /// `T` never shows its value.
    pub const fn secret_type<T: SecretType>() {}

    /// A value of any type, for a match that is type-checked and never run.
    pub const fn any<T>() -> T {
        panic!("a probe is never run")
    }
}
