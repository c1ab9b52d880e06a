//! The types that may be left out, and `$parameters`, which every component below receives.

use std::collections::HashMap;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::node::{DEPTH, Entry, Kind, Map, Node, Position};

const PARAMETERS: &str = "$parameters";

/// How many values components are given at most. Parameters that are components receive each other, so that a few of
/// them can ask for more than any machine holds.
const BUDGET: usize = 2_000_000;

/// Gives every component of a resolved document its type and its parameters.
///
/// # Errors
///
/// Components that are given more than two million values together, or that lie too deep in each other.
pub fn parameters(root: &Node) -> Result<Node, Diagnostic> {
    Propagation::new(false).start(root, "", &Map::default())
}

/// Gives a component, and every one below it, its type and its parameters.
///
/// `parent_identifier` is the type and the field that hold it, as in `DeclarativeStream.retriever`, or empty; it
/// decides about the type if there is none. Of `parameters` and the component's own `$parameters` the own ones win,
/// unless `use_parent_parameters`.
///
/// As the Python CDK does: a parameter is written into the field of its name unless that holds something; `false`,
/// `0`, and what is empty give way. A JSON schema (its type is `object`, a list or a mapping) stays as it is.
///
/// # Errors
///
/// See [`parameters`].
pub fn propagate(
    component: &Node,
    parent_identifier: &str,
    parameters: &serde_json::Map<String, Value>,
    use_parent_parameters: bool,
) -> Result<Node, Diagnostic> {
    let inherited = parameters.iter().map(|(key, value)| Entry {
        key: key.clone(),
        at: Position::default(),
        value: Node::from_json(value),
    });
    Propagation::new(use_parent_parameters).start(component, parent_identifier, &inherited.collect())
}

struct Propagation {
    use_parent: bool,
    budget: usize,
    /// What ended the work early.
    excess: Option<Diagnostic>,
    /// What became of components without parameters. References share them, and each is worked through once. The
    /// first mapping is the component itself, kept so that its identity stays its own.
    plain: HashMap<(usize, Option<&'static str>), (Map, Map)>,
}

/// Type and field of the component that holds another.
#[derive(Clone, Copy)]
struct Holder<'a> {
    kind: &'a str,
    field: &'a str,
}

impl Propagation {
    fn new(use_parent: bool) -> Self {
        Self { use_parent, budget: BUDGET, excess: None, plain: HashMap::new() }
    }

    fn start(mut self, node: &Node, identifier: &str, inherited: &Map) -> Result<Node, Diagnostic> {
        let Kind::Map(map) = &node.kind else { return Ok(node.clone()) };
        let (kind, field) = identifier.split_once('.').unwrap_or_default();
        let component = self.component(map, Holder { kind, field }, inherited, 0);
        match self.excess {
            Some(excess) if excess.at == Position::default() => Err(Diagnostic { at: node.at, ..excess }),
            Some(excess) => Err(excess),
            None => Ok(Node::new(Kind::Map(component), node.at)),
        }
    }

    fn component(&mut self, map: &Map, holder: Holder<'_>, inherited: &Map, depth: usize) -> Map {
        if self.excess.is_some() {
            return map.clone();
        }
        if depth > 2 * DEPTH {
            let at = map.iter().next().map(|entry| entry.at).unwrap_or_default();
            let message = format!("components with their parameters lie more than {} deep in each other", 2 * DEPTH);
            self.excess = Some(Diagnostic::error(at, message));
            return map.clone();
        }
        self.spend(1, map.iter().next().map(|entry| entry.at).unwrap_or_default());
        let missing = if map.get("type").is_none() { default_type(map, holder) } else { None };
        let plain = (inherited.is_empty() && map.get(PARAMETERS).is_none()).then(|| (map.identity(), missing));
        if let Some((_, done)) = plain.as_ref().and_then(|plain| self.plain.get(plain)) {
            return done.clone();
        }
        let mut component = map.clone();
        if let Some(kind) = missing {
            let value = Node::new(Kind::Text(kind.to_owned()), Position::default());
            component.insert(Entry { key: "type".to_owned(), at: Position::default(), value });
        }
        let own = component.remove(PARAMETERS);
        let parameters = self.effective(inherited, own.as_ref());
        match component.get("type").map(|kind| &kind.kind) {
            Some(Kind::List(_) | Kind::Map(_)) => {}
            Some(Kind::Text(kind)) if kind == "object" => {}
            Some(_) => self.typed(&mut component, parameters, own.as_ref(), depth),
            None => self.untyped(&mut component, holder, &parameters, depth),
        }
        if let Some(plain) = plain {
            self.plain.insert(plain, (map.clone(), component.clone()));
        }
        component
    }

