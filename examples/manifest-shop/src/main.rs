//! A shop whose streams are partly those of `manifest.yaml`, and partly Rust structs: one connector, one read.

use airbyte_runtime::manifest::Registry;
use airbyte_runtime::plan::{Map, RecordTransformation, Value};
use airbyte_runtime::prelude::*;

/// A small shop.
#[source(
    name     = "source-manifest-shop",
    base_url = "{config.base_url}",
    auth     = bearer(config.token),
    streams  = [Product],
    manifest = "manifest.yaml",
    registry = registry(),
)]
struct Shop {
    /// Where the shop's API is.
    #[config(title = "Base URL", example = "https://shop.example.com")]
    base_url: String,
    /// The access token from the shop's settings.
    token: Secret,
    /// Orders before this instant are not synced.
    #[config(default = "2024-01-01T00:00:00Z")]
    start_date: Timestamp,
    /// Orders after this instant are not synced.
    #[config(default = "2024-12-31T23:59:59Z")]
    end_date: Timestamp,
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
struct Product {
    id: u64,
    sku: String,
    name: String,
    price: f64,
    currency: String,
    discontinued_on: Option<Date>,
}

/// The classes that `manifest.yaml` names.
fn registry() -> Registry {
    Registry::new().transformation("MaskEmail", |component| Ok(MaskEmail { field: component.text("field")? }))
}

/// Keeps the first letter and the host of an address: `a***@example.com`.
struct MaskEmail {
    field: String,
}

impl RecordTransformation for MaskEmail {
    fn transform(&self, record: &mut Map<String, Value>) -> Result<()> {
        if let Some(Value::String(address)) = record.get_mut(&self.field)
            && let Some((user, host)) = address.split_once('@')
        {
            *address = format!("{}***@{host}", user.chars().take(1).collect::<String>());
        }
        Ok(())
    }
}

airbyte_runtime::main!(Shop);

#[cfg(test)]
mod tests;

airbyte_runtime::connector_tests!(Shop, "tests");
