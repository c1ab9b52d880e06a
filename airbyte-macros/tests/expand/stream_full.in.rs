/// One issue.
#[stream(
    source = GitHub,
    name = "issues",
    namespace = "public",
    path = "/repos/{partition.repository}/issues",
    partition = list(repository = config.repositories, param = "repo"),
    query = { state = "all", page = -1, ratio = 0.5, open = true, none = null, tags = ["a", "b"], since = config.start },
    records = "data.*.items",
    paginator = page_increment(page_size = 100, page_size_param = "per_page"),
    cursor = datetime(updated_at, start = config.start, step = "P30D"),
    primary_key = (id, user.id),
    undeclared = drop,
    filter = is_open,
    transform = Shorten { length: 80 },
    error_handler = MyHandler,
    backoff = [wait_from_header("Retry-After"), MyBackoff::new(3)],
)]
#[derive(Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    id: u64,
    r#type: String,
    user: User,
    updated_at: Timestamp,
    #[cfg(feature = "labels")]
    labels: Vec<String>,
    #[serde(skip)]
    scratch: u64,
}