    fn effective(&self, inherited: &Map, own: Option<&Entry>) -> Map {
        let Some(own) = own.and_then(|own| own.value.as_map()) else { return inherited.clone() };
        let (base, over) = if self.use_parent { (own, inherited) } else { (inherited, own) };
        match (base.is_empty(), over.is_empty()) {
            (true, _) => over.clone(),
            (_, true) => base.clone(),
            _ => Map::from_pairs(base.iter().chain(over.iter()).cloned()),
        }
    }

    fn typed(&mut self, component: &mut Map, mut parameters: Map, own: Option<&Entry>, depth: usize) {
        let mut taken: Vec<String> = Vec::new();
        let (own_at, own_value_at) = own.map(|own| (own.at, own.value.at)).unwrap_or_default();
        for parameter in &parameters {
            if component.get(&parameter.key).is_some_and(is_truthy) {
                continue;
            }
            self.charge(&parameter.value, own_at);
            if matches!(parameter.value.kind, Kind::List(_)) {
                taken.push(parameter.key.clone());
            }
            component.insert(parameter.clone());
        }
        let kind = component.get("type").and_then(Node::as_str).unwrap_or_default().to_owned();
        for at in 0..component.len() {
            let Some(Entry { key, value, .. }) = component.iter().nth(at) else { break };
            // A parameter is not given to the field of its own name: it would hold itself.
            let holder = Holder { kind: &kind, field: key };
            let changed = match &value.kind {
                Kind::Map(map) => {
                    let withheld = parameters.remove(key);
                    let child = self.component(map, holder, &parameters, depth + 1);
                    restore(&mut parameters, withheld);
                    (child.identity() != map.identity()).then(|| Node::new(Kind::Map(child), value.at))
                }
                Kind::List(items) => {
                    let mut withheld = parameters.remove(key);
                    let changed = self.items(items, holder, &parameters, depth);
                    let changed = changed.map(|items| Node::new(Kind::List(items), value.at));
                    // The field and the parameter that it was taken from are one list.
                    if let (Some(changed), Some(withheld)) = (&changed, &mut withheld)
                        && taken.contains(key)
                    {
                        withheld.value = changed.clone();
                    }
                    restore(&mut parameters, withheld);
                    changed
                }
                _ => None,
            };
            if let Some(changed) = changed {
                component.replace(at, changed);
            }
        }
        if !parameters.is_empty() {
            let value = Node::new(Kind::Map(parameters), own_value_at);
            self.charge(&value, own_at);
            component.insert(Entry { key: PARAMETERS.to_owned(), at: own_at, value });
        }
    }

    /// Takes a given value from the budget, with all that is in it. `at` is where it was asked for.
    fn charge(&mut self, value: &Node, at: Position) {
        let text = value.as_str().map_or(0, str::len);
        self.spend(1 + text / 32, at);
        if self.excess.is_some() {
            return;
        }
        match &value.kind {
            Kind::List(items) => items.iter().for_each(|item| self.charge(item, at)),
            Kind::Map(map) => map.iter().for_each(|entry| self.charge(&entry.value, at)),
            _ => {}
        }
    }

    fn spend(&mut self, values: usize, at: Position) {
        match self.budget.checked_sub(values) {
            Some(left) => self.budget = left,
            None => {
                self.excess.get_or_insert_with(|| {
                    Diagnostic::error(at, format!("`{PARAMETERS}` give components more than {BUDGET} values"))
                        .with_help("keep components and long lists out of the parameters; refer to them with `$ref`")
                });
            }
        }
    }

    /// The components of a list; none if nothing changes. Lists in lists stay as they are.
    fn items(&mut self, items: &[Node], holder: Holder<'_>, parameters: &Map, depth: usize) -> Option<Vec<Node>> {
        let mut changed: Option<Vec<Node>> = None;
        for (at, item) in items.iter().enumerate() {
            let Kind::Map(map) = &item.kind else { continue };
            let child = self.component(map, holder, parameters, depth + 1);
            if child.identity() != map.identity()
                && let Some(slot) = changed.get_or_insert_with(|| items.to_vec()).get_mut(at)
            {
                slot.kind = Kind::Map(child);
            }
        }
        changed
    }

    /// A mapping that is no component may hold components directly; they count as held by its own holder.
    fn untyped(&mut self, component: &mut Map, holder: Holder<'_>, parameters: &Map, depth: usize) {
        for at in 0..component.len() {
            let Some(Entry { value, .. }) = component.iter().nth(at) else { break };
            if let Kind::Map(map) = &value.kind
                && map.get("type").is_some_and(is_truthy)
            {
                let child = self.component(map, holder, parameters, depth + 1);
                if child.identity() != map.identity() {
                    let changed = Node::new(Kind::Map(child), value.at);
                    component.replace(at, changed);
                }
            }
        }
    }
}

