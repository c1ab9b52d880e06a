//! Messages of `#[config]` and `#[record]`.

use super::check_errors;

#[test]
fn structs() {
    check_errors(&[
        (
            "#[config(tag = \"kind\")] struct S { /** Doc. */ a: u64 }",
            &[
                "`tag` on a struct has no meaning\nhelp: remove it; only an enum has variants to tell apart, and `S` is a struct",
            ],
        ),
        (
            "#[config] union S { a: u64 }",
            &["config `S` is a union, which a user cannot fill in\nhelp: make it a `struct` or an `enum`"],
        ),
        (
            "#[config] struct S<'a> { /** Doc. */ a: &'a str }",
            &["config `S` is generic, and its form would not be known\nhelp: write the concrete types"],
        ),
        (
            "#[config] struct S { /** Doc. */ #[config(rename = \"b\")] #[serde(rename = \"c\")] a: u64 }",
            &["the field is renamed twice\nhelp: keep `#[config(rename = …)]` or `#[serde(rename = …)]`"],
        ),
    ]);
}

#[test]
fn enums() {
    check_errors(&[
        ("#[config] enum E {}", &["config `E` has no variants to choose from\nhelp: add one, with a doc comment"]),
        (
            "#[config] enum E { A, /** Doc. */ B(u64, u64) }",
            &[
                "variant `A` has no doc comment, which is what the user reads in the form\nhelp: write `/// What it is for.` above it",
                "the fields of variant `B` have no names\nhelp: write `B { field: String }`, or `B(MyStruct)` with a struct annotated with `#[config]`",
            ],
        ),
        (
            "#[config(tag = \"kind\")] enum E { /** Doc. */ A }",
            &["config `E` is a choice of texts, which have no tag\nhelp: remove `tag = \"kind\"`"],
        ),
        (
            "#[config] enum E { /** Doc. */ A { /** Doc. */ r#type: u64 }, /** Doc. */ #[config(value = \"a\")] B }",
            &[
                "field `type` has the name of the tag\nhelp: rename it, or write another tag, as in `#[config(tag = \"kind\")]`",
                "variants `A` and `B` both have the value `a`\nhelp: give one another, as in `#[config(value = \"a_2\")]`",
            ],
        ),
        (
            "#[config] enum E { /** Doc. */ #[config(titel = \"A\", value)] A }",
            &[
                "unknown argument `titel` for `#[config]` on a variant\nhelp: did you mean `title`?",
                "`value` is not a text in quotes\nhelp: write `value = \"…\"`",
            ],
        ),
    ]);
}

#[test]
fn records() {
    check_errors(&[
        (
            "#[record] union R { a: u64 }",
            &["record `R` is a union, which JSON cannot hold\nhelp: make it a `struct` or an `enum`"],
        ),
        (
            "#[record(crat = r)] struct R { a: u64 }",
            &["unknown argument `crat` for `#[record]`\nhelp: did you mean `crate`?"],
        ),
    ]);
}
