//! Requests that cannot be meant as they are written.

use crate::diagnostic::Diagnostic;
use crate::node::{Map, Node};

use super::jinja::is_template;

/// The findings about requests, pages and transformations.
pub(super) fn findings(root: &Node) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    super::components(root, &mut |name, node| {
        let Some(map) = node.as_map() else { return };
        match name {
            "DefaultPaginator" => page_size(map, &mut findings),
            "RequestOption" => option(map, node, &mut findings),
            "HttpRequester" => address(map, node, &mut findings),
            "ApiKeyAuthenticator" => key(map, node, &mut findings),
            "AddedFieldDefinition" => added(map, &mut findings),
            _ => {}
        }
    });
    findings
}

fn page_size(map: &Map, findings: &mut Vec<Diagnostic>) {
    let (Some(option), Some(strategy)) = (map.entry("page_size_option"), map.get("pagination_strategy")) else {
        return;
    };
    let known = matches!(
        strategy.get("type").and_then(Node::as_str),
        Some("PageIncrement" | "OffsetIncrement" | "CursorPagination")
    );
    if known && strategy.get("page_size").is_none() {
        findings.push(
            Diagnostic::error(option.at, "`page_size_option` needs a page size, the stream cannot be built")
                .with_help("set `page_size` in `pagination_strategy`, or remove `page_size_option`"),
        );
    }
}

fn option(map: &Map, node: &Node, findings: &mut Vec<Diagnostic>) {
    let body = map.get("inject_into").and_then(Node::as_str) == Some("body_json");
    let fault = match (map.entry("field_name"), map.entry("field_path")) {
        (None, None) => (node.at, "RequestOption has neither `field_name` nor `field_path`"),
        (Some(_), Some(path)) => (path.at, "RequestOption has both `field_name` and `field_path`"),
        (None, Some(path)) if !body => (path.at, "RequestOption has a `field_path`, which only `body_json` can take"),
        _ => return,
    };
    findings
        .push(Diagnostic::error(fault.0, fault.1).with_help("set `field_name`: the name of the parameter or header"));
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

fn address(map: &Map, node: &Node, findings: &mut Vec<Diagnostic>) {
    if map.get("url").is_none() && map.get("url_base").is_none() {
        findings.push(Diagnostic::warning(node.at, "HttpRequester has no `url`").with_help("add `url`: the address"));
    }
    for field in ["url", "url_base", "path"] {
        let Some((value, text)) = map.get(field).and_then(|value| Some((value, value.as_str()?))) else { continue };
        if let Some(name) = placeholder(text) {
            let message = format!("HttpRequester.{field}: `{{{name}}}` is sent as it is written");
            findings
                .push(Diagnostic::warning(value.at, message).with_help(format!(
                    "write `{{{{ config['{name}'] }}}}` or `{{{{ stream_partition['{name}'] }}}}`"
                )));
        }
    }
}

/// The first `{name}` in text that is no template.
fn placeholder(text: &str) -> Option<&str> {
    if is_template(text) {
        return None;
    }
    let (_, rest) = text.split_once('{')?;
    let (name, _) = rest.split_once('}')?;
    let word =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    word.then_some(name)
}
