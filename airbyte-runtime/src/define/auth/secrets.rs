//! Which arguments of the authenticators are secrets.

use crate::rules::text::same;

/// Component, argument: what is sent as a credential, or signs one. An argument without a name is the first.
const SECRETS: [(&str, &str); 16] = [
    ("bearer", ""),
    ("api_key", "value"),
    ("basic", "password"),
    ("oauth", "client_secret"),
    ("oauth", "refresh_token"),
    ("oauth", "access_token_value"),
    ("client_credentials", "client_secret"),
    ("write_back", "access_token"),
    ("jwt", "secret_key"),
    ("legacy_session", "password"),
    ("legacy_session", "session_token"),
    ("multiple_tokens", ""),
    ("aws_sigv4", "secret_access_key"),
    ("aws_sigv4", "session_token"),
    ("hmac", "secret"),
    ("client_certificate", "private_key"),
];

/// Whether what is given to this argument has to be a [`Secret`](crate::Secret) of the configuration.
pub(crate) const fn is_secret(component: &str, argument: &str) -> bool {
    let mut at = 0;
    while at < SECRETS.len() {
        if same(SECRETS[at].0, component) && same(SECRETS[at].1, argument) {
            return true;
        }
        at += 1;
    }
    false
}
