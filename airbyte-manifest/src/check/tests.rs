use crate::{Diagnostic, Manifest};

use super::duration::is_duration;
use super::format::fault;
use super::jinja;

/// The findings of a manifest with one stream, `users`, that has more lines in its retriever or beside it.
fn findings(requester: &str, retriever: &str, stream: &str) -> Vec<String> {
    let text = format!(
        "version: 7.39.1
check: {{ type: CheckStream, stream_names: [users] }}
streams:
  - type: DeclarativeStream
    name: users
{stream}
    retriever:
      type: SimpleRetriever
      record_selector: {{ type: RecordSelector, extractor: {{ type: DpathExtractor, field_path: [] }} }}
{retriever}
      requester:
        type: HttpRequester
        url: https://api.example.com
{requester}
spec: {{ type: Spec, connection_specification: {{}} }}
"
    );
    let findings = match Manifest::load(&text, "manifest.yaml", false) {
        Ok(manifest) => manifest.report.findings,
        Err(report) => report.findings,
    };
    findings.iter().map(|Diagnostic { message, .. }| message.clone()).collect()
}

#[test]
fn durations() {
    for text in ["P1D", "P1Y2M3W4DT5H6M7.5S", "PT0S", "PT0.000001S", "P1W", "-P1D", "PT1M", "P0,5D", "P"] {
        assert_eq!(is_duration(text), text != "P", "{text}");
    }
    for text in ["10 days", "", "1D", "P1", "PD", "P1H", "PT1D", "P1D1Y", "P1.D", "p1d"] {
        assert!(!is_duration(text), "{text}");
    }
}

#[test]
fn formats() {
    for text in ["%s", "%ms", "%s_as_float", "%epoch_microseconds", "%Y-%m-%dT%H:%M:%S.%_msZ", "at:%Y", "100%%"] {
        assert_eq!(fault(text), None, "{text}");
    }
    for text in ["YYYY-MM-DD", "%Y-%Q", "%Y%", "%Y %s", "%-d"] {
        assert!(fault(text).is_some(), "{text}");
    }
}

#[test]
fn what_a_template_names() {
    let template = jinja::parse(
        "{% set x = config['a'] %}{% for y in record.items() %}{{ x + y }}{% endfor %}\n{{ now_utc() | nothing }}{{ z }}",
    )
    .unwrap_or_default();
    assert_eq!(template.variables.iter().collect::<Vec<_>>(), ["config", "record", "z"]);
    assert_eq!(
        template.unknown_filters.iter().map(|filter| (&*filter.name, filter.line)).collect::<Vec<_>>(),
        [("nothing", 2)]
    );
    assert_eq!(template.line_of("z"), 2);
    let keys: Vec<_> = template.accesses.iter().map(|access| (&*access.name, &*access.key)).collect();
    assert_eq!(keys, [("config", "a"), ("record", "items")]);
    let with_colons = jinja::parse("{% if x: %}{% for y in z: %}{{ y }}{% endfor %}{% endif %}").unwrap_or_default();
    assert_eq!(with_colons.variables.iter().collect::<Vec<_>>(), ["x", "z"]);
    let error = jinja::parse("a\n{{ b").err().map(|error| error.line);
    assert_eq!(error, Some(2));
}

