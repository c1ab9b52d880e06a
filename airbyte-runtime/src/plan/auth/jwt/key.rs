//! Keys that sign.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use ring::{error, hmac};

use super::pem::{Pem, PemKind, elliptic};
use crate::error::{Error, Result};

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Hs256,
    Hs384,
    Hs512,
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

const ALL: [(Algorithm, &str); 12] = [
    (Algorithm::Hs256, "HS256"),
    (Algorithm::Hs384, "HS384"),
    (Algorithm::Hs512, "HS512"),
    (Algorithm::Rs256, "RS256"),
    (Algorithm::Rs384, "RS384"),
    (Algorithm::Rs512, "RS512"),
    (Algorithm::Ps256, "PS256"),
    (Algorithm::Ps384, "PS384"),
    (Algorithm::Ps512, "PS512"),
    (Algorithm::Es256, "ES256"),
    (Algorithm::Es384, "ES384"),
    (Algorithm::EdDsa, "EdDSA"),
];

impl Algorithm {
    /// The algorithm of this name.
    ///
    /// # Errors
    /// `ES256K`, `ES512` and unknown names are system errors.
    #[cfg(feature = "manifest")]
    pub(crate) fn parse(name: &str) -> Result<Self> {
        ALL.iter().find(|(_, known)| *known == name).map(|(algorithm, _)| *algorithm).ok_or_else(|| {
            let names: Vec<&str> = ALL.iter().map(|(_, name)| *name).collect();
            Error::system(format!("JWTs cannot be signed with `{name}`; there are {}", names.join(", ")))
        })
    }

    pub(super) fn name(self) -> &'static str {
        ALL.iter().find(|(algorithm, _)| *algorithm == self).map_or("", |(_, name)| name)
    }
}

/// A key that is ready to sign.
pub(super) enum SigningKey {
    Hmac(hmac::Key),
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Elliptic(EcdsaKeyPair),
    Edwards(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads a key: the text itself for HMAC, PEM for the others.
    ///
    /// # Errors
    /// A key of the wrong kind, an encrypted key, and one that cannot be read are system errors that do not show it.
    pub(super) fn parse(algorithm: Algorithm, text: &str) -> Result<Self> {
        let rsa =
            |encoding: &'static dyn RsaEncoding| rsa(algorithm, text).map(|key| Self::Rsa(Box::new(key), encoding));
        match algorithm {
            Algorithm::Hs256 => secret(hmac::HMAC_SHA256, text),
            Algorithm::Hs384 => secret(hmac::HMAC_SHA384, text),
            Algorithm::Hs512 => secret(hmac::HMAC_SHA512, text),
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&RSA_PKCS1_SHA512),
            Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
            Algorithm::Ps384 => rsa(&RSA_PSS_SHA384),
            Algorithm::Ps512 => rsa(&RSA_PSS_SHA512),
            Algorithm::Es256 => ecdsa(algorithm, &ECDSA_P256_SHA256_FIXED_SIGNING, text),
            Algorithm::Es384 => ecdsa(algorithm, &ECDSA_P384_SHA384_FIXED_SIGNING, text),
            Algorithm::EdDsa => edwards(text),
        }
    }

    /// # Errors
    /// A key whose numbers do not belong together, and a failure of the system's source of random numbers.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let failed = |_: error::Unspecified| {
            Error::system("the signature could not be computed: the key is damaged; configure its file as it is")
        };
        Ok(match self {
            Self::Hmac(key) => hmac::sign(key, message).as_ref().to_vec(),
            Self::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(*encoding, &SystemRandom::new(), message, &mut signature).map_err(failed)?;
                signature
            }
            Self::Elliptic(key) => key.sign(&SystemRandom::new(), message).map_err(failed)?.as_ref().to_vec(),
            Self::Edwards(key) => key.sign(message).as_ref().to_vec(),
        })
    }
}

fn secret(algorithm: hmac::Algorithm, text: &str) -> Result<SigningKey> {
    if text.contains("-----BEGIN ") {
        return Err(Error::system(
            "the key is in PEM, but the algorithm signs with a shared secret; use RS256, ES256 or EdDSA with this key",
        ));
    }
    Ok(SigningKey::Hmac(hmac::Key::new(algorithm, text.as_bytes())))
}

fn rsa(algorithm: Algorithm, text: &str) -> Result<RsaKeyPair> {
    let pem = Pem::parse(text)?;
    let key = match pem.kind {
        PemKind::Pkcs8 => RsaKeyPair::from_pkcs8(&pem.der),
        PemKind::Rsa => RsaKeyPair::from_der(&pem.der),
        PemKind::Elliptic => return Err(wrong_kind(algorithm, "an RSA key")),
    };
    key.map_err(|reason| refused("an RSA key of 2048 to 4096 bits", &reason))
}

fn ecdsa(algorithm: Algorithm, curve: &'static EcdsaSigningAlgorithm, text: &str) -> Result<SigningKey> {
    let random = SystemRandom::new();
    let pem = Pem::parse(text)?;
    let key = match pem.kind {
        PemKind::Pkcs8 => EcdsaKeyPair::from_pkcs8(curve, &pem.der, &random),
        PemKind::Elliptic => {
            let (private, public) = elliptic(&pem.der)?;
            EcdsaKeyPair::from_private_key_and_public_key(curve, private, public, &random)
        }
        PemKind::Rsa => return Err(wrong_kind(algorithm, "an elliptic key")),
    };
    let wanted = match algorithm {
        Algorithm::Es384 => "a key of the curve P-384 that holds its public key",
        _ => "a key of the curve P-256 that holds its public key",
    };
    key.map(SigningKey::Elliptic).map_err(|reason| refused(wanted, &reason))
}

fn edwards(text: &str) -> Result<SigningKey> {
    let pem = Pem::parse(text)?;
    if pem.kind != PemKind::Pkcs8 {
        return Err(wrong_kind(Algorithm::EdDsa, "an Ed25519 key"));
    }
    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pem.der);
    key.map(SigningKey::Edwards).map_err(|reason| refused("an Ed25519 key", &reason))
}

fn wrong_kind(algorithm: Algorithm, wanted: &str) -> Error {
    Error::system(format!("{} signs with {wanted}, but the key is of another kind", algorithm.name()))
}

fn refused(wanted: &str, reason: &error::KeyRejected) -> Error {
    Error::system(format!("the key cannot be used; wanted is {wanted}")).with_detail(reason.to_string())
}
