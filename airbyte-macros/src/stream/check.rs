//! The rules of one stream: what excludes, needs or contradicts what. Names in other items are the runtime's rules.

use syn::{Data, DeriveInput, Expr, GenericParam};

use super::parse::{Body, Method, StreamArgs};
use super::resolve::Stream;
use crate::component::{Chain, Component};
use crate::diag::{Errors, distance, excerpt, suggest};
use crate::fields::{Fields, check_conditions, check_keys};
use crate::item;
use crate::names::{snake, unraw};
use crate::reference::{is_lower, segments};
use crate::template::Root;
use crate::value::Place;

/// Applies every rule; all that is wrong is reported.
pub(crate) fn check(args: &StreamArgs, item: &DeriveInput, stream: &Stream<'_>, errors: &mut Errors) {
    check_shape(item, stream, errors);
    check_conditions(item, errors);
    check_attributes(item, errors);
    check_keys(stream.fields.iter().flat_map(|fields| &fields.list), errors);
    check_required(args, item, errors);
    check_name(args, stream, errors);
    check_exclusive(args, errors);
    check_body(args, errors);
    check_pages(args, errors);
    check_cursor(args, item, stream, errors);
    check_roots(args, stream, errors);
    check_partitions(args, stream, errors);
}

/// A record is an object of known columns, so only a plain struct with named fields can be one.
fn check_shape(item: &DeriveInput, stream: &Stream<'_>, errors: &mut Errors) {
    let ident = &item.ident;
    match &stream.fields {
        None => errors.at(
            ident,
            format!("stream `{ident}` is {}\nhelp: the fields of a stream are its columns: write `struct {ident} {{ id: u64 }}`", item::kind(item)),
        ),
        Some(fields) if fields.list.is_empty() && !fields.open => {
            errors.at(ident, format!("stream `{ident}` has no fields\nhelp: add one for each column, as in `id: u64`"));
        }
        Some(_) => {}
    }
    for parameter in &item.generics.params {
        let (what, help) = match parameter {
            GenericParam::Lifetime(_) => ("a lifetime", "own the data, as in `String` in place of `&str`"),
            GenericParam::Type(_) => ("a type parameter", "name the type of each column"),
            GenericParam::Const(_) => ("a const parameter", "name the type of each column"),
        };
        errors.at(parameter, format!("stream `{ident}` has {what}, and its schema would not be known\nhelp: {help}"));
    }
}

/// A column has no form that `#[config]` could be about.
fn check_attributes(item: &DeriveInput, errors: &mut Errors) {
    let Data::Struct(data) = &item.data else { return };
    for attr in data.fields.iter().flat_map(|field| &field.attrs).filter(|attr| attr.path().is_ident("config")) {
        errors.at(
            attr.path(),
            "`#[config]` is for what a user fills in, and this is a field of a record\nhelp: remove it; serde's attributes may stand here, as in `#[serde(rename = \"…\")]`",
        );
    }
}

fn check_required(args: &StreamArgs, item: &DeriveInput, errors: &mut Errors) {
    let ident = &item.ident;
    if args.keys.key("source").is_none() {
        errors.at(ident, format!("stream `{ident}` has no `source`\nhelp: add it: `#[stream(source = MySource, …)]`"));
    }
    if ["path", "read", "job"].iter().all(|key| args.keys.key(key).is_none()) {
        let name = snake(&unraw(ident));
        errors.at(ident, format!("stream `{ident}` has no `path`\nhelp: add it: `#[stream(path = \"/{name}\", …)]`, or `read = function` for a stream that is not HTTP"));
    }
}

fn check_name(args: &StreamArgs, stream: &Stream<'_>, errors: &mut Errors) {
    if let Some(name) = args.name.as_ref().filter(|name| name.value().trim().is_empty()) {
        errors.at(
            name,
            "the stream's name is empty\nhelp: write one, or leave `name` out for the struct's name in snake_case",
        );
    }
    let Some(template) = stream.templates.iter().find(|template| template.place == Place::NAME) else { return };
    for placeholder in &template.placeholders {
        let (what, when) = match placeholder.root {
            Root::Interval => ("interval", "a window"),
            Root::Job => ("job", "a job"),
            _ => continue,
        };
        let excerpt = excerpt(template.value.as_deref().unwrap_or_default(), &placeholder.range);
        errors.at(&template.text, format!(
            "the name of a stream is known before {when} is, so `{{{what}.{}}}` has no value in it{excerpt}\nhelp: name it by `{{partition.…}}`, `{{parent.…}}` or `{{config.…}}`",
            placeholder.path
        ));
    }
    let is_divided = template.placeholders.iter().any(|placeholder| placeholder.root != Root::Config);
    let options = args.parents.iter().flat_map(|parent| &parent.options);
    let remembers = |key: &str| key == "incremental_dependency" || key == "new_parents_only";
    for (key, _) in options.filter(|(key, _)| is_divided && remembers(&unraw(key))) {
        errors.at(key, format!(
            "`{key}` has no effect here: all parents are read to know the names of the streams\nhelp: remove it, or give the stream a name without placeholders"
        ));
    }
}

