/// Issues of GitHub repositories.
#[source(
    base_url = "https://{config.host}/api",
    documentation_url = "https://docs.example.com",
    auth = api_key(header = "Authorization", value = "Token {config.token}"),
    query = { version = 2 },
    advanced_auth = oauth2(
        consent_url = "https://{{domain}}/authorize?client_id={{client_id_value}}",
        access_token_url = "https://api.example.com/token?{{auth_code_param}}",
        output = { access_token = config.token },
    ),
    headers = { Accept = "application/json" },
    error_handler = [status(404) => ignore, header("X-Remaining", "0") => rate_limited],
    backoff = exponential(base = "PT1S"),
    max_retries = 3,
    budget = [
        requests(url_path_pattern = "^/search", weight = 5) => moving_window(rates = [rate(10, "PT1S")]),
        requests => fixed_window(call_limit_from = config.calls, period = "PT1M"),
    ],
    streams = [Repository, issues::Issue],
    check = Repository,
    concurrency = config.workers,
    groups = { auth = "Authentication" },
    allow_hosts = ["files.example.com"],
)]
pub struct GitHub {
    /// Personal access token
    /// with the `repo` scope.
    #[config(secret, group = "auth")]
    token: Secret,
    /// The host.
    #[config(default = "api.github.com", examples = ["github.example.com"])]
    host: String,
    /// Requests in flight at one time.
    #[config(minimum = 1, rename = "numWorkers")]
    workers: Option<u32>,
    /// Calls in a minute.
    calls: Option<u32>,
}
