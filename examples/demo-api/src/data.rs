//! The shop's data, a pure function of the record's number: no randomness and no clock.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// 2024-01-01T00:00:00Z in seconds since 1970.
pub(crate) const START: i64 = 1_704_067_200;

const DAY: i64 = 86_400;

const FIRST_NAMES: [&str; 8] = ["Ada", "Björn", "Chloé", "Dmitri", "Emeka", "Fatima", "Grace", "Haruki"];
const LAST_NAMES: [&str; 7] = ["Almeida", "Baker", "Curie", "Dubois", "Eriksen", "Fischer", "O'Neill"];
const CITIES: [(&str, &str); 5] =
    [("Lisbon", "PT"), ("Lyon", "FR"), ("Oslo", "NO"), ("Kraków", "PL"), ("Austin", "US")];
const THINGS: [&str; 6] = ["Mug", "Lamp", "Chair", "Notebook", "Kettle", "Blanket"];
const COLOURS: [&str; 5] = ["red", "blue", "green", "black", "white"];
pub(crate) const STATUSES: [&str; 5] = ["pending", "paid", "shipped", "delivered", "cancelled"];

/// The order that has no lines although it exists.
pub(crate) const ORDER_WITHOUT_LINES: usize = 13;

/// All records but those of `/records`, as JSON text.
pub(crate) struct Data {
    pub(crate) customers: Vec<String>,
    pub(crate) products: Vec<String>,
    /// By `updated_at`, ascending.
    pub(crate) orders: Vec<Order>,
    /// By `occurred_at`, ascending.
    pub(crate) events: Vec<Event>,
    pub(crate) inventory: Vec<String>,
    pub(crate) reviews: Vec<String>,
}

pub(crate) struct Order {
    /// `updated_at` in seconds since 1970.
    pub(crate) updated_at: i64,
    pub(crate) status: &'static str,
    pub(crate) text: String,
}

pub(crate) struct Event {
    /// In milliseconds since 1970.
    pub(crate) occurred_at: i64,
    pub(crate) text: String,
}

impl Data {
    pub(crate) fn new() -> Self {
        Self {
            customers: texts(1..=250, customer),
            products: texts(1..=120, product),
            orders: (1..=1000).map(order).collect(),
            events: (1..=600).map(event).collect(),
            inventory: texts(1..=180, stock),
            reviews: texts(1..=90, review),
        }
    }

    /// The lines of an order as a JSON array; `None` for an unknown order.
    pub(crate) fn lines(&self, order: usize) -> Option<String> {
        (1..=self.orders.len()).contains(&order).then(|| Value::from(lines(order)).to_string())
    }
}

/// An instant as `2024-01-01T00:00:00Z`.
pub(crate) fn instant(seconds: i64) -> String {
    Timestamp::UNIX_EPOCH
        .saturating_add(SignedDuration::from_secs(seconds))
        .map_or_else(|_| String::new(), |at| at.to_string())
}

/// Reads an instant in RFC 3339, or a date as its first instant in UTC.
pub(crate) fn parse_instant(text: &str) -> Option<Timestamp> {
    let midnight = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok();
    // jiff finds the date in a longer text too, and so would drop its time: only ten characters are a date.
    if text.len() == "2024-01-01".len() { midnight().map(|day| day.timestamp()) } else { text.parse().ok() }
}

fn texts(numbers: RangeInclusive<usize>, record: fn(usize) -> Value) -> Vec<String> {
    numbers.map(|number| record(number).to_string()).collect()
}

fn pick<T: Copy>(list: &[T], number: usize) -> T {
    list[number % list.len()]
}

fn every<T>(step: usize, number: usize, value: T) -> Option<T> {
    number.is_multiple_of(step).then_some(value)
}

/// Cents as a decimal amount.
fn amount(cents: usize) -> f64 {
    cents as f64 / 100.0
}

fn customer(id: usize) -> Value {
    let (first, last) = (pick(&FIRST_NAMES, id), pick(&LAST_NAMES, id));
    let (city, country) = pick(&CITIES, id * 3);
    let created = START + id as i64 * DAY / 2;
    json!({
        "id": id,
        "email": format!("customer{id}@example.com"),
        "first_name": first,
        "last_name": last,
        "phone": every(3, id, format!("+1-555-{:04}", id * 7)),
        "company": every(4, id, format!("{last} & Co.")),
        "marketing_opt_in": id % 2 == 1,
        "address": {
            "street": format!("{} Main Street", id % 90 + 1),
            "city": city,
            "postal_code": format!("{:05}", id * 379 % 100_000),
            "country": country,
            "geo": every(5, id, json!({ "latitude": (id % 60) as f64 + 0.25, "longitude": (id % 120) as f64 - 60.5 })),
        },
        "created_at": instant(created),
        "updated_at": instant(created + (id % 40) as i64 * DAY),
    })
}

fn price(product: usize) -> usize {
    199 + product * 737 % 9_800
}

fn product(id: usize) -> Value {
    let colour = pick(&COLOURS, id);
    let tags: Vec<&str> = [colour, "sale", "new"].into_iter().take(id % 4).collect();
    json!({
        "id": id,
        "sku": format!("SKU-{id:04}"),
        "name": format!("{} {}", colour, pick(&THINGS, id)),
        "price": amount(price(id)),
        "currency": "EUR",
        "weight_kg": (id % 50) as f64 / 10.0,
        "tags": tags,
        "description": every(2, id, format!("Looks \"good\" in every room.\nItem {id}.")),
        "discontinued_on": every(12, id, format!("2024-{:02}-01", id / 12 % 12 + 1)),
        "created_at": instant(START + id as i64 * 3_600),
    })
}