/// A stream that reads by itself makes no requests; a request has one body.
fn check_exclusive(args: &StreamArgs, errors: &mut Errors) {
    const REQUEST: &[&str] = &[
        "path",
        "base_url",
        "method",
        "query",
        "headers",
        "body",
        "form",
        "records",
        "decoder",
        "job",
        "files",
        "expand",
        "properties",
        "auth",
        "paginator",
        "page_size_reduction",
        "pagination_reset",
        "request_window_splitting",
        "error_handler",
        "backoff",
        "max_retries",
        "connect_timeout",
        "read_timeout",
        "request_timeout",
        "tcp_keepalive",
        "allow_hosts",
    ];
    for key in REQUEST {
        if let Some(second) = args.keys.second("read", key) {
            errors.at(
                second,
                format!("`read` and `{key}` exclude each other\nhelp: a stream with `read` makes its own requests: keep one of the two"),
            );
        }
    }
    for key in ["path", "method", "query", "body", "form"] {
        if let Some(second) = args.keys.second("job", key) {
            errors.at(
                second,
                format!("`job` and `{key}` exclude each other\nhelp: the requests of a job say it themselves, as in `create = post(\"/exports\", body = {{ … }})`"),
            );
        }
    }
    if let Some(second) = args.keys.second("body", "form") {
        errors.at(
            second,
            "`body` and `form` exclude each other\nhelp: a request carries JSON or a form: keep one of the two",
        );
    }
}

/// What says how pages and windows change needs pages and windows.
fn check_pages(args: &StreamArgs, errors: &mut Errors) {
    const NEEDS: [(&str, &str, &str); 3] = [
        ("page_size_reduction", "paginator", "offset_increment(page_size = 100, page_size_param = \"limit\")"),
        ("request_window_splitting", "cursor", "datetime(updated_at, step = \"P30D\", …)"),
        ("full_refresh", "cursor", "datetime(updated_at, …)"),
    ];
    for (key, needed, example) in NEEDS {
        if let (Some(at), None) = (args.keys.key(key), args.keys.key(needed)) {
            errors.at(at, format!("`{key}` needs a `{needed}`\nhelp: add `{needed} = {example}`"));
        }
    }
}

/// Servers ignore or refuse the body of a GET.
fn check_body(args: &StreamArgs, errors: &mut Errors) {
    let help = match args.method {
        Some(Method::Get) => "help: write `method = POST`",
        None if args.keys.key("method").is_none() => "help: add `method = POST`",
        _ => return,
    };
    // A body that was reported as wrong may be one that sets the method.
    let body = args.body.as_ref().and_then(|_| args.keys.key("body"));
    let body =
        body.filter(|_| args.method.is_some() || !matches!(args.body, Some(Body::Graphql { .. } | Body::Xml { .. })));
    for key in [body, args.keys.key("form")].into_iter().flatten() {
        errors.at(key, format!("a GET request carries no body\n{help}"));
    }
}

/// A cursor is a field of the record, so that its type can say what its values look like.
fn check_cursor(args: &StreamArgs, item: &DeriveInput, stream: &Stream<'_>, errors: &mut Errors) {
    let (Some(Component::Chain(chain)), Some(fields)) = (&args.cursor, &stream.fields) else { return };
    let Chain { kind, positional, named, .. } = chain;
    let bare = positional.is_empty() && named.is_empty();
    let name = unraw(kind);
    if bare && fields.find(&name).is_some() {
        errors.at(kind, format!("the cursor does not say what kind of field `{name}` is\nhelp: write `cursor = datetime({name})`, or `integer({name})` for a number that grows"));
        return;
    }
    if bare && fields.names().any(|field| distance(&name, field).is_some()) {
        let help = suggest(&name, fields.names(), "fields");
        errors.at(kind, format!("cursor field `{name}` is not a field of `{}`\n{help}", item.ident));
        return;
    }
    let example = plausible(fields);
    let Some(first) = positional.first() else {
        errors.at(
            kind,
            format!("cursor `{name}` does not say which field orders records\nhelp: write `{name}({example})`"),
        );
        return;
    };
    match first.as_expr() {
        None => errors.at_span(first.end(), format!("a cursor is a field of the record\nhelp: write `{name}({example})`")),
        Some(expr) => match segments(expr).as_deref() {
            Some([field]) if is_lower(field) => {}
            Some([first, .., last]) if is_lower(first) => errors.at(
                last,
                format!("cursor field `{first}.….{last}` is inside another\nhelp: a cursor is a field of the record itself, as in `{name}({example})`").replace(".….", "."),
            ),
            _ => errors.at(expr, format!("a cursor is a field of the record{}\nhelp: write `{name}({example})`", not_a_text(expr))),
        },
    }
}

