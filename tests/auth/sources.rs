//! One source for each kind of credentials; all read the same rows.

use airbyte_runtime::prelude::*;

macro_rules! source {
    ($source:ident, $stream:ident, $($auth:tt)*) => {
        /// Rows, one part for each entry of `parts`.
        #[source(
            base_url    = "{config.base_url}",
            auth        = $($auth)*,
            backoff     = constant("PT0.01S"),
            concurrency = config.workers,
            streams     = [$stream],
        )]
        pub(crate) struct $source {
            /// Where the API is.
            base_url: String,
            /// The parts to read.
            parts: Vec<String>,
            /// How many requests may be in flight.
            workers: u32,
            /// The client's id.
            client_id: Option<String>,
            /// The client's secret.
            client_secret: Option<Secret>,
            /// What new tokens are fetched with.
            refresh_token: Option<Secret>,
            /// The token to begin with.
            access_token: Option<Secret>,
            /// When it ends.
            token_expiry_date: Option<String>,
            /// The user's name.
            username: Option<String>,
            /// The user's password.
            password: Option<Secret>,
            /// What tokens are signed with.
            secret_key: Option<Secret>,
            /// Several tokens.
            tokens: Option<Secret>,
            /// A certificate.
            certificate: Option<String>,
        }

        /// A row.
        #[stream(
            source = $source, name = "rows", path = "/rows/{partition.part}",
            partition = list(part = config.parts), primary_key = id,
        )]
        pub(crate) struct $stream {
            id: u64,
        }
    };
}

source!(
    WithOAuth,
    OAuthRow,
    oauth(
        token_url = "/token",
        client_id = config.client_id,
        client_secret = config.client_secret,
        refresh_token = config.refresh_token
    )
);

source!(
    WithSingleUse,
    SingleUseRow,
    oauth(
        token_url = "{config.base_url}/token",
        client_id = config.client_id,
        client_secret = config.client_secret,
        refresh_token = config.refresh_token,
        single_use = write_back(access_token = config.access_token, token_expiry_date = config.token_expiry_date)
    )
);

source!(
    WithClient,
    ClientRow,
    client_credentials(
        token_url = "/token",
        client_id = config.client_id,
        client_secret = config.client_secret,
        scopes = ["read", "write"],
        send_client_as_basic_auth = true,
        refresh_request_headers = { "X-Tenant" = "t-{config.client_id}" },
        refresh_request_body = { audience = "https://api.example.com", tenant = config.client_id }
    )
);

source!(
    WithAssertion,
    AssertionRow,
    oauth(
        token_url = "/token",
        profile_assertion = jwt(
            algorithm = HS256,
            secret_key = config.secret_key,
            iss = config.client_id,
            aud = "{config.base_url}/token",
            token_duration = "PT5M"
        )
    )
);

source!(WithToken, TokenRow, oauth(access_token_value = config.access_token));

source!(
    WithSession,
    SessionRow,
    session_token(
        login = post("/login", body = { user = config.username, password = config.password }),
        token = "data.token"
    )
);

source!(
    WithSessionHeader,
    SessionHeaderRow,
    session_token(
        login = post("/login", form = { user = config.username, password = config.password }),
        token = "id",
        expires_in = "PT1H",
        header = "X-Session"
    )
);

source!(
    WithLegacySession,
    LegacySessionRow,
    legacy_session(
        header = "X-Session",
        username = config.username,
        password = config.password,
        session_token = config.access_token,
        login_url = "/login",
        validate_session_url = "/me"
    )
);

source!(
    WithJwt,
    JwtRow,
    jwt(
        algorithm = HS256,
        secret_key = config.secret_key,
        header_prefix = "Bearer",
        token_duration = "PT7S",
        kid = "key-1",
        iss = config.client_id,
        aud = "https://api.example.com",
        additional_headers = { v = 2 },
        additional_payload = { scope = "read {config.client_id}", flag = true }
    )
);

source!(
    WithTokens,
    TokensRow,
    multiple_tokens(
        [config.tokens],
        quota_status = get("/rate_limit", headers = { "X-Api" = "1" }),
        quotas = [
            quota(
                "rows",
                remaining = "rows.remaining",
                reset = "rows.reset",
                limit = "rows.limit",
                matchers = [matcher(method = "GET", url_path_pattern = "^/rows/")],
                exhaustion_status_codes = [429]
            ),
            quota("other", remaining = "other.remaining", reset = "other.reset")
        ],
        budget_reserve_fraction = 0.0,
        budget_min_reserve = 0,
        max_wait_time = "PT1S"
    )
);

source!(
    WithAws,
    AwsRow,
    aws_sigv4(
        access_key_id = config.client_id,
        secret_access_key = config.secret_key,
        session_token = config.access_token,
        region = "eu-west-1",
        service = "execute-api"
    )
);

source!(
    WithHmac,
    HmacRow,
    hmac(
        secret = config.secret_key,
        algorithm = SHA512,
        sign = [TEXT("v1"), TIMESTAMP, METHOD, PATH_AND_QUERY, BODY_SHA256],
        separator = ".",
        encoding = BASE64,
        prefix = "HMAC {config.client_id}:",
        header = "Authorization",
        timestamp_header = "X-Timestamp",
        timestamp_format = "%ms"
    )
);

source!(
    WithCertificate,
    CertificateRow,
    client_certificate(
        certificate = config.certificate,
        private_key = config.secret_key,
        auth = client_credentials(
            token_url = "/token",
            client_id = config.client_id,
            client_secret = config.client_secret
        )
    )
);

source!(WithBasic, BasicRow, basic(username = config.client_id, password = config.client_secret));

source!(WithCookie, CookieRow, api_key(cookie = "session", value = config.secret_key));

source!(WithNothing, NothingRow, none);
