#[stream(
    source = Base,
    name = "rows_{partition.table}",
    path = "/rows/{partition.table}",
    records = union("open", "closed.items"),
    partition = list(table = config.tables),
    cursor = datetime(at),
    when = has_tables,
    full_refresh = first::All(api_retention_period = "P30D"),
    schema = endpoint("/fields", name = "key", type = "kind"),
)]
struct Row {
    id: u64,
    at: Timestamp,
}
