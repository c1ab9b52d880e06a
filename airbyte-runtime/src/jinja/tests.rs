use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Environment, Parameters, PyType, Scope, Template, record, stream_slice};
use crate::error::ErrorKind;
use crate::python::PyValue;

fn environment() -> Arc<Environment> {
    Environment::new(&json!({
        "i": 7, "f": 1.5, "b": true, "n": null, "s": "text", "l": [1, "two", 3.0, null],
        "d": {"x": {"y": 1}, "items": 5, "é": "ü"}, "lit": "1e5", "date": "2024-01-31", "e": [],
        "words": ["b", "A", "c"],
        "objs": [{"k": 2, "t": "x"}, {"k": 1, "t": "y"}, {"k": 2, "t": "X"}],
    }))
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn parameters() -> Parameters {
    Arc::new(object(json!({"pp": "v"})))
}

fn scope() -> Scope {
    let slice = stream_slice(
        &object(json!({"p": "x"})),
        &object(json!({"start_time": "2024-01-01"})),
        &object(json!({"q": [1]})),
    );
    let record = record(&json!({"id": 1, "z": "12", "data": "own", "nested": {"a": [1, 2]}}));
    Scope::new().with("record", record).with("stream_slice", slice)
}

fn template(text: &str) -> Template {
    Template::new(&environment(), text, &parameters()).unwrap()
}

/// What airbyte-cdk 7.39.1 yields: `=` and the `repr`, or `!` and whether something was undefined.
const VECTORS: &str = include_str!("tests/vectors.jsonl");

#[test]
fn evaluates_as_the_python_cdk() {
    let (environment, parameters, scope) = (environment(), parameters(), scope());
    let mut differences = Vec::new();
    for line in VECTORS.lines() {
        let (text, expected): (String, String) = serde_json::from_str(line).unwrap();
        let value = Template::new(&environment, &text, &parameters).and_then(|template| template.eval(&scope));
        let actual = match value {
            Ok(value) => format!("={}", value.repr()),
            Err(error) if error.message().ends_with("is undefined") => "!undefined".to_owned(),
            Err(_) => "!error".to_owned(),
        };
        if actual != expected {
            differences.push(format!("{text}\n  expected {expected}\n  actual   {actual}"));
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn takes_a_default_per_place() {
    let scope = scope();
    // Template, as a text, as an entry of a mapping, as a condition.
    for (text, string, entry, condition) in [
        ("{{ config.missing }}", Some("''"), "None", false),
        ("{{ config.a.b }}", None, "None", false),
        ("{{ none }}", Some("None"), "None", false),
        ("", Some("''"), "None", false),
        ("{{ 'a' > 3 }}", Some("\"{{ 'a' > 3 }}\""), "\"{{ 'a' > 3 }}\"", true),
        ("{{ 0.0 }}", Some("0.0"), "0.0", false),
        ("{{ '[]' }}", Some("[]"), "[]", false),
        ("no", Some("'no'"), "'no'", true),
        ("false", Some("'false'"), "'false'", false),
        (" ", Some("' '"), "' '", true),
        ("007", Some("'007'"), "'007'", true),
        ("1e5", Some("100000.0"), "100000.0", true),
        ("5\n", Some("5"), "5", true),
        ("x\n\n", Some("'x\\n'"), "'x\\n'", true),
    ] {
        let template = template(text);
        assert_eq!(template.eval(&scope).ok().map(|value| value.repr()).as_deref(), string, "{text:?}");
        assert_eq!(template.eval_entry(&scope, &[]).unwrap().repr(), entry, "{text:?}");
        assert_eq!(template.condition(&scope).unwrap(), condition, "{text:?}");
    }
}

#[test]
fn converts_only_to_the_types_asked_for() {
    let scope = scope();
    for (text, valid, expected) in [
        ("5", &[PyType::Float][..], "'5'"),
        ("{{ 5.0 }}", &[PyType::Int], "'5.0'"),
        ("True", &[PyType::Bool], "True"),
        ("True", &[PyType::Int], "True"),
        ("true", &[PyType::Bool], "'true'"),
        ("{{ ['p', 'q'] }}", &[PyType::Str, PyType::List], "['p', 'q']"),
        ("1,2", &[PyType::Str, PyType::List], "'1,2'"),
        ("'in quotes'", &[PyType::Str, PyType::List], "'in quotes'"),
        ("{{ none }}", &[PyType::Str], "'None'"),
    ] {
        assert_eq!(template(text).eval_as(&scope, valid).unwrap().repr(), expected, "{text}");
        assert_eq!(template(text).eval_entry(&scope, valid).unwrap().repr(), expected, "{text}");
    }
}

#[test]
fn says_what_it_reads() {
    let paths = |text: &str| {
        let paths = template(text).paths_of("response")?;
        Some(paths.iter().map(|path| path.join("/")).collect::<Vec<_>>().join(" "))
    };
    for (text, expected) in [
        ("static", Some("")),
        ("{{ config.a }}", Some("")),
        ("{{ response.a['b'].get('c', {}) }}", Some("a/b/c")),
        ("{{ response.get('a', response.b).c }}", Some("a/c b")),
        ("{{ response.a[0].x if response.b is defined }}", Some("b a")),
        ("{{ response.a.keys() }}", Some("a")),
        ("{{ response.a | length }}", Some("a")),
        ("{{ response.a[response.b] }}", Some("a b")),
        ("{% for x in response.a %}{{ x.y }}{% endfor %}", Some("a")),
        ("{{ response }}", None),
        ("{{ response | length }}", None),
        ("{{ response.items() }}", None),
        ("{{ response[config.k] }}", None),
        ("{{ response[0] }}", None),
    ] {
        assert_eq!(paths(text).as_deref(), expected, "{text}");
    }
    assert_eq!(template("{{ last_record.data.id }}").paths_of("last_record"), None);
    assert!(template("{{ stream_partition.p }}").mentions("stream_slice"));
    assert!(!template("{% set x = 1 %}{{ x }}").mentions("x"));
}

#[test]
fn explains_its_errors() {
    let scope = scope();
    let error = template("{{ foo.x }}").eval(&scope).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::System);
    assert_eq!(
        error.message(),
        "the template `{{ foo.x }}` uses `foo`, which does not exist here; available are config, parameters, record, \
         stream_slice, stream_interval, stream_partition"
    );
    let retired = template("{{ stream_state.x }}").eval(&scope).unwrap_err();
    assert_eq!(retired.kind(), ErrorKind::Config);
    let undefined = template("{{ config.a.b['c'] }}").eval(&scope).unwrap_err();
    assert!(undefined.message().ends_with("cannot be evaluated: `config.a` is undefined"), "{undefined}");
    let invalid = Template::new(&environment(), "{{ 1 +", &parameters()).unwrap_err();
    assert!(invalid.message().starts_with("the template `{{ 1 +` is not valid: "), "{invalid}");
}

#[test]
fn bounds_what_is_hostile() {
    for text in [
        "{% set ns = namespace(x=[]) %}{% for c in 'a' * 100000 %}{% set ns.x = [ns.x] %}{% endfor %}",
        &format!("{{% set a = 'xxxxxxxx' %}}{}", "{% set a = a + a %}".repeat(40)),
        &format!("{{% set a = [1] %}}{}", "{% set a = a + a %}".repeat(40)),
        &format!("{{% set d = duration('P1Y') %}}{}", "{% set d = d + d %}".repeat(70)),
        &format!("{{% set d = duration('P1D') %}}{}", "{% set d = d + d %}".repeat(130)),
        "{{ duration('P1Y') * 9223372036854775807 }}",
        "{% set x = [0] * 1000 %}{% for c in 'a' * 100000 %}{% set _ = x.append(x) %}{% endfor %}",
        "{% set ns = namespace(x=[]) %}{% for c in 'a' * 100000 %}{% set _ = ns.x.append([]) %}{% set ns.x = ns.x[0] %}\
         {% endfor %}",
        "{% set d = {} %}{% for c in 'a' * 100000 %}{% set _ = d.update({c ~ loop.index: d}) %}{% endfor %}",
    ] {
        assert!(template(text).eval(&Scope::new()).is_err(), "{text}");
    }
    let rounded = template("{{ 170141183460469231731687303715884105727 | round(-38) }}").eval(&Scope::new());
    assert!(rounded.is_ok());
    let scope = scope();
    let loops = "{% set l = config.l * 1000 %}{% for a in l %}{% for b in l %}{% for c in l %}{% endfor %}{% endfor %}{% endfor %}";
    for text in [
        loops.to_owned(),
        "{{ 'a' * 1000000000 }}".to_owned(),
        "{{ 10 ** 1000 }}".to_owned(),
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}".to_owned(),
        "{{ '%999999999d' % 1 }}".to_owned(),
    ] {
        assert!(template(&text).eval(&scope).is_err(), "{text}");
    }
    for text in [
        format!("{{{{ {}1 }}}}", "1 + ".repeat(10_000)),
        format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("{{{{ 1{} }}}}", ".x".repeat(10_000)),
    ] {
        assert!(Template::new(&environment(), &text, &parameters()).is_err(), "{}", text.len());
    }
}

#[test]
fn bounds_memory_and_time() {
    let grows = |start: &str, step: &str| {
        format!(
            "{{% set ns = namespace(x={start}) %}}{{% for i in [1] * 40 %}}{{% set ns.x = {step} %}}{{% endfor %}}\
             {{{{ ns.x | length }}}}"
        )
    };
    for text in [
        &grows("'x'", "ns.x ~ ns.x"),
        &grows("'x'", "ns.x + ns.x"),
        &grows("[1]", "ns.x + ns.x"),
        &grows("(1, 2)", "ns.x + ns.x"),
        &grows("'x'", "ns.x | replace('x', 'x' * 1000)"),
        &grows("'x'", "'{0}{0}'.format(ns.x)"),
        &format!("{{% set a = [1] %}}{}", "{% set a = [a, a] %}".repeat(60)),
        &format!("{{% set a = {{}} %}}{}", "{% set a = {'x': a, 'y': a} %}".repeat(60)),
        "{{ ('x' * 1000000).replace('x', 'y' * 1000000) }}",
        "{{ 'x' | replace('', 'x' * 1000000) | replace('x', 'x' * 1000000) }}",
        "{{ (['x' * 1000000] * 100000) | join }}",
        "{{ ('x' * 1000000).join(['a'] * 10000) }}",
        "{{ (['x' * 1000000] * 100000) | sort }}",
        "{{ (['x' * 1000000] * 100000) | map('upper') | list }}",
        "{{ (['x' * 1000000] * 100000) | unique }}",
        "{{ ('a' * 10000000) | list | sort }}",
        "{{ ('y' * 1000000) in (['x' * 1000000] * 100000) }}",
        "{{ ('\n' * 1000000) | indent('x' * 1000000, blank=true) }}",
        "{{ ('{0:9999}' * 100000).format(1) }}",
        "{{ '%(a)9999d' * 100000 % {'a': 1} }}",
        "{{ ('x' * 1000000).strip('y' * 500000 + 'x') }}",
        "{{ ('ab' * 500000) | regex_search('((a|b|ab){1,40}){1,40}c') }}",
        "{{ ('ab' * 50) | regex_replace('', 'x' * 1000000) }}",
        "{{ (' ' * 900000 ~ ' a' * 400000).split(' ') }}",
    ] {
        let error = template(text).eval(&Scope::new()).unwrap_err();
        let message = error.message();
        let is_limit = ["steps", "longer than", "more than", "larger than"].iter().any(|limit| message.contains(limit));
        assert!(is_limit, "{message}");
    }
    for text in [
        "{{ ('ab' * 500000) | length }}",
        "{{ ('ab' * 500000)[-3:] }}",
        "{{ ('ab' * 5000) | regex_search('(a|b|ab)*c') }}",
    ] {
        assert!(template(text).eval(&Scope::new()).is_ok(), "{text}");
    }
}

#[test]
fn bounds_the_depth_of_values() {
    let deep = "[".repeat(60) + "a" + &"]".repeat(60);
    let looped = |start: &str, step: &str| {
        format!(
            "{{% set ns = namespace(x={start}) %}}{{% for i in [1] * 200000 %}}{{% set n = {step} %}}\
             {{% set ns.x = n %}}{{% endfor %}}{{{{ ns.x }}}}"
        )
    };
    for text in [
        &format!("{{% set a = 1 %}}{}{{{{ a }}}}", format!("{{% set a = {deep} %}}").repeat(12)),
        &format!("{{% set a = 1 %}}{}{{{{ a }}}}", "{% set a = [a] | batch(1) %}".repeat(150)),
        &format!("{{% set a = [1] %}}{}", "{% set a = [a].append %}".repeat(180)),
        &format!("{{% set a = [1] %}}{}", "{% set a = cycler(a) %}".repeat(215)),
        &format!("{{% macro m(a) %}}{{{{ m({deep}) }}}}{{% endmacro %}}{{{{ m(1) }}}}"),
        &looped("1", "[ns.x]"),
        &looped("1", "(ns.x, 1)"),
        &looped("1", "{'a': ns.x}"),
        &looped("1", "[ns.x].append"),
        &looped("1", "cycler(ns.x)"),
        &looped("1", "namespace(y=ns.x)"),
        &looped("1", "ns"),
    ] {
        assert!(template(text).eval(&Scope::new()).is_err(), "{text:.200}");
    }
}

#[test]
fn bounds_numbers_and_durations() {
    for text in [
        "{{ duration('P1Y') * 9223372036854775807 + duration('P1Y') }}",
        "{{ duration('P1Y') * 9223372036854775807 == duration('P1Y') }}",
        "{{ now_utc() + duration('P1Y') * 9223372036854775807 }}",
        "{{ -(duration('P1Y') * -9223372036854775808) }}",
        "{{ duration('P1M') * 170141183460469231731687303715884105727 }}",
        "{{ duration('P9223372036854775807Y') }}",
        "{{ duration('-P9223372036854775807M') }}",
        "{{ duration('P10001Y') }}",
        "{{ duration('P9999Y') + duration('P9999Y') }}",
        "{{ 1e300 | int }}",
        "{{ '-1e300' | int }}",
        "{{ ('9' * 50) | int }}",
        "{{ 170141183460469231731687303715884105728.0 | int }}",
    ] {
        assert!(template(text).eval(&Scope::new()).is_err(), "{text}");
    }
    for (text, expected) in [
        ("{{ -duration('P10000Y') == duration('-P10000Y') }}", "True"),
        ("{{ 1e30 | int }}", "1000000000000000019884624838656"),
        ("{{ 'inf' | int }}", "0"),
        ("{{ 'x' | int(3) }}", "3"),
    ] {
        assert_eq!(template(text).eval(&Scope::new()).unwrap().repr(), expected, "{text}");
    }
}

#[test]
fn names_the_method_that_a_value_lacks() {
    for (text, expected) in [
        ("{{ config.s.expandtabs() }}", "a text has no method `expandtabs`: `config.s.expandtabs` is undefined"),
        ("{{ config.l.f() }}", "a list has no method `f`: `config.l.f` is undefined"),
        ("{{ config.d.f() }}", "a mapping has no method `f`: `config.d.f` is undefined"),
        ("{{ config.i.f() }}", "a number has no method `f`: `config.i.f` is undefined"),
    ] {
        let error = template(text).eval(&Scope::new()).unwrap_err();
        assert!(error.message().ends_with(expected), "{error}");
    }
    assert_eq!(template("{{ 'x'.expandtabs }}").eval(&Scope::new()).unwrap().repr(), "''");
}

#[test]
fn lets_a_scope_hide_the_configuration() {
    let template = template("{{ config.i }}");
    assert_eq!(template.eval(&Scope::new()).unwrap(), PyValue::Int(7));
    let hidden = Scope::new().with("config", minijinja::Value::from(()));
    assert_eq!(template.eval(&hidden).unwrap(), PyValue::Str(String::new()));
    assert_eq!(template.eval(&Scope::new()).unwrap(), PyValue::Int(7));
}

#[test]
fn remembers_a_template_that_gave_its_own_text() {
    let template = template("{{ response.a + 1 }}");
    let with = |value: Value| Scope::new().with("response", super::json(&json!({ "a": value })));
    assert_eq!(template.eval(&with(json!("x"))).unwrap(), PyValue::Str("{{ response.a + 1 }}".to_owned()));
    assert_eq!(template.eval(&with(json!(1))).unwrap(), PyValue::Str("{{ response.a + 1 }}".to_owned()));
    assert_eq!(template.eval_entry(&with(json!(1)), &[]).unwrap(), PyValue::Int(2));
}

#[test]
fn is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Template>();
    shared::<Environment>();
}
