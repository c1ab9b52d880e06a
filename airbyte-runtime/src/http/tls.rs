//! TLS: rustls, with the roots compiled in and those of the environment.

use std::ffi::OsString;
use std::path::Path;

use reqwest::ClientBuilder;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use crate::error::{Error, Result};

/// Variables that name a file with further roots, as company proxies need them; the second is Python's habit.
const ROOT_FILES: [&str; 2] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"];

/// What a client shows of itself when it connects.
pub(crate) struct Identity {
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads a certificate, with those that it depends on, and its private key; both are PEM.
    ///
    /// # Errors
    /// PEM that cannot be read is a config error that does not show it.
    pub(crate) fn parse(certificate: &str, private_key: &str) -> Result<Self> {
        // Text pasted from a JSON file has `\n` in two characters.
        let (certificate, private_key) = (certificate.replace("\\n", "\n"), private_key.replace("\\n", "\n"));
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(certificate.as_bytes())
            .collect::<std::result::Result<_, _>>()
            .unwrap_or_default();
        if certificates.is_empty() {
            return Err(Error::config(
                "the client certificate has no complete `-----BEGIN CERTIFICATE-----` block; configure the whole PEM file",
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(private_key.as_bytes()).map_err(|_| {
            Error::config(
                "the private key of the client certificate cannot be read; configure the whole PEM file, not encrypted",
            )
        })?;
        Ok(Self { certificates, key })
    }
}

/// The client's side of TLS.
#[derive(Clone, Debug)]
pub(super) struct Encryption(ClientConfig);

impl Encryption {
    /// Mozilla's roots are compiled in, so that a container needs no certificate files.
    ///
    /// # Errors
    /// A file of roots that cannot be read is a config error.
    pub(super) fn new(identity: Option<&Identity>) -> Result<Self> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for (variable, path) in root_files(|variable| std::env::var_os(variable)) {
            add_file(&mut roots, variable, Path::new(&path))?;
        }
        trusting(roots, identity).map(Self)
    }

    /// For connections that are not encrypted: nobody is trusted.
    ///
    /// # Errors
    /// TLS that cannot be set up is a system error.
    pub(super) fn unused() -> Result<Self> {
        trusting(RootCertStore::empty(), None).map(Self)
    }

    /// Encrypts the connections of a client.
    pub(super) fn of(self, client: ClientBuilder) -> ClientBuilder {
        client.tls_backend_preconfigured(self.0)
    }
}

/// Refuses a URL that cannot be asked for: none.
///
/// # Errors
/// None, unlike where TLS is missing.
pub(super) fn require_scheme(_url: &Url) -> Result<()> {
    Ok(())
}

/// The files that the variables name, each once: both often name the same, and a bundle takes milliseconds to read.
fn root_files(variable: impl Fn(&str) -> Option<OsString>) -> Vec<(&'static str, OsString)> {
    let mut files: Vec<(&'static str, OsString)> = Vec::new();
    for name in ROOT_FILES {
        if let Some(path) = variable(name).filter(|path| !path.is_empty())
            && files.iter().all(|(_, known)| *known != path)
        {
            files.push((name, path));
        }
    }
    files
}

fn trusting(roots: RootCertStore, identity: Option<&Identity>) -> Result<ClientConfig> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::system("TLS cannot be set up").with_source(error))?
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder
            .with_client_auth_cert(identity.certificates.clone(), identity.key.clone_key())
            .map_err(|_| Error::config("the client certificate and the private key do not belong together"))?,
    };
    config.alpn_protocols = match cfg!(feature = "http2") {
        true => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        false => vec![b"http/1.1".to_vec()],
    };
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

#[cfg(all(test, feature = "http2"))]
mod tests;
