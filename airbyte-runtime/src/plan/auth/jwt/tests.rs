mod keys;

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, EcdsaKeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use serde_json::json;

use super::*;
use crate::plan::auth::placement::Collision;
use crate::plan::auth::scripted::{Templates, header, run};
use crate::plan::request::Inject;

/// 2024-03-01T00:00:00Z.
const NOW: i64 = 1_709_251_200;

fn settings(templates: &Templates, algorithm: &str, secret_key: &str) -> JwtSettings {
    JwtSettings {
        algorithm: Algorithm::parse(algorithm).unwrap(),
        secret_key: templates.setting(secret_key),
        base64_encode_secret_key: false,
        passphrase: None,
        token_duration: 600,
        header_prefix: None,
        kid: None,
        typ: Some(templates.setting("JWT")),
        cty: None,
        iss: None,
        sub: None,
        aud: None,
        additional_headers: SettingMapping::default(),
        additional_payload: SettingMapping::default(),
    }
}

/// With a key id, an issuer and an audience.
fn named(templates: &Templates, algorithm: &str, secret_key: &str) -> JwtSettings {
    JwtSettings {
        header_prefix: Some(templates.setting("Bearer")),
        kid: Some(templates.setting("{{ config['kid'] }}")),
        iss: Some(templates.setting("me")),
        sub: Some(templates.setting("{{ config['kid'] }}")),
        aud: Some(templates.setting("https://a")),
        ..settings(templates, algorithm, secret_key)
    }
}

fn sign(settings: JwtSettings) -> Result<String> {
    JwtSigner::new(settings, Redactor::default()).credentials_at(NOW)
}

#[test]
fn tokens_are_those_of_the_python_cdk() {
    let short = "0123456789abcdef0123456789abcdef";
    let templates = Templates::new(&json!({"secret": short, "kid": "kid 1"}));
    let mut hs256 = named(&templates, "HS256", "{{ config['secret'] }}");
    hs256.additional_headers = templates.mapping(json!({"x": "{{ config['kid'] }}", "n": "5"}));
    hs256.additional_payload = templates.mapping(json!({"scope": "a b", "num": "{{ 7 }}", "lst": "{{ ['a'] }}"}));
    assert_eq!(
        sign(hs256).unwrap(),
        "Bearer eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZCAxIiwibiI6NSwidHlwIjoiSldUIiwieCI6ImtpZCAxIn0.eyJzY29wZSI6ImEgYiIsIm51bSI6NywibHN0IjpbImEiXSwiaXNzIjoibWUiLCJzdWIiOiJraWQgMSIsImF1ZCI6Imh0dHBzOi8vYSIsImlhdCI6MTcwOTI1MTIwMCwiZXhwIjoxNzA5MjUxODAwLCJuYmYiOjE3MDkyNTEyMDB9.wGeKGtgBsQQCMrXxRh0srHQ2LhwBz-ml0T9owtAef7M"
    );
    let templates = Templates::new(&json!({"secret": short.repeat(3), "kid": "k", "rsa": keys::RSA}));
    let hs512 = JwtSettings { token_duration: 1200, ..settings(&templates, "HS512", "{{ config['secret'] }}") };
    assert_eq!(
        sign(hs512).unwrap(),
        "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDkyNTEyMDAsImV4cCI6MTcwOTI1MjQwMCwibmJmIjoxNzA5MjUxMjAwfQ.lexTy8KMy40BJhO1YiCM4cBocRyix2XyXWzFepGAOZ0681mlCKg3sV6vycGZu-N0UTkDlOyP9i6PAaS3caakYQ"
    );
    let hs384 = JwtSettings { base64_encode_secret_key: true, ..named(&templates, "HS384", "{{ config['secret'] }}") };
    assert_eq!(
        sign(hs384).unwrap(),
        "Bearer eyJhbGciOiJIUzM4NCIsImtpZCI6ImsiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJtZSIsInN1YiI6ImsiLCJhdWQiOiJodHRwczovL2EiLCJpYXQiOjE3MDkyNTEyMDAsImV4cCI6MTcwOTI1MTgwMCwibmJmIjoxNzA5MjUxMjAwfQ.VmEnDrIJXbnpfNrj6qqLZiIzYMmRdkQw810B2VRtH2YUqWI2XeeS0ztNTcuk8rTV"
    );
    assert_eq!(
        sign(named(&templates, "RS256", "{{ config['rsa'] }}")).unwrap(),
        "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJtZSIsInN1YiI6ImsiLCJhdWQiOiJodHRwczovL2EiLCJpYXQiOjE3MDkyNTEyMDAsImV4cCI6MTcwOTI1MTgwMCwibmJmIjoxNzA5MjUxMjAwfQ.VubMIG1wX4KUWIh_UTBswZyphbGPTnUgkoPM321dAT5bvmyja4t6zLFj9vDkFCE_t7YSR6YC0li7vdv2fVCzmYfKALk_Mgel2JPJY4GqyWKZWYhzWV9lK_wzZQEWx27W3Ch-485D9SvQUeMvc-McyYGheq7-UWUfp0-9YZttAeu0Fo1XUfSDT56lkWseKa557JuQYpigbgAaFIrqm0_Hq6456KjRdQyc9FlYK4dlof4cZhD4UjTIxrfQHLx2lzS5u6KOLjzpbw7KyrvJQ151HOUH5poXB8sFZIal_OAnapAowDPqUxAfr98Pbjw_HZyTUyHgd2rjrCo-KxUPOs-CHQ"
    );
}

