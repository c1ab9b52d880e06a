/// A shop.
#[source(manifest = "manifest.yaml", registry = components::registry(), streams = [Order])]
pub struct Shop {
    /// The base URL.
    url: String,
}
