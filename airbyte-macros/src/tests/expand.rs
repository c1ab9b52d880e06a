//! Golden expansions: `tests/expand/*.in.rs` is what a user writes, the file of the same name without `.in` is the result.
//!
//! `UPDATE_EXPECT=1 cargo test -p airbyte-macros` writes the results anew.

use std::path::PathBuf;

use expect_test::expect_file;
use quote::ToTokens;
use syn::visit::{Visit, visit_expr, visit_item_fn, visit_path};
use syn::{Expr, ItemFn, Path};

use super::{errors, expand, identifiers};

fn inputs() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // The macro `manifest!` is there with its feature only.
    files.retain(|path| cfg!(feature = "manifest") || !path.ends_with("manifest.in.rs"));
    let files = files.into_iter();
    let mut inputs: Vec<PathBuf> = files.filter(|path| path.to_string_lossy().ends_with(".in.rs")).collect();
    inputs.sort();
    inputs
}

#[test]
fn expansions_are_golden() {
    let inputs = inputs();
    assert!(!inputs.is_empty());
    for input in inputs {
        let text = std::fs::read_to_string(&input).unwrap();
        assert_eq!(errors(&text), Vec::<String>::new(), "{}", input.display());
        let output = input.to_string_lossy().replace(".in.rs", ".rs");
        expect_file![output].assert_eq(&prettyplease::unparse(&expand(&text)));
    }
}

/// An expansion is data and calls; decisions are the runtime's.
#[test]
fn expansions_hold_no_control_flow() {
    struct ControlFlow(Vec<String>);

    impl<'a> Visit<'a> for ControlFlow {
        fn visit_expr(&mut self, expr: &'a Expr) {
            let refused = matches!(
                expr,
                Expr::If(_)
                    | Expr::Match(_)
                    | Expr::Loop(_)
                    | Expr::While(_)
                    | Expr::ForLoop(_)
                    | Expr::Async(_)
                    | Expr::Await(_)
                    | Expr::Closure(_)
                    | Expr::Try(_)
                    | Expr::Unsafe(_)
            );
            if refused {
                self.0.push(expr.to_token_stream().to_string());
            }
            visit_expr(self, expr);
        }

        fn visit_item_fn(&mut self, item: &'a ItemFn) {
            // The probe holds the user's own `match`, for rustc to check; nobody calls it.
            if item.sig.ident != "probe" {
                visit_item_fn(self, item);
            }
        }
    }

    for input in inputs() {
        let mut found = ControlFlow(Vec::new());
        found.visit_file(&expand(&std::fs::read_to_string(&input).unwrap()));
        assert_eq!(found.0, Vec::<String>::new(), "{}", input.display());
    }
}

/// Whatever the user's module shadows, an expansion means the same.
#[test]
fn expansions_name_only_absolute_paths_and_the_users_own() {
    /// What cannot be shadowed, or is declared by the expansion itself, or is a name of serde's attributes.
    const KNOWN: &[&str] = &[
        "str",
        "bool",
        "Self",
        "DEFINITION",
        "COMPONENT",
        "rules",
        "FIELDS",
        "VARIANTS",
        "derive",
        "serde",
        "schemars",
        "allow",
        "doc",
        "automatically_derived",
    ];

    struct Paths {
        known: Vec<String>,
        refused: Vec<String>,
    }

    impl<'a> Visit<'a> for Paths {
        fn visit_path(&mut self, path: &'a Path) {
            let first = path.segments.first().unwrap().ident.to_string();
            let known = KNOWN.contains(&first.as_str()) || self.known.contains(&first);
            if path.leading_colon.is_none() && !known && first != "diagnostic" {
                self.refused.push(path.to_token_stream().to_string());
            }
            visit_path(self, path);
        }
    }

    for input in inputs() {
        let text = std::fs::read_to_string(&input).unwrap();
        let mut paths = Paths { known: Vec::new(), refused: Vec::new() };
        identifiers(text.parse().unwrap(), &mut paths.known);
        paths.visit_file(&expand(&text));
        assert_eq!(paths.refused, Vec::<String>::new(), "{}", input.display());
    }
}

#[test]
fn a_renamed_runtime_is_used_everywhere() {
    for (attribute, args) in
        [("stream", "source = Api, path = \"/{config.x}\", "), ("source", "streams = [A], "), ("config", "")]
    {
        let input = format!("#[{attribute}({args}crate = my::rt)] struct A {{ /** Doc. */ #[config(secret)] a: u64 }}");
        let output = expand(&input).to_token_stream().to_string();
        assert!(!output.contains("airbyte_runtime"), "{output}");
        assert!(output.contains("\"my::rt::__private::serde\""), "{output}");
    }
}
