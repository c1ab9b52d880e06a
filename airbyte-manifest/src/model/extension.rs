//! Components that Airbyte's language does not have: manifests that use them run here only.

use std::sync::LazyLock;

use super::auth::Authenticator;
use super::declare::{component, words};
use super::definition::Definition;
use super::requester::RequestOption;
use super::value::Text;
use super::variables::CONFIG;

/// The definitions of the components that Airbyte's language does not have, sorted by name.
pub fn extensions() -> &'static [Definition] {
    static TABLE: LazyLock<[Definition; 3]> = LazyLock::new(|| {
        [AwsSigV4Authenticator::DEFINITION, ClientCertificateAuthenticator::DEFINITION, HmacAuthenticator::DEFINITION]
    });
    &*TABLE
}

component! {
    /// Signatures of AWS, version 4.
    AwsSigV4Authenticator {
        /// The id of the access key.
        access_key_id: Text, sees(CONFIG);
        /// The access key.
        secret_access_key: Text, sees(CONFIG);
        /// The token of temporary credentials.
        session_token: Option<Text>, sees(CONFIG);
        /// The region.
        region: Text, sees(CONFIG);
        /// The service, as signatures name it.
        service: Text, sees(CONFIG);
    }
}

component! {
    /// Signatures by a shared secret.
    HmacAuthenticator {
        /// The secret.
        secret: Text, sees(CONFIG);
        /// Whether the secret is written in base64.
        base64_secret: bool = false;
        /// The hash.
        algorithm: HashAlgorithm = HashAlgorithm::Sha256;
        /// What is signed: names of parts; any other text is signed as it stands.
        signed_parts: Vec<Text>;
        /// What stands between the parts.
        separator: Text = Text::of("\n");
        /// How the signature is written.
        encoding: SignatureEncoding = SignatureEncoding::Hex;
        /// What stands before the signature.
        prefix: Option<Text>, sees(CONFIG);
        /// Where the signature goes.
        inject_into: RequestOption;
        /// How the time is written.
        timestamp_format: Text = Text::of("%s");
        /// Where the time goes.
        inject_timestamp_into: Option<RequestOption>;
    }
}

words! {
    /// The hash of a signature.
    HashAlgorithm { Sha1 = "SHA1", Sha256 = "SHA256", Sha384 = "SHA384", Sha512 = "SHA512", }
}

words! {
    /// How a signature is written.
    SignatureEncoding { Hex = "hex", Base64 = "base64", }
}

component! {
    /// A client certificate for the connections of a requester.
    ClientCertificateAuthenticator {
        /// The certificate and those that it depends on, in PEM.
        certificate: Text, sees(CONFIG);
        /// Its private key, in PEM.
        private_key: Text, sees(CONFIG);
        /// What requests show besides.
        authenticator: Option<Box<Authenticator>>;
    }
}
