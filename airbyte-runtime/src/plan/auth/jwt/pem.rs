//! Private keys in PEM, and the little DER that the signing library does not read.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::error::{Error, Result};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a PEM block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PemKind {
    /// PKCS #8: a key of any kind.
    Pkcs8,
    /// PKCS #1: an RSA key.
    Rsa,
    /// SEC 1: an elliptic key.
    Elliptic,
}

/// The first private key of a text.
pub(super) struct Pem {
    pub(super) kind: PemKind,
    pub(super) der: Vec<u8>,
}

impl Pem {
    /// # Errors
    /// A text without a private key, an encrypted key and a damaged one are system errors that do not show the text.
    pub(super) fn parse(text: &str) -> Result<Self> {
        // Keys pasted from a JSON file have `\n` in two characters.
        let text = text.replace("\\n", "\n");
        let blocks = text.split("-----BEGIN ").skip(1).filter_map(|block| {
            let (label, rest) = block.split_once("-----")?;
            let (body, _) = rest.split_once("-----END")?;
            Some((label.trim(), body))
        });
        let (label, body) = blocks.into_iter().find(|(label, _)| label.ends_with("PRIVATE KEY")).ok_or_else(|| {
            Error::system("the key has no complete `-----BEGIN … PRIVATE KEY-----` block; configure the whole PEM file")
        })?;
        let kind = match label {
            "PRIVATE KEY" => PemKind::Pkcs8,
            "RSA PRIVATE KEY" => PemKind::Rsa,
            "EC PRIVATE KEY" => PemKind::Elliptic,
            "ENCRYPTED PRIVATE KEY" => return Err(encrypted()),
            "OPENSSH PRIVATE KEY" | "DSA PRIVATE KEY" => {
                return Err(Error::system(format!(
                    "a key in the form `{label}` cannot be read; convert it to PKCS #8"
                )));
            }
            // What stands there may be a part of the key that lost its line ends.
            _ => return Err(Error::system("the key's PEM block has an unknown label; convert the key to PKCS #8")),
        };
        if body.contains("ENCRYPTED") {
            return Err(encrypted());
        }
        let base64: String = body.chars().filter(|character| !character.is_whitespace()).collect();
        let der = BASE64
            .decode(base64)
            .map_err(|_| Error::system("the key's PEM block is damaged; configure the file as it is"))?;
        Ok(Self { kind, der })
    }
}

fn encrypted() -> Error {
    Error::system(
        "the private key is encrypted, which is not supported; decrypt it with \
         `openssl pkcs8 -topk8 -nocrypt -in key.pem` and configure the result",
    )
}

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
const PARAMETERS: u8 = 0xa0;
const PUBLIC_KEY: u8 = 0xa1;

/// The private and the public part of a SEC 1 key.
///
/// # Errors
/// DER that is damaged, or a key without its public part, is a system error.
pub(super) fn elliptic(der: &[u8]) -> Result<(&[u8], &[u8])> {
    read_elliptic(der).ok_or_else(|| {
        Error::system("the elliptic key is damaged or lacks its public part; convert it with `openssl ec -in key.pem`")
    })
}

fn read_elliptic(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, SEQUENCE)?;
    let (_, rest) = element(sequence, INTEGER)?;
    let (private, rest) = element(rest, OCTET_STRING)?;
    let rest = element(rest, PARAMETERS).map_or(rest, |(_, rest)| rest);
    let (public, _) = element(rest, PUBLIC_KEY)?;
    let (bits, _) = element(public, BIT_STRING)?;
    // The first byte counts unused bits, of which there are none.
    Some((private, bits.strip_prefix(&[0])?))
}

/// The content of an element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der.strip_prefix(&[tag])? {
        [length @ 0..=0x7f, rest @ ..] => (usize::from(*length), rest),
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [0x82, high, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}