fn order(id: usize) -> Order {
    // Every tenth order shares the instant of the one before: a page or an interval may end between the two.
    let position = if id.is_multiple_of(10) { id - 1 } else { id };
    let updated_at = START + (position as i64 - 1) * 31_622;
    let created_at = (updated_at - (id % 30) as i64 * DAY).max(START);
    let status = pick(&STATUSES, id);
    let lines: Vec<(usize, usize)> = line_items(id).collect();
    let record = json!({
        "id": id,
        "number": format!("D-{id:05}"),
        "customer_id": (id * 37) % 250 + 1,
        "status": status,
        "currency": "EUR",
        "total": amount(lines.iter().map(|(product, quantity)| price(*product) * quantity).sum()),
        "line_count": lines.len(),
        "shipping": {
            "method": pick(&["standard", "express", "pickup"], id),
            "tracking_number": every(2, id, format!("TR{:08}", id * 7_919)),
        },
        "note": every(9, id, "Please ring twice."),
        "created_at": instant(created_at),
        "updated_at": instant(updated_at),
    });
    Order { updated_at, status, text: record.to_string() }
}

/// Product and quantity of each line.
fn line_items(order: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = if order == ORDER_WITHOUT_LINES { 0 } else { order % 4 + 1 };
    (0..count).map(move |line| ((order * 11 + line * 29) % 120 + 1, (order + line) % 3 + 1))
}

fn lines(order: usize) -> Vec<Value> {
    let numbered = line_items(order).zip(1..);
    let line = |((product, quantity), position): ((usize, usize), usize)| {
        json!({
            "id": order * 10 + position,
            "position": position,
            "product_id": product,
            "quantity": quantity,
            "unit_price": amount(price(product)),
            "amount": amount(price(product) * quantity),
            "discount": every(3, order + position, json!({ "code": "WELCOME", "percent": 10 })),
        })
    };
    numbered.map(line).collect()
}

fn event(id: usize) -> Event {
    let occurred_at = (START + (id as i64 - 1) * 52_704) * 1_000 + (id * 137 % 1_000) as i64;
    let (kind, payload) = match id % 3 {
        0 => ("page_view", json!({ "url": format!("/products/{}", id % 120 + 1), "referrer": null })),
        1 => ("cart_add", json!({ "product_id": id % 120 + 1, "quantity": id % 4 + 1 })),
        _ => ("login", json!({ "method": "password", "succeeded": !id.is_multiple_of(5) })),
    };
    let record = json!({
        "id": format!("evt_{id:06}"),
        "type": kind,
        "occurred_at": occurred_at,
        "customer_id": every(2, id, id % 250 + 1),
        "payload": payload,
    });
    Event { occurred_at, text: record.to_string() }
}

fn stock(id: usize) -> Value {
    let (product, warehouse) = ((id - 1) % 120 + 1, if id > 120 { "south" } else { "north" });
    json!({
        "product_id": product,
        "warehouse": warehouse,
        "quantity": id * 17 % 90,
        "reserved": id % 7,
        "restock_on": every(6, id, format!("2024-{:02}-15", id % 12 + 1)),
        "counted_at": instant(START + (id % 365) as i64 * DAY),
    })
}

fn review(id: usize) -> Value {
    json!({
        "id": format!("rev_{id}"),
        "productId": id * 7 % 120 + 1,
        "rating": id % 5 + 1,
        "title": format!("Review {id}"),
        "body": every(2, id, "Arrived in one piece – très bien."),
        "author": { "id": id % 250 + 1, "verified": id.is_multiple_of(3) },
        "createdAt": instant(START + id as i64 * 4 * DAY),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_stay_in_2024_and_ascend() {
        let data = Data::new();
        assert!(data.orders.is_sorted_by_key(|order| order.updated_at));
        assert!(data.events.is_sorted_by_key(|event| event.occurred_at));
        let orders = data.orders.iter().map(|order| &order.text);
        for text in
            data.customers.iter().chain(&data.products).chain(&data.inventory).chain(&data.reviews).chain(orders)
        {
            let record: Value = serde_json::from_str(text).unwrap();
            for (key, value) in record.as_object().unwrap() {
                let dated = ["_at", "_on", "edAt"].iter().any(|end| key.ends_with(end));
                assert!(!dated || value.is_null() || value.as_str().unwrap().starts_with("2024-"), "{key}: {value}");
            }
        }
        assert_eq!(instant(data.orders[999].updated_at), "2024-12-31T06:19:16Z");
        assert_eq!(instant(data.events[599].occurred_at / 1000), "2024-12-31T09:21:36Z");
    }

    #[test]
    fn an_order_sums_its_lines() {
        let data = Data::new();
        for (index, order) in data.orders.iter().enumerate() {
            let order: Value = serde_json::from_str(&order.text).unwrap();
            let lines: Vec<Value> = serde_json::from_str(&data.lines(index + 1).unwrap()).unwrap();
            let sum: f64 = lines.iter().map(|line| line["amount"].as_f64().unwrap()).sum();
            assert!((order["total"].as_f64().unwrap() - sum).abs() < 0.001, "{order}");
            assert_eq!(order["line_count"], lines.len());
            assert_eq!(lines.is_empty(), index + 1 == ORDER_WITHOUT_LINES);
        }
        assert_eq!(data.lines(0), None);
        assert_eq!(data.lines(1001), None);
    }

    #[test]
    fn instants_are_read() {
        let cases = [
            ("2024-01-01", Some(START)),
            ("2024-01-01T00:00:00Z", Some(START)),
            ("2024-01-01T01:00:00+01:00", Some(START)),
            ("2024-01-01T00:00:01.000Z", Some(START + 1)),
            ("2024-01-01T00:00:00", None),
            ("2024-13-01", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_instant(text).map(|at| at.as_second()), expected, "{text}");
        }
    }
}
