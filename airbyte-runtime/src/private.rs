//! Everything that an expansion may name, and nothing else.

pub use crate::{define, rules};
pub use schemars;
pub use serde;

/// Empty functions whose bounds make rustc check a user's type at the user's tokens.
pub mod probe {
    use crate::define::config::SecretType;
    use crate::define::stream::StreamOf;
    use crate::define::{ConfigType, Stream};

    /// `T` never shows its value.
    pub const fn secret_type<T: SecretType>() {}
    /// `T` can be filled in by a user.
    pub const fn config_type<T: ConfigType>() {}
    /// `T` is a stream.
    pub const fn stream<T: Stream>() {}
    /// `T` is a stream of source `S`.
    pub const fn stream_of<S, T: StreamOf<S>>() {}
}
