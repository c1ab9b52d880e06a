//! Every endpoint over real sockets, paged to its end.

mod support;

use demo_api::{DemoApi, ENDPOINTS};
use serde_json::{Value, json};
use support::{Answer, get, get_with, post};

fn api() -> DemoApi {
    DemoApi::start().unwrap()
}

fn rows(page: &Value) -> Vec<Value> {
    page.as_array().unwrap().clone()
}

fn ids(records: &[Value]) -> Vec<u64> {
    records.iter().map(|record| record["id"].as_u64().unwrap()).collect()
}

#[test]
fn only_health_is_open() {
    let api = api();
    assert_eq!(get_with(&api, "/health", "").unwrap().json(), json!({ "status": "ok" }));
    for headers in ["", "authorization: Bearer wrong\r\n", "authorization: Basic ZGVtbzp0b2tlbg==\r\n"] {
        for target in ["/customers", "/records", "/nowhere", "/health/x"] {
            let answer = get_with(&api, target, headers).unwrap();
            assert_eq!((answer.status, answer.error_code().as_str()), (401, "unauthorized"), "{target}");
        }
    }
}

#[test]
fn customers_are_paged_by_number() {
    let api = api();
    let first = get(&api, "/customers").json();
    assert_eq!((&first["page"], &first["total_pages"]), (&json!(1), &json!(5)));
    let mut found = Vec::new();
    for page in 1..=4 {
        let answer = get(&api, &format!("/customers?page={page}&per_page=80")).json();
        assert_eq!((&answer["page"], &answer["total_pages"]), (&json!(page), &json!(4)));
        found.extend(rows(&answer["data"]));
    }
    assert_eq!(ids(&found), (1..=250).collect::<Vec<_>>());
    assert!(found[0]["address"]["city"].is_string() && found[0]["phone"].is_null() && found[2]["phone"].is_string());
    assert_eq!(get(&api, "/customers?page=99").json()["data"], json!([]));
}

#[test]
fn products_are_paged_by_offset() {
    let api = api();
    let mut found = Vec::new();
    for offset in [0, 50, 100, 120] {
        let answer = get(&api, &format!("/products?offset={offset}&limit=50")).json();
        assert_eq!(answer["total"], 120);
        found.extend(rows(&answer["items"]));
    }
    assert_eq!(ids(&found), (1..=120).collect::<Vec<_>>());
    assert_eq!(found[0]["price"], json!(9.36));
    assert!(found.iter().all(|product| product["tags"].is_array()));
}

fn read_orders(api: &DemoApi, filter: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get(api, &format!("/orders?limit=90{filter}{cursor}")).json();
        found.extend(rows(&page["orders"]));
        assert_eq!(page["meta"]["has_more"], page["meta"]["next_cursor"].is_string());
        match page["meta"]["next_cursor"].as_str() {
            Some(token) => cursor = format!("&cursor={token}"),
            None => return found,
        }
    }
}

#[test]
fn orders_are_paged_by_cursor_and_filtered_by_time() {
    let api = api();
    let all = read_orders(&api, "");
    assert_eq!(ids(&all), (1..=1000).collect::<Vec<_>>());
    assert!(all.is_sorted_by_key(|order| order["updated_at"].as_str().unwrap().to_owned()));
    let at = |index: usize| all[index]["updated_at"].as_str().unwrap();
    assert_eq!(at(8), at(9));
    let cases = [
        (format!("&updated_since={}", at(500)), 501..=1000),
        (format!("&updated_until={}", at(500)), 1..=501),
        (format!("&updated_since={}&updated_until={}", at(99), at(108)), 99..=110),
        ("&updated_since=2024-12-31".to_owned(), 999..=1000),
    ];
    for (filter, expected) in cases {
        assert_eq!(ids(&read_orders(&api, &filter)), expected.collect::<Vec<_>>(), "{filter}");
    }
    assert_eq!(read_orders(&api, "&updated_since=2025-01-01"), [] as [Value; 0]);
    assert_eq!(read_orders(&api, "&updated_since=2024-06-01&updated_until=2024-05-01"), [] as [Value; 0]);
}

#[test]
fn lines_belong_to_an_order() {
    let api = api();
    for (order, count) in [(1, 2), (2, 3), (3, 4), (4, 1), (1000, 1)] {
        assert_eq!(rows(&get(&api, &format!("/orders/{order}/lines")).json()).len(), count);
    }
    for (order, code) in [("13", "no_lines"), ("0", "not_found"), ("1001", "not_found"), ("x", "not_found")] {
        let answer = get(&api, &format!("/orders/{order}/lines"));
        assert_eq!((answer.status, answer.error_code().as_str()), (404, code));
    }
}

/// The URL of the next page.
fn next_link(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    Some(link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?.to_owned())
}

