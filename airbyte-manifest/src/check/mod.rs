//! What Airbyte does not look at before a stream runs: templates, durations, names that do not meet.

mod address;
mod construction;
mod definitions;
mod duration;
mod format;
mod incremental;
mod jinja;
mod scope;
mod streams;
mod template;
#[cfg(test)]
mod tests;

use crate::diagnostic::Diagnostic;
use crate::model;
use crate::node::Node;

/// All findings beyond the model's, unordered.
///
/// `text` is the file, `written` the document before references were resolved, `root` after.
pub(crate) fn findings(text: &str, written: &Node, root: &Node) -> Vec<Diagnostic> {
    let mut findings = template::findings(text, root);
    findings.extend(definitions::unused(text, written));
    findings.extend(streams::findings(root));
    findings.extend(incremental::findings(root));
    findings.extend(construction::findings(root));
    findings.extend(address::findings(root));
    findings.extend(missing_spec(root));
    findings
}

/// Without a specification the platform cannot ask for a configuration. A misspelt one is told as such.
fn missing_spec(root: &Node) -> Option<Diagnostic> {
    let map = root.as_map()?;
    (map.get("spec").is_none() && !model::is_misspelt("spec", map, &model::ROOT)).then(|| {
        Diagnostic::warning(root.at, "the manifest has no `spec`")
            .with_help("add one with a `connection_specification`, the JSON schema of the configuration")
    })
}

/// How many values a check looks at: references share what they lead to, and a small file may describe far more.
const BUDGET: usize = 2_000_000;

/// Calls `visit` with every typed component that the source runs, outermost first; a custom component's inside and the
/// templates of dynamic streams are left out.
fn components<'a>(root: &'a Node, visit: &mut impl FnMut(&'static str, &'a Node)) {
    let mut budget = BUDGET;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let Some(left) = budget.checked_sub(1) else { return };
        budget = left;
        let Some(map) = node.as_map() else {
            open.extend(node.as_list().unwrap_or_default().iter().rev());
            continue;
        };
        let definition = scope::definition(node);
        if let Some(definition) = definition {
            if definition.is_custom() {
                continue;
            }
            visit(definition.name, node);
        }
        let inside = map.iter().filter(|entry| !scope::is_opaque(definition, &entry.key)).map(|entry| &entry.value);
        let at = open.len();
        open.extend(inside);
        if let Some(added) = open.get_mut(at..) {
            added.reverse();
        }
    }
}
