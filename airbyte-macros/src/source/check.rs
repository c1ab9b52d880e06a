//! The rules of one source. What concerns its streams are the runtime's rules.

use syn::DeriveInput;

use super::parse::SourceArgs;
use crate::config::check_generics;
use crate::diag::{Errors, excerpt};
use crate::fields::check_conditions;
use crate::template::Root;
use crate::value::Template;

/// Applies every rule; all that is wrong is reported.
pub(crate) fn check(args: &SourceArgs, item: &DeriveInput, templates: &[Template], errors: &mut Errors) {
    check_generics("source", item, errors);
    check_conditions(item, errors);
    check_streams(args, item, errors);
    check_registry(args, errors);
    check_texts(args, errors);
    check_roots(templates, errors);
}

fn check_streams(args: &SourceArgs, item: &DeriveInput, errors: &mut Errors) {
    if args.keys.key("streams").is_none() && args.keys.key("manifest").is_none() {
        let ident = &item.ident;
        errors.at(
            ident,
            format!("source `{ident}` has no `streams`\nhelp: add them: `#[source(streams = [MyStream], …)]`"),
        );
    }
}

fn check_registry(args: &SourceArgs, errors: &mut Errors) {
    if let Some(registry) = args.keys.key("registry").filter(|_| args.keys.key("manifest").is_none()) {
        errors.at(
            registry,
            "`registry` has the classes that a manifest names, and there is no manifest\nhelp: add `manifest = \"manifest.yaml\"`, or remove `registry`",
        );
    }
}

/// What the catalog and the specification show may not be empty.
fn check_texts(args: &SourceArgs, errors: &mut Errors) {
    for (key, text) in [("name", &args.name), ("title", &args.title)] {
        if let Some(text) = text.as_ref().filter(|text| text.value().trim().is_empty()) {
            errors.at(
                text,
                format!("the source's {key} is empty\nhelp: write one, or leave `{key}` out for the struct's name"),
            );
        }
    }
    let is_absolute = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    if let Some(url) = args.documentation_url.as_ref().filter(|url| !is_absolute(&url.value())) {
        errors.at(url, "`documentation_url` is not an absolute URL, and Airbyte refuses a specification without one\nhelp: write one that begins with `https://`");
    }
}

/// A source is not read in parts, so only the configuration has values here.
fn check_roots(templates: &[Template], errors: &mut Errors) {
    for template in templates {
        for placeholder in &template.placeholders {
            let (root, has_no) = match placeholder.root {
                Root::Config => continue,
                Root::Partition => ("partition", "partitions"),
                Root::Parent => ("parent", "parents"),
                Root::Interval => ("interval", "cursor"),
                Root::Job => ("job", "job"),
                Root::Record => ("record", "record"),
            };
            let value = template.value.as_deref().unwrap_or_default();
            let whole = placeholder.range.len() + 2 == value.len();
            let excerpt = if whole { String::new() } else { excerpt(value, &placeholder.range) };
            errors.at(
                &template.text,
                format!(
                    "`{{{root}.{}}}` stands in the source, which has no {has_no}{excerpt}\nhelp: move this to the `#[stream(…)]` that has one",
                    placeholder.path
                ),
            );
        }
    }
}
