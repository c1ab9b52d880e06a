//! A certificate is shown without its key.
// Underlined: the kind, client_certificate

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = client_certificate(certificate = config.certificate),
    streams = [Task],
)]
struct Tracker {
    /// The certificate.
    certificate: String,
    /// Its key.
    private_key: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
