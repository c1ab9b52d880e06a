//! What Airbyte does not look at before a stream runs: templates, durations, names that do not meet.

mod definitions;
mod duration;
mod format;
mod incremental;
mod jinja;
mod request;
mod scope;
mod streams;
mod template;
#[cfg(test)]
mod tests;

use crate::diagnostic::Diagnostic;
use crate::model::DeclarativeSource;
use crate::node::Node;

/// All findings beyond the model's, unordered.
///
/// `text` is the file, `written` the document before references were resolved, `root` after.
pub(crate) fn findings(text: &str, written: &Node, root: &Node, source: &DeclarativeSource) -> Vec<Diagnostic> {
    let mut findings = template::findings(text, root);
    findings.extend(definitions::unused(text, written));
    findings.extend(streams::findings(source));
    findings.extend(incremental::findings(root));
    findings.extend(request::findings(root));
    findings
}

/// Calls `visit` with every typed component that the source runs, outermost first; a custom component's inside and the
/// templates of dynamic streams are left out.
fn components<'a>(root: &'a Node, visit: &mut impl FnMut(&'static str, &'a Node)) {
    let Some(map) = root.as_map() else {
        for item in root.as_list().unwrap_or_default() {
            components(item, visit);
        }
        return;
    };
    let definition = scope::definition(root);
    if let Some(definition) = definition {
        if definition.name.starts_with("Custom") {
            return;
        }
        visit(definition.name, root);
    }
    for entry in map {
        if !scope::is_opaque(definition, &entry.key) {
            components(&entry.value, visit);
        }
    }
}
