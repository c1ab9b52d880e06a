//! The private key of a certificate is no secret in the struct.
// Underlined: config.private_key

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = client_certificate(certificate = config.certificate, private_key = config.private_key),
    streams = [Task],
)]
struct Tracker {
    /// The certificate.
    certificate: String,
    /// Its key.
    private_key: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
