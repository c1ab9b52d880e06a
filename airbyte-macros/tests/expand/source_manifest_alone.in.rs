/// A shop.
#[source(manifest = "manifest.yaml", crate = my::runtime)]
pub struct Shop;
