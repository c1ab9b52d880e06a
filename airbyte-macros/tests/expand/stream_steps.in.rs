#[stream(
    source = Shop,
    path = "/orders",
    records = "data",
    expand = items("lines.data", parent_fields = { order_id = "id" }, merge_parent = true),
    properties = columns(param = "fields", property_count = 50, always_include = [id, "currency"], except = [region]),
    primary_key = id,
    partition = list(region = ["eu", "us"]),
    transform = [
        remove("internal.*"),
        add("region", "{partition.region}"),
        normalize(),
        shorten,
        Stamp { by: "me" },
    ],
)]
struct Line {
    id: u64,
    name: String,
    region: String,
}
