//! The connector: a shop's customers, products, orders with their lines, and events.

use airbyte_runtime::prelude::*;

/// A small shop.
#[source(
    name      = "source-shop",
    base_url  = "{config.base_url}",
    auth      = bearer(config.token),
    streams   = [Customer, Product, Order, OrderLine, Event],
    check     = Customer,
)]
pub struct Shop {
    /// Where the shop's API is.
    #[config(title = "Base URL", example = "https://shop.example.com")]
    base_url: String,
    /// The access token from the shop's settings.
    token: Secret,
    /// Orders and events before this instant are not synced.
    #[config(default = "2024-01-01T00:00:00Z")]
    start_date: Timestamp,
}

/// Somebody who bought something, or may do so.
#[stream(
    source      = Shop,
    name        = "customers",
    path        = "/customers",
    records     = "data",
    paginator   = page_increment(page_size = 100, page_size_param = "per_page"),
    primary_key = id,
)]
pub struct Customer {
    id: u64,
    email: String,
    first_name: String,
    last_name: String,
    phone: Option<String>,
    company: Option<String>,
    marketing_opt_in: bool,
    address: Address,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Where a customer lives.
#[record]
pub struct Address {
    street: String,
    city: String,
    postal_code: String,
    country: String,
    geo: Option<Geo>,
}

/// A place on Earth, in degrees.
#[record]
pub struct Geo {
    latitude: f64,
    longitude: f64,
}

/// Something to buy.
#[stream(
    source      = Shop,
    name        = "products",
    path        = "/products",
    records     = "items",
    paginator   = offset_increment(page_size = 50, page_size_param = "limit"),
    primary_key = id,
)]
pub struct Product {
    id: u64,
    sku: String,
    name: String,
    price: f64,
    currency: String,
    weight_kg: f64,
    tags: Vec<String>,
    description: Option<String>,
    discontinued_on: Option<Date>,
    created_at: Timestamp,
}

/// What a customer ordered.
#[stream(
    source      = Shop,
    name        = "orders",
    path        = "/orders",
    records     = "orders",
    paginator   = cursor_token(from_body = "meta.next_cursor", token_param = "cursor", page_size = 200, page_size_param = "limit"),
    cursor      = datetime(updated_at, start = config.start_date, step = "P30D", start_param = "updated_since", end_param = "updated_until"),
    primary_key = id,
)]
pub struct Order {
    id: u64,
    number: String,
    customer_id: u64,
    status: Status,
    currency: String,
    total: f64,
    line_count: u32,
    shipping: Shipping,
    note: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// How far an order is.
#[record]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
}

/// How an order travels.
#[record]
pub struct Shipping {
    method: String,
    tracking_number: Option<String>,
}

/// One position of an order, asked for order by order.
#[stream(
    source        = Shop,
    name          = "order_lines",
    path          = "/orders/{parent.id}/lines",
    parent        = Order(id as order_id),
    error_handler = [body("error.code", "no_lines") => ignore],
    primary_key   = id,
)]
pub struct OrderLine {
    id: u64,
    position: u32,
    product_id: u64,
    quantity: u32,
    unit_price: f64,
    amount: f64,
    discount: Option<Discount>,
}

/// What made a position cheaper.
#[record]
pub struct Discount {
    code: String,
    percent: f64,
}

/// What somebody did in the shop.
#[stream(
    source      = Shop,
    name        = "events",
    path        = "/events",
    paginator   = link_header(page_size = 200, page_size_param = "per_page"),
    cursor      = datetime(occurred_at, format = "%ms", start = config.start_date, start_param = "since"),
    primary_key = id,
)]
pub struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    occurred_at: i64,
    customer_id: Option<u64>,
    payload: Json,
}
