//! Messages of `#[source]`: one mistake each, and several at once.

use super::check_errors;

#[test]
fn arguments() {
    check_errors(&[
        (
            "#[source] struct S {}",
            &["source `S` has no `streams`\nhelp: add them: `#[source(streams = [MyStream], …)]`"],
        ),
        (
            "#[source(streams = [])] struct S {}",
            &[
                "`streams` is empty, so nothing would be read\nhelp: name the structs that are annotated with `#[stream(…)]`",
            ],
        ),
        (
            "#[source(streams = A)] struct S {}",
            &["expected a list of streams in brackets, in `streams`\nhelp: write `streams = [Issue, Comment]`"],
        ),
        (
            "#[source(streams = [A], name = \"\", title = \" \", documentation_url = \"docs\", concurrency = 0)] struct S {}",
            &[
                "with 0 requests in flight nothing would be read\nhelp: write at least 1, or leave `concurrency` out",
                "the source's name is empty\nhelp: write one, or leave `name` out for the struct's name",
                "the source's title is empty\nhelp: write one, or leave `title` out for the struct's name",
                "`documentation_url` is not an absolute URL, and Airbyte refuses a specification without one\nhelp: write one that begins with `https://`",
            ],
        ),
        (
            "#[source(streams = [A], concurrency = \"ten\")] struct S {}",
            &[
                "this is not a number of requests\nhelp: write `concurrency = 10`, or `concurrency = config.concurrency` to let the user decide",
            ],
        ),
        (
            "#[source(streams = [A], path = \"/x\")] struct S {}",
            &[
                "`path` is an argument of `#[stream]`, not of `#[source]`\nhelp: move it to the `#[stream(…)]` that it is about",
            ],
        ),
        (
            "#[source(streams = [A], base_url = \"https://{partition.region}.x\", query = { s = interval.start })] struct S {}",
            &[
                "`{partition.region}` stands in the source, which has no partitions\n  https://{partition.region}.x\n           ^^^^^^^^^^^^^^^^\nhelp: move this to the `#[stream(…)]` that has one",
                "`{interval.start}` stands in the source, which has no cursor\nhelp: move this to the `#[stream(…)]` that has one",
            ],
        ),
    ]);
}

#[test]
fn shapes() {
    check_errors(&[
        (
            "#[source(streams = [A])] enum S { A }",
            &[
                "source `S` is an enum\nhelp: its fields are what the user fills in: write `struct S { field: String }`, with a doc comment above the field",
            ],
        ),
        (
            "#[source(streams = [A])] struct S(String);",
            &[
                "source `S` is a tuple struct\nhelp: its fields are what the user fills in: write `struct S { field: String }`, with a doc comment above the field",
            ],
        ),
        (
            "#[source(streams = [A])] struct S<T> { /** Doc. */ a: T }",
            &["source `S` is generic, and its form would not be known\nhelp: write the concrete types"],
        ),
        (
            "#[source(streams = [A])] impl S {}",
            &["`#[source]` stands on something that is not a struct\nhelp: write it above a `struct`"],
        ),
    ]);
}

#[test]
fn config_fields() {
    check_errors(&[
        (
            "#[source(streams = [A])] struct S { token: String, #[config(secret, secret)] key: String }",
            &[
                "config field `token` has no doc comment, which is what the user reads in the form\nhelp: write `/// What to fill in.` above it",
                "`secret` is written twice\nhelp: keep one of the two",
                "config field `key` has no doc comment, which is what the user reads in the form\nhelp: write `/// What to fill in.` above it",
            ],
        ),
        (
            "#[source(streams = [A])] struct S { /** Doc. */ #[config(default = low, examples = \"a\")] level: String }",
            &[
                "`low` is not a value\nhelp: write `\"low\"` for the text, or `config.low` for the user's value",
                "`examples` is a list\nhelp: write `examples = [\"a\", \"b\"]`, or `example = \"a\"`",
            ],
        ),
        (
            "#[source(streams = [A])] struct S { /** Doc. */ #[serde(flatten)] level: L, #[serde(skip)] cache: C }",
            &[
                "config field `level` is flattened, and the form could not show its fields\nhelp: remove `#[serde(flatten)]`, or write the fields here",
            ],
        ),
        (
            "#[source(streams = [A])] struct S { /** Doc. */ #[config(format = \"datetime\")] start: String }",
            &["`datetime` is not a format that Airbyte's form knows\nhelp: did you mean `date-time`?"],
        ),
        (
            "#[source(streams = [A])] struct S { /** Doc. */ #[config] level: L, /** Doc. */ #[config()] depth: u8 }",
            &[
                "this `#[config]` says nothing\nhelp: remove it; every field of the struct is a config field",
                "this `#[config]` says nothing\nhelp: remove it; every field of the struct is a config field",
            ],
        ),
        (
            "#[source(streams = [A])] struct S { /** Doc. */ #[config(description = \"b\", key = \"c\")] a: u64 }",
            &[
                "the description is the doc comment\nhelp: remove `description`, and write its text as `/// …`",
                "`key` does not rename a config field\nhelp: write `rename = \"…\"`",
            ],
        ),
    ]);
}
