//! TLS: rustls, with the roots compiled in and those of the environment.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, Result};

/// Variables that name a file with further roots, as company proxies need them; the second is Python's habit.
const ROOT_FILES: [&str; 2] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"];

/// The client's side of TLS. Mozilla's roots are compiled in, so that a container needs no certificate files.
///
/// # Errors
/// A file of roots that cannot be read is a config error.
pub(super) fn client_config() -> Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for variable in ROOT_FILES {
        if let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) {
            add_file(&mut roots, variable, Path::new(&path))?;
        }
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::system("TLS cannot be set up").with_source(error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn add_file(roots: &mut RootCertStore, variable: &str, path: &Path) -> Result<()> {
    let unreadable = |error: rustls::pki_types::pem::Error| {
        Error::config(format!("the certificates in {} (from {variable}) cannot be read", path.display()))
            .with_source(error)
    };
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        // A bundle may hold certificates that rustls does not accept as roots; the others still count.
        let (_added, _ignored) = roots.add_parsable_certificates([certificate.map_err(unreadable)?]);
    }
    Ok(())
}