/// Whether a signature holds, by the public part of the key.
fn verify(algorithm: &str, key: &str, token: &str) -> bool {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let der = pem::Pem::parse(key).unwrap();
    let rsa = || match der.kind {
        pem::PemKind::Rsa => RsaKeyPair::from_der(&der.der).unwrap(),
        _ => RsaKeyPair::from_pkcs8(&der.der).unwrap(),
    };
    let elliptic = || pem::elliptic(&der.der).unwrap().1.to_vec();
    let (verification, public): (&'static dyn ring::signature::VerificationAlgorithm, Vec<u8>) = match algorithm {
        "RS384" => (&RSA_PKCS1_2048_8192_SHA384, rsa().public_key().as_ref().to_vec()),
        "PS256" => (&RSA_PSS_2048_8192_SHA256, rsa().public_key().as_ref().to_vec()),
        "ES256" if der.kind == pem::PemKind::Pkcs8 => {
            let random = ring::rand::SystemRandom::new();
            let curve = &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
            let pair = EcdsaKeyPair::from_pkcs8(curve, &der.der, &random).unwrap();
            (&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref().to_vec())
        }
        "ES256" => (&ECDSA_P256_SHA256_FIXED, elliptic()),
        "ES384" => (&ECDSA_P384_SHA384_FIXED, elliptic()),
        "EdDSA" => {
            let pair = ring::signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der.der).unwrap();
            (&ED25519, pair.public_key().as_ref().to_vec())
        }
        other => panic!("{other}"),
    };
    UnparsedPublicKey::new(verification, public).verify(message.as_bytes(), &signature).is_ok()
}

#[test]
fn private_keys_of_every_kind_sign() {
    let one_line = keys::P256_PKCS8.replace('\n', "\\n");
    let table = [
        ("RS384", keys::RSA_PKCS8),
        ("PS256", keys::RSA),
        ("ES256", keys::P256),
        ("ES256", keys::P256_PKCS8),
        ("ES256", &one_line),
        ("ES384", keys::P384),
        ("EdDSA", keys::ED25519),
    ];
    for (algorithm, key) in table {
        let templates = Templates::new(&json!({ "key": key }));
        let token = sign(settings(&templates, algorithm, "{{ config['key'] }}")).unwrap();
        assert!(verify(algorithm, key, &token), "{algorithm}");
    }
}

#[test]
fn keys_that_cannot_be_used_say_why() {
    let truncated = keys::RSA.replace("END", "ENDE").replace("MIIEpAIBAAKCAQEA", "MIIEpAIBAAKCAQEB");
    let broken = keys::P256.replace("MHcCAQEE", "MHcCAQEF");
    let table = [
        ("RS256", "secret", "has no complete `-----BEGIN"),
        ("RS256", keys::P256, "RS256 signs with an RSA key, but the key is of another kind"),
        ("RS256", truncated.as_str(), "the key cannot be used; wanted is an RSA key"),
        ("ES256", keys::RSA, "ES256 signs with an elliptic key"),
        ("ES256", keys::P384, "the key cannot be used; wanted is a key of the curve P-256"),
        ("ES256", &broken, "the elliptic key is damaged"),
        ("EdDSA", keys::P256, "EdDSA signs with an Ed25519 key"),
        ("ES256", keys::ENCRYPTED, "the private key is encrypted"),
        ("HS256", keys::RSA, "the key is in PEM"),
    ];
    for (algorithm, key, words) in table {
        let templates = Templates::new(&json!({ "key": key }));
        let error = sign(settings(&templates, algorithm, "{{ config['key'] }}")).unwrap_err();
        assert!(error.message().starts_with("the JWT could not be signed: "), "{error}");
        assert!(error.message().contains(words), "{algorithm}: {error}");
    }
    for unknown in ["ES512", "ES256K", "none", ""] {
        let message = Algorithm::parse(unknown).unwrap_err().message().to_owned();
        assert!(message.starts_with(&format!("JWTs cannot be signed with `{unknown}`")), "{message}");
    }
}