/// A few kilobytes of one operator would end the stack of the parser, and with it the process.
#[test]
fn long_templates_are_refused_before_they_are_parsed() {
    let repeated = |part: &str, times: usize| {
        let whole = |chain: String| format!("{{{{ {chain} }}}}");
        match part {
            "-" | "not " | "1+" | "1 if 0 else " | "(" | "[" => whole(format!("{}1", part.repeat(times))),
            "{% elif 0 %}" => format!("{{% if 0 %}}{}{{% endif %}}", part.repeat(times)),
            "{% if 1 %}" => part.repeat(times),
            _ => whole(format!("a{}", part.repeat(times))),
        }
    };
    for (part, tokens) in [
        ("1+", 2),
        ("-", 1),
        ("not ", 1),
        ("1 if 0 else ", 4),
        ("(", 1),
        ("[", 1),
        (".a", 2),
        ("[0]", 3),
        ("()", 2),
        ("|int", 2),
        ("~1", 2),
        (" and 1", 2),
        (" is a", 2),
        (" == 1", 2),
        ("**1", 2),
        ("{% elif 0 %}", 4),
        ("{% if 1 %}", 4),
    ] {
        let error = jinja::parse(&repeated(part, 10_000)).map(|_| ()).map_err(|error| error.detail);
        let expected = match part {
            "(" | "[" => "its brackets stand more than 64 deep in each other",
            _ => "its expressions have more than 2000 words and signs",
        };
        assert_eq!(error, Err(expected.to_owned()), "{part}");
        // What is let through ends, whatever it says.
        let _ = jinja::parse(&repeated(part, 1_980 / tokens));
    }
}

#[test]
fn slices_have_the_keys_of_routers_and_windows() {
    let cursor = "    incremental_sync: { type: DatetimeBasedCursor, cursor_field: at, datetime_format: '%s', start_datetime: '0' }";
    let list = "      partition_router: { type: ListPartitionRouter, cursor_field: kind, values: [a] }";
    let custom = "      partition_router: { type: CustomPartitionRouter, class_name: a.B }";
    let named =
        "      partition_router: { type: ListPartitionRouter, cursor_field: \"{{ config['x'] }}\", values: [a] }";
    let cases = [
        ("stream_partition.kind", list, "", 0),
        ("stream_slice['kind']", list, "", 0),
        ("stream_partition.knd", list, "", 1),
        ("stream_partition.get('knd')", list, "", 0),
        ("stream_partition.parent_slice", list, "", 0),
        ("stream_interval.start_time", list, cursor, 0),
        ("stream_interval.start", list, cursor, 1),
        ("stream_interval.start_time", "", "", 1),
        ("stream_partition.any", custom, "", 0),
        ("stream_partition.any", named, "", 0),
    ];
    for (expression, retriever, stream, expected) in cases {
        let requester = format!("        request_headers: {{ a: \"{{{{ {expression} }}}}\" }}");
        let found = findings(&requester, retriever, stream);
        assert_eq!(found.len(), expected, "{expression}: {found:?}");
    }
}

#[test]
fn templates_see_the_variables_of_their_place() {
    let cases = [
        (
            "request_headers: { a: '{{ record.id }}' }",
            Some("request_headers: `record` is not known here, the stream fails"),
        ),
        ("request_headers: { a: '{{ next_page_token }}' }", None),
        (
            "request_headers: { a: '{{ nowutc() }}' }",
            Some("request_headers: `nowutc` is not known here, the stream fails"),
        ),
        (
            "request_body: { type: RequestBodyJsonObject, value: { a: [{ b: '{{ reponse }}' }] } }",
            Some("value: `reponse` is not known here, the stream fails"),
        ),
        ("request_parameters: { type: Todo, b: '{{ config.x }}' }", None),
        (
            "authenticator: { type: BearerAuthenticator, api_token: '{{ stream_slice.x }}' }",
            Some("api_token: `stream_slice` is not known here, the stream fails"),
        ),
    ];
    for (requester, expected) in cases {
        let found = findings(&format!("        {requester}"), "", "");
        let first = found.iter().find(|finding| expected.is_none_or(|expected| *finding == expected));
        assert_eq!(first.map(String::as_str), expected, "{requester}: {found:?}");
    }
}

#[test]
fn only_constants_that_change_are_told() {
    for (value, expected) in [
        ("'1.10'", 1),
        ("\"{{ '1.10' }}\"", 1),
        ("'1.1'", 0),
        ("'2024-01'", 0),
        ("v1.10", 0),
        ("\"'1.10'\"", 0),
        ("'007'", 0),
    ] {
        let found = findings(&format!("        request_headers: {{ Version: {value} }}"), "", "");
        assert_eq!(found.len(), expected, "{value}: {found:?}");
    }
}

