#[source(
    name = "source-shop",
    title = "Shop",
    base_url = config.url,
    auth = match config.credentials {
        Credentials::Token { token } => bearer(token),
        Credentials::Key(pair) => api_key(header = "X-Key", value = pair.key),
        Credentials::None => none,
    },
    streams = [Order],
    concurrency = 4,
)]
struct Shop {
    /// The shop's URL.
    url: String,
    /// How to log in.
    credentials: Credentials,
}