#[test]
fn reserved_names_are_refused() {
    let templates = Templates::new(&json!({}));
    let payload = JwtSettings {
        additional_payload: templates.mapping(json!({"exp": "1"})),
        ..settings(&templates, "HS256", "secret")
    };
    let headers = JwtSettings {
        additional_headers: templates.mapping(json!({"kid": "1"})),
        ..settings(&templates, "HS256", "secret")
    };
    for (settings, words) in [
        (payload, "`exp` is reserved (iss, sub, aud, iat, exp, nbf) and must not stand in `additional_jwt_payload`"),
        (headers, "`kid` is reserved (kid, alg, typ, cty) and must not stand in `additional_jwt_headers`"),
    ] {
        let error = sign(settings).unwrap_err();
        assert!(error.message().contains(words), "{error}");
    }
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn values_keep_their_types_and_json_fields_are_read() {
    let templates = Templates::new(&json!({"account": "{\"key\": \"s3cret\", \"mail\": \"ü@x\"}", "id": 7}));
    let token = sign(JwtSettings {
        iss: Some(templates.setting("{{ json_loads(config['account'])['mail'] }}")),
        sub: Some(templates.setting("{{ config['id'] }}")),
        aud: Some(templates.setting("")),
        typ: Some(templates.setting("")),
        additional_payload: templates.mapping(json!({"nested": {"a": ["{{ 1 }}"]}, "empty": "", "n": 5})),
        ..settings(&templates, "HS256", "{{ json_loads(config['account'])['key'] }}")
    });
    let token = token.unwrap();
    let times = json!({"iat": NOW, "exp": NOW + 600, "nbf": NOW});
    let mut claims = json!({"nested": {"a": ["{{ 1 }}"]}, "empty": null, "n": 5, "iss": "ü@x", "sub": 7});
    claims.as_object_mut().unwrap().extend(times.as_object().unwrap().clone());
    assert_eq!(part(&token, 1), claims);
    let raw = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    assert!(String::from_utf8(raw).unwrap().contains("\"iss\":\"\\u00fc@x\""));
}

#[test]
fn a_token_is_shown_again_for_a_while() {
    let templates = Templates::new(&json!({}));
    let redactor = Redactor::default();
    let signer = JwtSigner::new(settings(&templates, "HS256", "secret"), redactor.clone());
    let first = signer.credentials_at(NOW).unwrap();
    assert_eq!(signer.credentials_at(NOW + 29).unwrap(), first);
    assert_ne!(signer.credentials_at(NOW + 30).unwrap(), first);
    assert_eq!(redactor.redact(&first), "****");
    let short = JwtSettings { token_duration: 4, ..settings(&templates, "HS256", "secret") };
    let signer = JwtSigner::new(short, redactor);
    assert_ne!(signer.credentials_at(NOW).unwrap(), signer.credentials_at(NOW + 1).unwrap());
}

/// One token each second, for hours: it is the current one that must not be seen.
#[test]
fn the_last_tokens_are_masked_however_many_there_were() {
    let templates = Templates::new(&json!({}));
    let redactor = Redactor::default();
    let short = JwtSettings { token_duration: 4, ..settings(&templates, "HS256", "secret") };
    let signer = JwtSigner::new(short, redactor.clone());
    let tokens: Vec<String> = (0..1_500).map(|second| signer.credentials_at(NOW + second).unwrap()).collect();
    for token in &tokens[1_400..] {
        assert_eq!(redactor.redact(token), "****");
    }
}

#[test]
fn a_prefix_and_another_place_are_possible() {
    let templates = Templates::new(&json!({}));
    let prefixed =
        JwtSettings { header_prefix: Some(templates.setting("JWT")), ..settings(&templates, "HS256", "secret") };
    let signer = Arc::new(JwtSigner::new(prefixed, Redactor::default()));
    let placement = Placement::new(Inject::Header("X-Jwt".to_owned()), Collision::Refuse);
    assert!(run(header(&JwtAuth::new(signer, placement), "x-jwt")).unwrap().starts_with("JWT ey"));
}
