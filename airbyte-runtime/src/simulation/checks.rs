//! How long a person waits for the check of a manifest, whatever the API does.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::scenario::runtime;
use super::script::{self, Said};
use super::shape::Shape;
use crate::config::Redactor;
use crate::error::Result;
use crate::output;
use crate::read::Context;
use crate::run::{ConfigFile, FrontEnd as _, Prepared, Purpose, check_streams};

/// What comes of a check whose requests are all answered in one way, and the seconds that it took.
fn check(manifest: &Value, mut answer: impl FnMut() -> Said + Send + 'static) -> (Result<()>, u64) {
    runtime().block_on(async {
        script::enter(move |_| answer());
        let front_end = crate::manifest::of_text(&manifest.to_string()).expect("a manifest");
        let output = output::unheard(Redactor::default());
        let config = ConfigFile { path: "config.json".into(), value: Shape::config() };
        let began = Instant::now();
        let checked = async {
            let Prepared { plan, client } = front_end.prepare(config, &output, Purpose::Check).await?;
            check_streams(&Context::new(plan, client, output.clone())).await
        };
        let checked = checked.await;
        super::leave();
        (checked, began.elapsed().as_secs())
    })
}

fn retriever(path: &str) -> Value {
    json!({
        "type": "SimpleRetriever",
        "requester": {"type": "HttpRequester", "url_base": "https://api.example/", "path": path},
        "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": []}},
    })
}

fn stream(path: &str) -> Value {
    json!({
        "type": "DeclarativeStream",
        "name": "rows",
        "schema_loader": {"type": "InlineSchemaLoader", "schema": {"type": "object"}},
        "retriever": retriever(path),
    })
}

/// A stream of the manifest's own, and one whose name only the API knows: before that is checked, it is asked for.
pub(super) fn manifests() -> [Value; 2] {
    let base = json!({
        "version": "7.0.0",
        "type": "DeclarativeSource",
        "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
    });
    let (mut own, mut asked_for) = (base.clone(), base);
    own["check"] = json!({"type": "CheckStream", "stream_names": ["rows"]});
    own["streams"] = json!([stream("rows")]);
    asked_for["check"] = json!({"type": "CheckDynamicStream", "stream_count": 1});
    asked_for["dynamic_streams"] = json!([{
        "type": "DynamicDeclarativeStream",
        "name": "tables",
        "stream_template": stream("placeholder"),
        "components_resolver": {
            "type": "HttpComponentsResolver",
            "retriever": retriever("tables"),
            "components_mapping": [{
                "type": "ComponentMappingDefinition", "field_path": ["name"], "value": "{{ components_values['name'] }}",
            }],
        },
    }]);
    [own, asked_for]
}

#[test]
fn nobody_waits_long_for_the_check_of_a_manifest() {
    let limited = || Said { status: 429, headers: "retry-after: 3000\r\n".to_owned(), ..Said::after(0, json!({})) };
    let silent = || Said::after(100_000, json!([]));
    let busy = || Said { status: 503, ..Said::after(0, json!({})) };
    for manifest in manifests() {
        for (answer, most) in [(limited as fn() -> Said, 3), (silent, 30), (busy, 30)] {
            let (checked, seconds) = check(&manifest, answer);
            assert!(checked.is_err(), "{manifest}");
            assert!(seconds <= most, "{seconds} s, not {most}: {checked:?} {manifest}");
        }
        let (checked, _) = check(&manifest, || Said::after(5, json!([{"id": 1, "name": "one"}])));
        checked.expect("an API that is slow, but answers");
        let mut asked = 0;
        let (checked, _) = check(&manifest, move || {
            asked += 1;
            match asked {
                1 | 2 => busy(),
                3 => Said { status: 429, headers: "retry-after: 10\r\n".to_owned(), ..Said::after(0, json!({})) },
                _ => Said::after(0, json!([{"id": 1, "name": "one"}])),
            }
        });
        checked.expect("an API that recovers soon");
    }
}
