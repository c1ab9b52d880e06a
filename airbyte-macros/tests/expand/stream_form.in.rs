#[stream(
    source = Api,
    base_url = BASE_URL,
    path = "/search",
    method = PUT,
    form = { q = "x" },
    headers = { "X-Trace" = "{config.trace}" },
    allow_hosts = ["cdn.example.com"],
    max_retries = 2,
    crate = my::runtime,
)]
struct Hit {
    id: u64,
}
