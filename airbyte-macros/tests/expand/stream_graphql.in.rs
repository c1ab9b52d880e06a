#[stream(
    source = Shop,
    path = "/graphql",
    body = graphql("query Q($first: Int) { orders(first: $first) { id } }", variables = { first = 50, since = interval.start }),
    cursor = integer(id),
    partition = MyRouter::new(3),
    auth = match config.credentials {
        Credentials::Token { token } => bearer(token),
        _ => none,
    },
)]
struct Order {
    id: u64,
}
