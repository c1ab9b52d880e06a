//! Streams that are parents and children of each other in every way, and an API that counts what is asked of it.

use std::collections::BTreeMap;

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;

/// Countries, their cities and rivers, and what belongs to both.
#[source(
    base_url    = "{config.base_url}",
    backoff     = constant("PT0.001S"),
    streams     = [Country, City, River, Street, Bridge, First, Second, Left, Right],
    concurrency = config.concurrency,
)]
pub(crate) struct Atlas {
    /// Where the API is.
    base_url: String,
    /// The most requests in flight at one time.
    concurrency: u32,
}

/// The root: more pages than may wait for a child.
#[stream(source = Atlas, path = "/country", paginator = page_increment(page_size = 2), primary_key = id)]
pub(crate) struct Country {
    id: u64,
}

/// A child with two pages in each country.
#[stream(
    source = Atlas, path = "/country/{parent.id}/city", paginator = page_increment(page_size = 2), primary_key = id,
    parent = Country(id as country),
)]
pub(crate) struct City {
    id: u64,
}

/// A second child of the same parent.
#[stream(
    source = Atlas, path = "/country/{parent.id}/river", paginator = page_increment(page_size = 2), primary_key = id,
    parent = Country(id as country),
)]
pub(crate) struct River {
    id: u64,
}

/// A grandchild, which also knows its grandparent.
#[stream(
    source = Atlas, path = "/city/{parent.id}/street", query = { country = "{parent.country}" }, primary_key = id,
    parent = City(id as city),
)]
pub(crate) struct Street {
    id: u64,
}

/// Below both children of one parent: a diamond.
#[stream(source = Atlas, path = "/over/{parent.id}/bridge", primary_key = id, parent = [City(id), River(id)])]
pub(crate) struct Bridge {
    id: u64,
}

/// A parent.
#[stream(source = Atlas, path = "/first", paginator = page_increment(page_size = 2), primary_key = id)]
pub(crate) struct First {
    id: u64,
}

/// Another parent.
#[stream(source = Atlas, path = "/second", paginator = page_increment(page_size = 2), primary_key = id)]
pub(crate) struct Second {
    id: u64,
}

/// A child of both.
#[stream(source = Atlas, path = "/left/{parent.id}", primary_key = id, parent = [First(id), Second(id)])]
pub(crate) struct Left {
    id: u64,
}

/// A child of both, in the other order.
#[stream(source = Atlas, path = "/right/{parent.id}", primary_key = id, parent = [Second(id), First(id)])]
pub(crate) struct Right {
    id: u64,
}

/// Countries; each has five cities and four rivers.
pub(crate) const COUNTRIES: u64 = 21;
pub(crate) const CITIES: u64 = 5;
pub(crate) const RIVERS: u64 = 4;
/// Records of each of the two parents.
pub(crate) const PARENTS: u64 = 31;

pub(crate) fn atlas() -> Api {
    Api::answering(answer)
}

pub(crate) fn config(api: &Api, concurrency: u32) -> Value {
    json!({"base_url": api.url(), "concurrency": concurrency})
}

fn answer(request: &Request) -> Response {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let number = |text: &str| text.parse::<u64>().expect("a number");
    // Every record of the atlas has a number of its own.
    match segments[..] {
        ["country"] => page(request, 1..=COUNTRIES),
        ["country", country, "city"] => {
            page(request, 1000 + number(country) * 10..=1000 + number(country) * 10 + CITIES - 1)
        }
        ["country", country, "river"] => {
            page(request, 2000 + number(country) * 10..=2000 + number(country) * 10 + RIVERS - 1)
        }
        ["city", city, "street"] => match request.query_param("country").map(number) {
            Some(country) if (number(city) - 1000) / 10 == country => {
                page(request, number(city) * 10..=number(city) * 10)
            }
            _ => Response::json(400, &json!({"message": "this is not the city's country"})),
        },
        ["over", id, "bridge"] => page(request, 100_000 + number(id)..=100_000 + number(id)),
        ["first"] => page(request, 1..=PARENTS),
        ["second"] => page(request, 101..=100 + PARENTS),
        ["left" | "right", id] => page(request, number(id)..=number(id)),
        _ => Response::new(404),
    }
}

fn page(request: &Request, ids: std::ops::RangeInclusive<u64>) -> Response {
    let ids: Vec<u64> = ids.collect();
    let chosen = match request.query_param("page") {
        None => ids.as_slice(),
        Some(page) => {
            let page: usize = page.parse().expect("a number");
            ids.chunks(2).nth(page - 1).unwrap_or_default()
        }
    };
    Response::json(200, &chosen.iter().map(|id| json!({"id": id})).collect())
}

/// How often each URL was asked for.
pub(crate) fn counts(api: &Api) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in api.requests() {
        *counts.entry(request.to_string()).or_default() += 1;
    }
    counts
}