/// Follows the `Link` header; a rate limit is tried again at once.
fn follow(api: &DemoApi, target: &str) -> Vec<Value> {
    let mut next = Some(target.to_owned());
    let mut found = Vec::new();
    while let Some(url) = next {
        let mut answer = get(api, &url);
        if answer.status == 429 {
            answer = get(api, &url);
        }
        found.extend(rows(&answer.json()));
        next = next_link(&answer);
    }
    found
}

#[test]
fn events_are_linked() {
    let api = api();
    let limited = get(&api, "/events?page=3");
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("1")));
    let all = follow(&api, "/events");
    assert_eq!(all.len(), 600);
    let at = |index: usize| all[index]["occurred_at"].as_i64().unwrap();
    let some = follow(&api, &format!("/events?since={}&until={}&per_page=7", at(100), at(149)));
    assert_eq!(some, all[100..150]);
}

#[test]
fn the_third_page_of_events_is_limited_once() {
    let api = api();
    let status = || get(&api, "/events?page=3").status;
    assert_eq!([status(), status(), status()], [429, 200, 200]);
    assert_eq!(DemoApi::start().map(|other| get(&other, "/events?page=3").status).unwrap(), 429);
}

#[test]
fn inventory_names_its_next_page() {
    let api = api();
    let mut next = json!("/inventory?limit=70");
    let mut found = 0;
    while let Some(url) = next.as_str() {
        let page = get(&api, url).json();
        found += rows(&page["results"]).len();
        next = page["next"].clone();
        assert!(
            next.is_null() || next.as_str().unwrap().starts_with(&format!("{}/inventory?limit=70&start=", api.url()))
        );
    }
    assert_eq!(found, 180);
}

#[test]
fn records_are_linked_and_sized() {
    let api = DemoApi::builder().records(250).start().unwrap();
    assert_eq!(ids(&follow(&api, "/records")), (1..=250).collect::<Vec<_>>());
    assert_eq!(ids(&follow(&api, "/records?total=7&per_page=3&size=600")), (1..=7).collect::<Vec<_>>());
    assert_eq!(get(&api, "/records?total=2&size=600").body.len(), 2 * 600 + 3);
    assert_eq!(get(&api, "/records?page=4").body, b"[]");
    assert_eq!(get(&api, "/records?total=6000000").error_code(), "invalid_parameter");
}

#[test]
fn orders_are_searched_by_post() {
    let api = api();
    let mut found = Vec::new();
    for page in 1..=4 {
        let answer = post(&api, "/orders/search", &json!({ "status": "paid", "page": page })).json();
        assert_eq!((&answer["page"], &answer["total_pages"], &answer["total"]), (&json!(page), &json!(4), &json!(200)));
        found.extend(rows(&answer["orders"]));
    }
    assert_eq!(found.len(), 200);
    assert!(found.iter().all(|order| order["status"] == "paid"));
    assert_eq!(post(&api, "/orders/search", &json!({})).json()["total"], 1000);
    assert_eq!(post(&api, "/orders/search", &json!({ "status": "lost" })).error_code(), "invalid_parameter");
    assert_eq!(post(&api, "/orders/search", &json!([])).error_code(), "invalid_body");
}

#[test]
fn graphql_pages_by_end_cursor() {
    let api = api();
    let mut after = Value::Null;
    let mut found = Vec::new();
    loop {
        let body = json!({ "query": "query { … }", "variables": { "first": 40, "after": after } });
        let reviews = post(&api, "/graphql", &body).json()["data"]["reviews"].clone();
        found.extend(rows(&reviews["nodes"]));
        after = reviews["pageInfo"]["endCursor"].clone();
        if reviews["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(found.len(), 90);
    for body in [
        json!({}),
        json!({ "query": "", "variables": { "after": "x" } }),
        json!({ "query": "", "variables": { "first": 0 } }),
    ] {
        let answer = post(&api, "/graphql", &body);
        assert_eq!(answer.status, 200);
        assert!(answer.json()["errors"][0]["message"].is_string());
    }
}

#[test]
fn wrong_requests_are_refused() {
    let api = api();
    let code = |answer: Answer| (answer.status, answer.error_code());
    for target in [
        "/customers?page=0",
        "/customers?per_page=x",
        "/products?offset=-1",
        "/orders?updated_since=soon",
        "/orders?cursor=7",
        "/events?since=2024-01-01",
        "/customers?fault=none",
    ] {
        assert_eq!(code(get(&api, target)), (400, "invalid_parameter".to_owned()), "{target}");
    }
    for target in ["/", "/customer", "/orders/1", "/graphql"] {
        assert_eq!(code(get(&api, target)), (404, "not_found".to_owned()), "{target}");
    }
    let message = get(&api, "/nowhere").json().to_string();
    assert!(ENDPOINTS.iter().all(|(endpoint, _)| message.contains(endpoint)));
}