fn not_a_text(expr: &Expr) -> &'static str {
    if matches!(expr, Expr::Lit(_)) { ", not a text" } else { "" }
}

/// The field that is most likely a cursor, for an example.
fn plausible(fields: &Fields) -> &str {
    let hints = ["updated", "modified", "changed", "_at", "date", "time"];
    let hinted = hints.iter().find_map(|hint| fields.names().find(|name| name.contains(hint)));
    hinted.or_else(|| fields.names().next()).unwrap_or("updated_at")
}

/// A placeholder needs something that gives it a value.
fn check_roots(args: &StreamArgs, stream: &Stream<'_>, errors: &mut Errors) {
    let has = |key: &str| args.keys.key(key).is_some();
    for (at, template) in stream.templates.iter().enumerate() {
        for placeholder in &template.placeholders {
            let first = placeholder.first();
            let (written, missing, help) = match placeholder.root {
                Root::Config => continue,
                Root::Partition if has("partition") || has("parent") => continue,
                Root::Parent if has("parent") => continue,
                Root::Interval if has("cursor") => continue,
                Root::Job if has("job") => continue,
                Root::Record if stream.of_files.contains(&at) => continue,
                Root::Record => {
                    errors.at(
                        &template.text,
                        format!(
                            "{} uses `{{record.{}}}`, but there is no record before the answer\nhelp: `{{record.…}}` has a value in `files = download(…)` only",
                            template.place.name, placeholder.path
                        ),
                    );
                    continue;
                }
                Root::Job => ("job", "job", "job = async_job(…)".to_owned()),
                Root::Partition => ("partition", "partition", format!("partition = list({first} = [\"a\", \"b\"])")),
                Root::Parent => ("parent", "parent", "parent = <Stream>".to_owned()),
                Root::Interval => ("interval", "cursor", {
                    let field = stream.fields.as_ref().map_or("updated_at", plausible);
                    format!("cursor = datetime({field})")
                }),
            };
            let value = template.value.as_deref().unwrap_or_default();
            let whole = placeholder.range.len() + 2 == value.len();
            let excerpt = if whole { String::new() } else { excerpt(value, &placeholder.range) };
            errors.at(
                &template.text,
                format!(
                    "{} uses `{{{written}.{}}}`, but the stream has no {missing}{excerpt}\nhelp: add `{help}` to `#[stream(…)]`",
                    template.place.name, placeholder.path
                ),
            );
        }
    }
}

/// A value of a partition has one name.
fn check_partitions(args: &StreamArgs, stream: &Stream<'_>, errors: &mut Errors) {
    if stream.partitions.router.is_some()
        && let Some(second) = args.keys.second("partition", "parent")
    {
        errors.at(
            second,
            "a partition router of your own cannot be combined with a parent\nhelp: let the router read the parent, or use `list(…)`",
        );
    }
    let is_parted = args.keys.key("partition").is_some() || args.keys.key("parent").is_some();
    if let Some(tolerance) = args.keys.key("failure_tolerance").filter(|_| !is_parted) {
        errors.at(
            tolerance,
            "`failure_tolerance` is about partitions, and the stream is read as a whole\nhelp: add `partition` or `parent`, or remove it",
        );
    }
    if let (Some((_, span)), None) = (stream.partitions.shared.first(), args.keys.key("parent")) {
        errors.at_span(*span, "`parents` stands for the records of `parent = …`, but the stream has no parent\nhelp: add `parent = <Stream>` to `#[stream(…)]`");
    }
    let is_shared = |key: &&syn::Ident| stream.partitions.shared.iter().any(|(shared, _)| shared == *key);
    for key in stream.partitions.keys.iter().filter(|key| !is_shared(key)) {
        let name = unraw(key);
        let of_parent = stream.parents.iter().flat_map(|parent| &parent.keys).find(|other| other.name == name);
        if let Some(other) = of_parent {
            let field = &other.field;
            errors.at(
                key,
                format!("the partition and the parent both have a key `{name}`\nhelp: give one another name, as in `parent = Project({field} as parent_{field})`"),
            );
        }
    }
}