#[test]
fn definitions_are_used_through_each_other_and_by_anchors() {
    let text = "
version: 7.39.1
check: { type: CheckStream, stream_names: [users] }
definitions:
  streams:
    users:
      type: DeclarativeStream
      name: users
      retriever:
        type: SimpleRetriever
        requester: { $ref: '#/definitions/requester' }
        record_selector: { type: RecordSelector, extractor: *extractor }
    forgotten: { type: DeclarativeStream }
  options: [{ $ref: '#/definitions/unused_option' }, { $ref: '#/definitions/option' }]
  option: { type: NoAuth }
  unused_option: { type: NoAuth }
  requester: { type: HttpRequester, url: https://api.example.com, authenticator: '#/definitions/options/-1' }
  selector: { $ref: '#/definitions/streams/forgotten' }
streams:
  - $ref: '#/definitions/streams/users'
spec: { type: Spec, connection_specification: {} }
";
    let text = text
        .replace("definitions:\n", "definitions:\n  extractor: &extractor { type: DpathExtractor, field_path: [] }\n");
    let found = match Manifest::load(&text, "manifest.yaml", false) {
        Ok(manifest) => manifest.report,
        Err(report) => report,
    };
    assert_eq!(
        found.to_string(),
        "manifest.yaml:14:5: warning: nothing refers to `#/definitions/streams/forgotten`; remove it\n\
         manifest.yaml:17:3: warning: nothing refers to `#/definitions/unused_option`; remove it\n\
         manifest.yaml:19:3: warning: nothing refers to `#/definitions/selector`; remove it"
    );
}

#[test]
fn what_cannot_be_built_is_an_error() {
    let paginator = |strategy: &str, options: &str| {
        format!(
            "      paginator: {{ type: DefaultPaginator, pagination_strategy: {{ type: CursorPagination, {strategy} }}, {options} }}"
        )
    };
    let option = "{ type: RequestOption, inject_into: header, field_name: X-Page }";
    let cases = [
        ("", paginator("cursor_value: '{{ response.next }}', stop_condition: '{{ last_page_size < page_size }}'", ""), "", "stop_condition: CursorPagination has no `page_size`"),
        ("", paginator("cursor_value: a, page_size: 5", &format!("page_size_option: {option}, page_token_option: {option}")), "", "page size and page token have the same place, the stream cannot be built"),
        ("", paginator("cursor_value: a", &format!("page_size_option: {option}")), "", "`page_size_option` needs a page size, the stream cannot be built"),
        ("", paginator("cursor_value: a", "") + "\n      decoder: { type: CsvDecoder }", "", "a CsvDecoder does not work with a DefaultPaginator"),
        ("", format!("      partition_router: {{ type: GroupingPartitionRouter, group_size: 2, underlying_partition_router: {{ type: ListPartitionRouter, cursor_field: a, values: [b], request_option: {option} }} }}"), "", "a router in a GroupingPartitionRouter cannot have a `request_option`"),
        ("", "      partition_router: { type: UnionPartitionRouter, partition_field: a, partition_routers: [{ type: ListPartitionRouter, cursor_field: a, values: [b] }, { type: ListPartitionRouter, cursor_field: c, values: [b] }] }".to_owned(), "", "the router gives `c`, its UnionPartitionRouter `a`"),
        ("", String::new(), "    primary_key: [[a, b]]", "DeclarativeStream.primary_key: a key cannot be inside another field"),
        ("        authenticator: { type: ApiKeyAuthenticator, api_token: a }", String::new(), "", "ApiKeyAuthenticator has neither `inject_into` nor `header`"),
    ];
    for (requester, retriever, stream, expected) in cases {
        assert_eq!(findings(requester, &retriever, stream), [expected]);
    }
}
