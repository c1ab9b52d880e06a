//! What Airbyte refuses when it builds a stream: `spec` still runs, `discover` and `read` do not.

use crate::diagnostic::Diagnostic;
use crate::node::{Map, Node};

use super::jinja;

/// The findings about components that cannot be built.
pub(super) fn findings(root: &Node) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    super::components(root, &mut |name, node| {
        let Some(map) = node.as_map() else { return };
        match name {
            "DefaultPaginator" => paginator(map, &mut findings),
            "CursorPagination" => cursor(map, &mut findings),
            "RequestOption" => option(map, node, &mut findings),
            "HttpRequester" => bodies(map, &mut findings),
            "ApiKeyAuthenticator" => key(map, node, &mut findings),
            "AddedFieldDefinition" => added(map, &mut findings),
            "SimpleRetriever" => decoder(map, &mut findings),
            "GroupingPartitionRouter" => options(map.get("underlying_partition_router"), name, &mut findings),
            "UnionPartitionRouter" => union(map, &mut findings),
            "DeclarativeStream" => primary_key(map, &mut findings),
            _ => {}
        }
    });
    findings
}

fn kind(node: &Node) -> &str {
    node.get("type").and_then(Node::as_str).unwrap_or_default()
}

fn paginator(map: &Map, findings: &mut Vec<Diagnostic>) {
    let (Some(size), Some(strategy)) = (map.entry("page_size_option"), map.get("pagination_strategy")) else { return };
    let known = matches!(kind(strategy), "PageIncrement" | "OffsetIncrement" | "CursorPagination");
    if known && strategy.get("page_size").is_none() {
        findings.push(
            Diagnostic::error(size.at, "`page_size_option` needs a page size, the stream cannot be built")
                .with_help("set `page_size` in `pagination_strategy`, or remove `page_size_option`"),
        );
    }
    let Some(token) = map.get("page_token_option") else { return };
    let same = |field| token.get(field).is_some() && token.get(field) == size.value.get(field);
    if same("inject_into") && (same("field_name") || same("field_path")) {
        findings.push(
            Diagnostic::error(token.at, "page size and page token have the same place, the stream cannot be built")
                .with_help("give them different names"),
        );
    }
}

fn cursor(map: &Map, findings: &mut Vec<Diagnostic>) {
    if map.get("page_size").is_some() {
        return;
    }
    for field in ["cursor_value", "stop_condition"] {
        let Some((node, text)) = map.get(field).and_then(|node| Some((node, node.as_str()?))) else { continue };
        if jinja::is_template(text) && jinja::parse(text).is_ok_and(|template| template.variables.contains("page_size"))
        {
            findings.push(
                Diagnostic::error(node.at, format!("{field}: CursorPagination has no `page_size`"))
                    .with_help("set `page_size` beside it, or compare with a number"),
            );
        }
    }
}

fn option(map: &Map, node: &Node, findings: &mut Vec<Diagnostic>) {
    let body = map.get("inject_into").and_then(Node::as_str) == Some("body_json");
    let (at, message) = match (map.entry("field_name"), map.entry("field_path")) {
        (None, None) => (node.at, "RequestOption has neither `field_name` nor `field_path`"),
        (Some(_), Some(path)) => (path.at, "RequestOption has both `field_name` and `field_path`"),
        (None, Some(path)) if !body => (path.at, "RequestOption has a `field_path`, which only `body_json` can take"),
        _ => return,
    };
    findings.push(Diagnostic::error(at, message).with_help("set `field_name`: the name of the parameter or header"));
}

fn bodies(map: &Map, findings: &mut Vec<Diagnostic>) {
    if let (Some(_), Some(json)) = (map.entry("request_body_data"), map.entry("request_body_json")) {
        findings.push(
            Diagnostic::error(json.at, "HttpRequester has both `request_body_data` and `request_body_json`")
                .with_help("a request has one body: remove one of them"),
        );
    }
}

fn key(map: &Map, node: &Node, findings: &mut Vec<Diagnostic>) {
    let message = match (map.get("inject_into"), map.get("header")) {
        (None, None) => "ApiKeyAuthenticator has neither `inject_into` nor `header`",
        (Some(_), Some(_)) => "ApiKeyAuthenticator has both `inject_into` and `header`",
        _ => return,
    };
    findings.push(Diagnostic::error(node.at, message).with_help("set `inject_into` only: a RequestOption"));
}

fn added(map: &Map, findings: &mut Vec<Diagnostic>) {
    let Some(path) = map.get("path") else { return };
    if path.as_list().is_some_and(<[Node]>::is_empty) {
        findings.push(
            Diagnostic::error(path.at, "AddedFieldDefinition.path is empty, the stream cannot be built")
                .with_help("name the field, as `path: [\"id\"]`"),
        );
    }
}

fn decoder(map: &Map, findings: &mut Vec<Diagnostic>) {
    let (Some(decoder), Some(paginator)) = (map.get("decoder"), map.get("paginator")) else { return };
    let rows = matches!(kind(decoder), "CsvDecoder" | "JsonlDecoder" | "IterableDecoder" | "ZipfileDecoder");
    if rows && kind(paginator) == "DefaultPaginator" {
        let message = format!("a {} does not work with a DefaultPaginator", kind(decoder));
        findings.push(
            Diagnostic::error(decoder.at, message)
                .with_help("pages need a JsonDecoder or XmlDecoder; or remove `paginator`"),
        );
    }
}

/// Request options below a router that cannot apply them.
fn options(router: Option<&Node>, outer: &str, findings: &mut Vec<Diagnostic>) {
    let Some(router) = router else { return };
    let parents = router.get("parent_stream_configs").and_then(Node::as_list).unwrap_or_default();
    for holder in [router].into_iter().chain(parents) {
        if let Some(option) = holder.as_map().and_then(|map| map.entry("request_option")) {
            findings.push(
                Diagnostic::error(option.at, format!("a router in a {outer} cannot have a `request_option`"))
                    .with_help("write `{{ stream_partition[…] }}` in the requester"),
            );
        }
    }
}

fn union(map: &Map, findings: &mut Vec<Diagnostic>) {
    let field = map.get("partition_field").and_then(Node::as_str).filter(|field| !jinja::is_template(field));
    for router in map.get("partition_routers").and_then(Node::as_list).unwrap_or_default() {
        options(Some(router), "UnionPartitionRouter", findings);
        let parents = router.get("parent_stream_configs").and_then(Node::as_list).unwrap_or_default();
        let names = match kind(router) {
            "ListPartitionRouter" => vec![router.get("cursor_field")],
            "UnionPartitionRouter" => vec![router.get("partition_field")],
            _ => parents.iter().map(|parent| parent.get("partition_field")).collect(),
        };
        for (node, name) in names.into_iter().flatten().filter_map(|node| Some((node, node.as_str()?))) {
            if field.is_some_and(|field| field != name) && !jinja::is_template(name) {
                let field = field.unwrap_or_default();
                let message = format!("the router gives `{name}`, its UnionPartitionRouter `{field}`");
                findings.push(Diagnostic::error(node.at, message).with_help(format!("write `{field}`")));
            }
        }
    }
}

fn primary_key(map: &Map, findings: &mut Vec<Diagnostic>) {
    for path in map.get("primary_key").and_then(Node::as_list).unwrap_or_default() {
        if path.as_list().is_some_and(|path| path.len() > 1) {
            findings.push(
                Diagnostic::error(path.at, "DeclarativeStream.primary_key: a key cannot be inside another field")
                    .with_help("add the field to the top with AddFields, and name that"),
            );
        }
    }
}
