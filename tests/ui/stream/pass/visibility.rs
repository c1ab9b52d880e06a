//! Public and private structs, fields and modules, with other attributes among them.

pub mod api {
    use airbyte_runtime::prelude::*;

    /// Tasks.
    #[source(base_url = "https://api.example.com", auth = bearer(config.token), streams = [tasks::Task])]
    #[allow(missing_docs)]
    pub struct Tracker {
        /// The access token.
        #[config(secret)]
        pub(super) token: Secret,
    }

    pub(in crate::api) mod tasks {
        use airbyte_runtime::prelude::*;

        /// A task.
        ///
        /// Of a project.
        #[must_use]
        #[stream(source = super::Tracker, path = "/tasks", auth = bearer(config.token), primary_key = id)]
        #[non_exhaustive]
        pub(crate) struct Task {
            pub(super) id: u64,
            #[allow(dead_code)]
            pub title: String,
        }
    }
}

fn main() {}
