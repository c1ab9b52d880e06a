//! The endpoints of the shop, each with its own way to page.

use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use crate::data::{Data, ORDER_WITHOUT_LINES, STATUSES};
use crate::parameters::{Number, Refusal, instant_bound, json_object, millisecond_bound};

pub(crate) type Answer = Result<Response, Refusal>;

/// Page numbers, and how many there are.
pub(crate) fn customers(data: &Data, request: &Request) -> Answer {
    let page = Number::page().of_query(request)?;
    let size = Number::page_size("per_page", 50, 100).of_query(request)?;
    let rows = array(numbered_page(&data.customers, page, size));
    let pages = data.customers.len().div_ceil(size);
    Ok(ok(format!(r#"{{"data":{rows},"page":{page},"total_pages":{pages}}}"#)))
}

/// An offset, and the number of records.
pub(crate) fn products(data: &Data, request: &Request) -> Answer {
    let offset = Number::offset("offset").of_query(request)?;
    let limit = Number::page_size("limit", 50, 100).of_query(request)?;
    let items = array(part(&data.products, offset, limit));
    Ok(ok(format!(r#"{{"items":{items},"total":{}}}"#, data.products.len())))
}

/// A cursor token in the body, and an interval of which both ends belong to it.
pub(crate) fn orders(data: &Data, request: &Request) -> Answer {
    let since = instant_bound(request, "updated_since")?;
    let until = instant_bound(request, "updated_until")?;
    let limit = Number::page_size("limit", 100, 200).of_query(request)?;
    let position = request.query_param("cursor").map(|cursor| token_position("cursor", "o_", cursor)).transpose()?;
    let nanoseconds = |seconds: i64| i128::from(seconds) * 1_000_000_000;
    let from = since.map_or(0, |since| data.orders.partition_point(|order| nanoseconds(order.updated_at) < since));
    let to = until
        .map_or(data.orders.len(), |until| data.orders.partition_point(|order| nanoseconds(order.updated_at) <= until));
    let start = position.unwrap_or(0).max(from).min(to);
    let end = start.saturating_add(limit).min(to);
    let rows = array(part(&data.orders, start, end - start).iter().map(|order| order.text.as_str()));
    let more = end < to;
    let next = if more { format!("\"o_{end}\"") } else { "null".to_owned() };
    Ok(ok(format!(r#"{{"orders":{rows},"meta":{{"next_cursor":{next},"has_more":{more}}}}}"#)))
}

/// A plain array below a parent.
pub(crate) fn order_lines(data: &Data, id: &str) -> Answer {
    let number = id.parse().unwrap_or(0);
    match data.lines(number) {
        Some(_) if number == ORDER_WITHOUT_LINES => {
            Err(Refusal::new(404, "no_lines", format!("order {id} has no lines")))
        }
        Some(lines) => Ok(ok(lines)),
        None => Err(Refusal::new(404, "not_found", format!("there is no order {id}"))),
    }
}

/// A `Link` header, and an interval in epoch milliseconds of which both ends belong to it.
pub(crate) fn events(data: &Data, request: &Request) -> Answer {
    let since = millisecond_bound(request, "since")?;
    let until = millisecond_bound(request, "until")?;
    let page = Number::page().of_query(request)?;
    let size = Number::page_size("per_page", 100, 200).of_query(request)?;
    let from = since.map_or(0, |since| data.events.partition_point(|event| event.occurred_at < since));
    let to = until.map_or(data.events.len(), |until| data.events.partition_point(|event| event.occurred_at <= until));
    let chosen = data.events.get(from..to).unwrap_or_default();
    let rows = array(numbered_page(chosen, page, size).iter().map(|event| event.text.as_str()));
    Ok(with_next_link(ok(rows), request, page, chosen.len().div_ceil(size)))
}

/// The URL of the next page in the body.
pub(crate) fn inventory(data: &Data, request: &Request) -> Answer {
    let start = Number::offset("start").of_query(request)?;
    let limit = Number::page_size("limit", 50, 100).of_query(request)?;
    let end = start.saturating_add(limit);
    let next = (end < data.inventory.len()).then(|| request.url_with(&[("start", &end.to_string())]));
    let rows = array(part(&data.inventory, start, limit));
    Ok(ok(format!(r#"{{"results":{rows},"next":{}}}"#, Value::from(next))))
}

/// Paging by POST, with the page number in the JSON body.
pub(crate) fn search_orders(data: &Data, request: &Request) -> Answer {
    let body = json_object(request)?;
    let status = match body.get("status") {
        None | Some(Value::Null) => None,
        Some(Value::String(status)) if STATUSES.contains(&status.as_str()) => Some(status),
        Some(other) => {
            return Err(Refusal::invalid(
                "status",
                format_args!("has to be one of {}, not {other}", STATUSES.join(", ")),
            ));
        }
    };
    let page = Number::page().of_json(&body)?;
    let size = Number::page_size("per_page", 50, 100).of_json(&body)?;
    let found: Vec<&str> = data
        .orders
        .iter()
        .filter(|order| status.is_none_or(|status| order.status == status))
        .map(|order| order.text.as_str())
        .collect();
    let rows = array(numbered_page(&found, page, size));
    let (total, pages) = (found.len(), found.len().div_ceil(size));
    Ok(ok(format!(r#"{{"orders":{rows},"page":{page},"total_pages":{pages},"total":{total}}}"#)))
}

/// GraphQL paging; like most GraphQL APIs it reports errors with status 200.
pub(crate) fn graphql(data: &Data, request: &Request) -> Answer {
    let body = json_object(request)?;
    let refused = |message: &str| Ok(Response::json(200, &json!({ "data": null, "errors": [{ "message": message }] })));
    if !body.get("query").is_some_and(Value::is_string) {
        return refused("query has to be a string");
    }
    let variables = body.get("variables").unwrap_or(&Value::Null);
    let Ok(first) = Number::page_size("first", 20, 50).of_json(variables) else {
        return refused("first has to be a whole number from 1");
    };
    let position = match variables.get("after") {
        None | Some(Value::Null) => Ok(0),
        Some(after) => token_position("after", "r_", after.as_str().unwrap_or_default()),
    };
    let Ok(start) = position else { return refused("after has to be the endCursor of a page before") };
    let end = start.saturating_add(first).min(data.reviews.len());
    let (nodes, more) = (array(part(&data.reviews, start, first)), end < data.reviews.len());
    Ok(ok(format!(
        r#"{{"data":{{"reviews":{{"nodes":{nodes},"pageInfo":{{"hasNextPage":{more},"endCursor":"r_{end}"}}}}}}}}"#
    )))
}

/// Adds `Link: <…>; rel="next"` unless the page is the last one.
pub(crate) fn with_next_link(response: Response, request: &Request, page: usize, pages: usize) -> Response {
    if page >= pages {
        return response;
    }
    let next = request.url_with(&[("page", &(page + 1).to_string())]);
    response.header("link", format!("<{next}>; rel=\"next\""))
}

pub(crate) fn ok(body: impl Into<bytes::Bytes>) -> Response {
    Response::new(200).header("content-type", "application/json").body(body)
}

fn numbered_page<T>(rows: &[T], page: usize, size: usize) -> &[T] {
    part(rows, (page - 1).saturating_mul(size), size)
}

/// Up to `length` rows; none behind the end.
fn part<T>(rows: &[T], start: usize, length: usize) -> &[T] {
    let rest = rows.get(start..).unwrap_or_default();
    rest.get(..length).unwrap_or(rest)
}

/// JSON texts as a JSON array.
fn array(rows: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::from("[");
    for row in rows {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(row.as_ref());
    }
    text.push(']');
    text
}

/// Where a token points to.
fn token_position(name: &str, prefix: &str, token: &str) -> Result<usize, Refusal> {
    token
        .strip_prefix(prefix)
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| Refusal::invalid(name, format_args!("was not made by this API: {token}")))
}