/// Puts a withheld parameter back, at the end; what is empty is lost, as in the Python CDK.
fn restore(parameters: &mut Map, withheld: Option<Entry>) {
    if let Some(withheld) = withheld.filter(|withheld| is_truthy(&withheld.value)) {
        parameters.insert(withheld);
    }
}

/// What Python takes for true.
fn is_truthy(node: &Node) -> bool {
    match &node.kind {
        Kind::Null => false,
        Kind::Bool(flag) => *flag,
        Kind::Int(number) => number.as_i64() != Some(0),
        Kind::Float(number) => *number != 0.0,
        Kind::Text(text) => !text.is_empty(),
        Kind::Date(_) => true,
        Kind::List(items) => !items.is_empty(),
        Kind::Map(map) => !map.is_empty(),
    }
}

fn default_type(map: &Map, holder: Holder<'_>) -> Option<&'static str> {
    match map.get("class_name") {
        Some(_) => custom_type(holder),
        None => own_type(holder),
    }
}

/// The type of a component of the CDK in a field that usually has one.
fn own_type(holder: Holder<'_>) -> Option<&'static str> {
    Some(match (holder.kind, holder.field) {
        ("CompositeErrorHandler", "error_handlers") => "DefaultErrorHandler",
        ("CursorPagination" | "DefaultPaginator" | "DpathExtractor", "decoder") => "JsonDecoder",
        ("DatetimeBasedCursor", "start_datetime" | "end_datetime") => "MinMaxDatetime",
        ("DatetimeBasedCursor", "start_time_option" | "end_time_option") => "RequestOption",
        ("DeclarativeSource", "check") => "CheckStream",
        ("DeclarativeSource", "spec") => "Spec",
        ("DeclarativeSource", "streams") => "DeclarativeStream",
        ("DeclarativeStream", "retriever") => "SimpleRetriever",
        ("DeclarativeStream", "schema_loader") => "JsonFileSchemaLoader",
        ("DynamicDeclarativeStream", "stream_template") => "DeclarativeStream",
        // No component has this name, there as here: the field needs its type.
        ("DynamicDeclarativeStream", "components_resolver") => "ConfigComponentResolver",
        ("HttpComponentsResolver", "retriever") => "SimpleRetriever",
        ("HttpComponentsResolver" | "ConfigComponentsResolver", "components_mapping") => "ComponentMappingDefinition",
        ("ConfigComponentsResolver", "stream_config") => "StreamConfig",
        ("DefaultErrorHandler", "response_filters") => "HttpResponseFilter",
        ("DefaultPaginator", "page_size_option") => "RequestOption",
        ("DpathExtractor", "record_expander") => "RecordExpander",
        ("HttpRequester", "error_handler") => "DefaultErrorHandler",
        ("ListPartitionRouter" | "ParentStreamConfig", "request_option") => "RequestOption",
        ("ParentStreamConfig", "stream") => "DeclarativeStream",
        ("RecordExpander", "parent_fields") => "ParentFieldPath",
        ("RecordSelector", "extractor") => "DpathExtractor",
        ("RecordSelector", "record_filter") => "RecordFilter",
        ("SimpleRetriever", "paginator") => "NoPagination",
        ("SimpleRetriever", "record_selector") => "RecordSelector",
        ("SimpleRetriever", "requester") => "HttpRequester",
        ("SubstreamPartitionRouter" | "CustomPartitionRouter", "parent_stream_configs") => "ParentStreamConfig",
        ("AddFields", "fields") => "AddedFieldDefinition",
        ("DynamicSchemaLoader", "retriever") => "SimpleRetriever",
        ("SchemaTypeIdentifier", "types_map") => "TypesMap",
        _ => return None,
    })
}

/// The type of a component with a `class_name`.
fn custom_type(holder: Holder<'_>) -> Option<&'static str> {
    Some(match (holder.kind, holder.field) {
        ("CompositeErrorHandler" | "DefaultErrorHandler", "backoff_strategies") => "CustomBackoffStrategy",
        ("DeclarativeStream", "retriever") => "CustomRetriever",
        ("DeclarativeStream", "transformations") => "CustomTransformation",
        ("DefaultPaginator", "pagination_strategy") => "CustomPaginationStrategy",
        ("HttpRequester", "authenticator") => "CustomAuthenticator",
        ("HttpRequester", "error_handler") => "CustomErrorHandler",
        ("RecordSelector", "extractor") => "CustomRecordExtractor",
        ("SimpleRetriever", "partition_router") => "CustomPartitionRouter",
        _ => return None,
    })
}
