//! Manifests of every paginator, cursor and partition router together.

use serde_json::{Value, json};

pub(crate) const PAGINATORS: [&str; 6] = ["page", "offset", "token", "link", "url", "whole"];
pub(crate) const CURSORS: [&str; 9] =
    ["plain", "moving", "windowed", "late", "local", "feed", "epoch", "months", "counted"];
pub(crate) const ROUTERS: [&str; 8] = ["none", "list", "parent", "changed", "nested", "product", "groups", "shared"];

/// The manifest with one stream, `rows`, of these three.
pub(crate) fn manifest(paginator: &str, cursor: &str, router: &str) -> Value {
    let mut stream = stream("rows", path(router), paginator, Some(router_of(paginator, router)));
    if cursor != "plain" {
        stream["incremental_sync"] = cursor_of(cursor, router == "shared");
    }
    let parameters = &mut stream["retriever"]["requester"]["request_parameters"];
    if cursor == "feed" {
        parameters["sort"] = json!("descending");
    }
    if router == "groups" {
        parameters["projects"] = json!("{{ stream_partition['project'] | join(',') }}");
    }
    json!({
        "version": "7.0.0", "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["rows"]},
        "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
        "concurrency_level": {
            "type": "ConcurrencyLevel", "default_concurrency": "{{ config['concurrency'] }}", "max_concurrency": 10,
        },
        "streams": [stream],
    })
}

fn stream(name: &str, path: &str, paginator: &str, router: Option<Value>) -> Value {
    let mut retriever = json!({
        "type": "SimpleRetriever",
        "requester": {
            "type": "HttpRequester", "url_base": "{{ config['base_url'] }}", "http_method": "GET",
            "path": format!("/{{{{ config['style'] }}}}{path}"), "request_parameters": {},
            "authenticator": {"type": "BearerAuthenticator", "api_token": "{{ config['token'] }}"},
            "error_handler": {
                "type": "DefaultErrorHandler", "max_retries": 1,
                "backoff_strategies": [{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 0.001}],
            },
        },
        "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": ["data"]}},
        "paginator": paginator_of(paginator),
    });
    if let Some(router) = router.filter(|router| !router.is_null()) {
        retriever["partition_router"] = router;
    }
    json!({
        "type": "DeclarativeStream", "name": name, "primary_key": ["id"], "retriever": retriever,
        "schema_loader": {
            "type": "InlineSchemaLoader",
            "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "updated_at": {"type": "string"}}},
        },
    })
}

fn path(router: &str) -> &'static str {
    match router {
        "list" => "/rows/region/{{ stream_partition.region }}",
        "parent" | "changed" | "nested" | "shared" => "/rows/project/{{ stream_partition.project }}",
        "product" => "/rows/region/{{ stream_partition.region }}/project/{{ stream_partition.project }}",
        _ => "/rows",
    }
}

fn paginator_of(paginator: &str) -> Value {
    let option = |name: &str| json!({"type": "RequestOption", "inject_into": "request_parameter", "field_name": name});
    let (option, strategy) = match paginator {
        "page" => (option("page"), json!({"type": "PageIncrement", "page_size": 3, "start_from_page": 1})),
        "offset" => (option("offset"), json!({"type": "OffsetIncrement", "page_size": 3})),
        "token" => (option("cursor"), by_cursor("{{ response['next'] }}", "{{ not response['next'] }}")),
        "link" => (
            json!({"type": "RequestPath"}),
            by_cursor("{{ headers['link']['next']['url'] }}", "{{ 'next' not in headers['link'] }}"),
        ),
        "url" => (json!({"type": "RequestPath"}), by_cursor("{{ response['next'] }}", "{{ not response['next'] }}")),
        _ => return json!({"type": "NoPagination"}),
    };
    json!({"type": "DefaultPaginator", "page_token_option": option, "pagination_strategy": strategy})
}

fn by_cursor(value: &str, stop: &str) -> Value {
    json!({"type": "CursorPagination", "cursor_value": value, "stop_condition": stop})
}

fn cursor_of(cursor: &str, shared: bool) -> Value {
    let option = |name: &str| json!({"type": "RequestOption", "inject_into": "request_parameter", "field_name": name});
    if cursor == "counted" {
        return json!({
            "type": "IncrementingCountCursor", "cursor_field": "id", "start_value": 0,
            "start_value_option": option("since_id"),
        });
    }
    const ISO: &str = "%Y-%m-%dT%H:%M:%SZ";
    let bound = |text: &str| json!({"type": "MinMaxDatetime", "datetime": text, "datetime_format": ISO});
    let mut model = json!({
        "type": "DatetimeBasedCursor", "cursor_field": "updated_at", "datetime_format": ISO,
        "cursor_datetime_formats": [ISO],
        "start_datetime": bound("2024-01-01T00:00:00Z"), "end_datetime": bound("2024-03-01T00:00:00Z"),
    });
    let own = match cursor {
        "moving" => json!({}),
        "late" => json!({"step": "P10D", "cursor_granularity": "PT1S", "lookback_window": "P5D"}),
        "local" => json!({"is_client_side_incremental": true}),
        "feed" => json!({"is_data_feed": true}),
        "epoch" => json!({"step": "P10D", "cursor_granularity": "PT1S", "datetime_format": "%s"}),
        "months" => json!({"step": "P1M", "cursor_granularity": "P1D", "datetime_format": "%Y-%m-%d"}),
        _ => json!({"step": "P10D", "cursor_granularity": "PT1S"}),
    };
    if own.get("step").is_some() {
        model["end_time_option"] = option("until");
    }
    if !matches!(cursor, "local" | "feed") {
        model["start_time_option"] = option("since");
    }
    if shared {
        model["global_substream_cursor"] = json!(true);
    }
    for (key, value) in own.as_object().into_iter().flatten() {
        model[key] = value.clone();
    }
    model
}

fn router_of(paginator: &str, router: &str) -> Value {
    let regions = json!({"type": "ListPartitionRouter", "cursor_field": "region", "values": ["eu", "us", "ap"]});
    let children_of = |stream: Value, field: &str, incremental: bool| {
        json!({"type": "SubstreamPartitionRouter", "parent_stream_configs": [{
            "type": "ParentStreamConfig", "stream": stream, "parent_key": "id", "partition_field": field,
            "incremental_dependency": incremental,
        }]})
    };
    let with_cursor = |mut stream: Value| {
        stream["incremental_sync"] = cursor_of("moving", false);
        stream
    };
    let projects = || stream("projects", "/projects", paginator, None);
    match router {
        "list" => regions,
        "parent" | "shared" => children_of(projects(), "project", false),
        "changed" => children_of(with_cursor(projects()), "project", true),
        "nested" => {
            let orgs = with_cursor(stream("orgs", "/orgs", paginator, None));
            let projects = stream(
                "projects",
                "/orgs/{{ stream_partition.org }}/projects",
                paginator,
                Some(children_of(orgs, "org", true)),
            );
            children_of(with_cursor(projects), "project", true)
        }
        "product" => json!([regions, children_of(projects(), "project", false)]),
        "groups" => json!({
            "type": "GroupingPartitionRouter", "group_size": 2,
            "underlying_partition_router": children_of(projects(), "project", false),
        }),
        _ => Value::Null,
    }
}
