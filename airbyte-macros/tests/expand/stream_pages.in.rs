#[stream(
    source = Shop,
    path = "/orders",
    query = { ids = joined(config.ids, ";") },
    request_window_splitting = halves(min_split_window = "PT1H"),
    pagination_reset = reset,
    page_size_reduction = divide_by(2, reset_policy = AfterSuccessfulPage),
    paginator = offset_increment(page_size = 100, page_size_param = "limit"),
    cursor = datetime(updated_at),
)]
struct Order {
    id: u64,
    updated_at: Timestamp,
}
