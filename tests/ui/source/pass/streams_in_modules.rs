//! Streams by their paths, some of one type name, in a source that is in a module itself.

mod source {
    use airbyte_runtime::prelude::*;

    use super::v2;

    #[source(
        base_url = "https://api.example.com",
        streams = [super::v1::Stream, v2::Stream, crate::v2::Source, self::Config,],
        check = [v2::Stream],
    )]
    pub struct Source {
        /// The region of the account.
        pub(crate) region: String,
    }

    #[stream(source = Source, path = "/config")]
    pub struct Config {
        id: u64,
    }
}

mod v1 {
    use airbyte_runtime::prelude::*;

    #[stream(source = crate::source::Source, name = "v1", path = "/{config.region}/v1")]
    pub struct Stream {
        id: u64,
    }
}

mod v2 {
    use crate::source;

    #[airbyte_runtime::stream(source = source::Source, path = "/v2/{parent.id}", parent = super::v1::Stream)]
    pub struct Stream {
        id: u64,
    }

    #[airbyte_runtime::stream(source = source::Source, path = "/source")]
    pub struct Source {
        id: u64,
    }
}

fn main() {}
