//! Addresses that cannot be meant as they are written.

use crate::diagnostic::Diagnostic;
use crate::node::{Map, Node};

use super::jinja::is_template;

/// The findings about addresses.
pub(super) fn findings(root: &Node) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    super::components(root, &mut |name, node| {
        let Some(map) = node.as_map() else { return };
        if name == "HttpRequester" {
            address(map, node, &mut findings);
        }
    });
    findings
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
