//! One line that gives a connector its standard tests. It is always there; what it calls needs the feature `testing`.

/// Gives a connector its standard tests; `"tests/…"` is a folder beside the crate's `Cargo.toml`.
///
/// ```
/// # use airbyte_runtime::prelude::*;
/// # /// A source.
/// # #[source(streams = [User], base_url = "https://api.example.com")]
/// # struct Example {}
/// # #[stream(source = Example, path = "/users")]
/// # struct User { id: u64 }
/// airbyte_runtime::connector_tests!(Example, "tests/example");
/// # fn main() {}
/// ```
///
/// The folder holds two files of yours: `config.json`, a configuration, and `script.json`, the API's answers
/// (see `Script::from_json` in the module `testing`).
/// It also holds three that the tests write when `UPDATE_CONNECTOR_TESTS=1` is set, and compare otherwise:
/// `spec.json`, `catalog.json` and `messages.jsonl`.
///
/// | test | fails when |
/// |---|---|
/// | `spec_is_valid` | the specification breaks a rule of Airbyte's form, or differs from `spec.json` |
/// | `catalog_is_stable` | two discoveries differ, a cursor or key is not in its schema, or it differs from `catalog.json` |
/// | `check_succeeds` | `check` fails against the script |
/// | `reads_scripted_responses` | a read fails, or its records, states and statuses differ from `messages.jsonl` |
/// | `schema_accepts_records` | a record does not fit the schema of its stream |
/// | `state_round_trips` | the connector does not accept the states that it wrote |
#[macro_export]
macro_rules! connector_tests {
    ($source:ty, $folder:literal) => {
        #[cfg(test)]
        mod connector_tests {
            #[allow(unused_imports)]
            use super::*;

            fn kit() -> $crate::testing::ConnectorTests<$source> {
                $crate::testing::ConnectorTests::new(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder))
            }

            #[test]
            fn spec_is_valid() {
                kit().spec_is_valid();
            }
            #[test]
            fn catalog_is_stable() {
                kit().catalog_is_stable();
            }
            #[test]
            fn check_succeeds() {
                kit().check_succeeds();
            }
            #[test]
            fn reads_scripted_responses() {
                kit().reads_scripted_responses();
            }
            #[test]
            fn schema_accepts_records() {
                kit().schema_accepts_records();
            }
            #[test]
            fn state_round_trips() {
                kit().state_round_trips();
            }
        }
    };
}
