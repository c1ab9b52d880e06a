//! Who asks: credentials of every kind.

use crate::node::Node;

use super::budget::HttpRequestRegexMatcher;
use super::custom::Custom;
use super::declare::{choice, component, words};
use super::decoder::TokenDecoder;
use super::definition::Tag;
use super::extension::{AwsSigV4Authenticator, ClientCertificateAuthenticator, HmacAuthenticator};
use super::oauth::OAuthAuthenticator;
use super::requester::{HttpMethod, HttpRequester, RequestOption};
use super::rule::{items, mapping, text_mapping};
use super::value::{OneOrMany, Text};
use super::variables::{CONFIG, JWT, SESSION};

choice! {
    /// How a requester proves who asks.
    Authenticator {
        ApiKeyAuthenticator(ApiKeyAuthenticator),
        BasicHttpAuthenticator(BasicHttpAuthenticator),
        BearerAuthenticator(BearerAuthenticator),
        OAuthAuthenticator(Box<OAuthAuthenticator>),
        JwtAuthenticator(Box<JwtAuthenticator>),
        SessionTokenAuthenticator(Box<SessionTokenAuthenticator>),
        SelectiveAuthenticator(SelectiveAuthenticator),
        CustomAuthenticator(Custom),
        NoAuth(NoAuth),
        LegacySessionTokenAuthenticator(LegacySessionTokenAuthenticator),
        RateLimitedMultipleTokenAuthenticator(Box<RateLimitedMultipleTokenAuthenticator>),
        AwsSigV4Authenticator(AwsSigV4Authenticator),
        HmacAuthenticator(Box<HmacAuthenticator>),
        ClientCertificateAuthenticator(ClientCertificateAuthenticator),
    }
}

choice! {
    /// How requests carry a session token.
    SessionTokenRequestAuthenticator {
        SessionTokenRequestApiKeyAuthenticator(SessionTokenRequestApiKeyAuthenticator) = "ApiKey",
        SessionTokenRequestBearerAuthenticator(SessionTokenRequestBearerAuthenticator) = "Bearer",
    }
}

words! {
    /// How a JSON web token is signed.
    JwtAlgorithm {
        Hs256 = "HS256", Hs384 = "HS384", Hs512 = "HS512",
        Es256 = "ES256", Es256K = "ES256K", Es384 = "ES384", Es512 = "ES512",
        Rs256 = "RS256", Rs384 = "RS384", Rs512 = "RS512",
        Ps256 = "PS256", Ps384 = "PS384", Ps512 = "PS512",
        EdDsa = "EdDSA",
    }
}

component! {
    /// A key in a header, a parameter or the body.
    ApiKeyAuthenticator {
        /// The key.
        api_token: Option<Text>, sees(CONFIG);
        /// The header that holds it, if `inject_into` does not say.
        header: Option<Text>, sees(CONFIG);
        /// Where it goes.
        inject_into: Option<RequestOption>;
    }
}

component! {
    /// User name and password.
    BasicHttpAuthenticator {
        /// The user name.
        username: Text, sees(CONFIG);
        /// The password.
        password: Text = Text::of(""), sees(CONFIG);
    }
}

component! {
    /// `Authorization: Bearer …`.
    BearerAuthenticator {
        /// The token.
        api_token: Text, sees(CONFIG);
    }
}

component! {
    /// No credentials.
    NoAuth {}
}

component! {
    /// Chooses among authenticators by a value of the configuration.
    SelectiveAuthenticator {
        /// The path of that value in the configuration.
        authenticator_selection_path: Vec<Text>;
        /// The authenticators by the values that choose them.
        authenticators: AuthenticatorMap;
    }
}

/// Authenticators by name, in the order of the file.
#[derive(Clone, Debug)]
pub struct AuthenticatorMap(
    /// Name and authenticator.
    pub Vec<(String, Authenticator)>,
);

impl super::read::Parse for AuthenticatorMap {
    fn expected() -> String {
        "a mapping of names to authenticators".to_owned()
    }

    fn parse(node: &Node, place: super::read::Place, reader: &mut super::read::Reader) -> Option<Self> {
        let Some(map) = node.as_map() else {
            reader.mismatch(node, place, &Self::expected());
            return None;
        };
        let read: Vec<_> = map
            .iter()
            .map(|entry| Some((entry.key.clone(), Authenticator::parse(&entry.value, place, reader)?)))
            .collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }
}

component! {
    /// Several tokens in turn, each with its own quota.
    RateLimitedMultipleTokenAuthenticator {
        /// The tokens: a list, or text that `token_delimiter` divides.
        tokens: OneOrMany<Text>, sees(CONFIG), check(items::<1>);
        /// What divides the tokens in text.
        token_delimiter: Text = Text::of(",");
        /// The word before the token.
        auth_method: Text = Text::of("Bearer");
        /// The header.
        header: Text = Text::of("Authorization");
        /// Where the state of the quotas is asked for.
        quota_status_source: QuotaStatusSource;
        /// The quotas of each token.
        quotas: Vec<TokenQuota>, check(items::<1>);
        /// The longest wait for a fresh quota, as an ISO 8601 duration.
        max_wait_time: Text = Text::of("PT2H"), sees(CONFIG);
        /// The share of each quota that is left unused.
        budget_reserve_fraction: f64 = 0.1;
        /// How many calls of each quota are left unused at least.
        budget_min_reserve: i64 = 50;
    }
}

component! {
    /// The address that tells how much of each quota is left.
    QuotaStatusSource {
        /// The address.
        url: Text, sees(CONFIG);
        /// The method.
        http_method: HttpMethod = HttpMethod::Get;
        /// Headers: text to text.
        request_headers: Option<Node>, holds(text_mapping), sees(CONFIG);
        /// Status codes that mean that there are no quotas.
        unavailable_status_codes: Vec<i64> = Vec::new();
    }
}

component! {
    /// One quota of a token.
    TokenQuota {
        /// Its name.
        name: Text;
        /// The path of the calls that are left, in the status.
        remaining_path: Vec<Text>;
        /// The path of the time at which it is renewed, in the status.
        reset_path: Vec<Text>;
        /// The path of the limit, in the status.
        limit_path: Vec<Text> = Vec::new();
        /// The requests that it counts; all where empty.
        matchers: Vec<HttpRequestRegexMatcher> = Vec::new();
        /// The response header with the calls that are left.
        remaining_header: Option<Text>;
        /// The response header with the time of renewal.
        reset_header: Option<Text>;
        /// The response header with the limit.
        limit_header: Option<Text>;
        /// Status codes that mean that it is used up.
        exhaustion_status_codes: Vec<i64> = Vec::new();
    }
}

component! {
    /// A JSON web token that is signed here.
    JwtAuthenticator {
        /// The key that signs.
        secret_key: Text, sees(JWT);
        /// Whether the key is put into base64 first.
        base64_encode_secret_key: bool = false;
        /// How it signs.
        algorithm: JwtAlgorithm;
        /// How long a token is good, in seconds.
        token_duration: i64 = 1200;
        /// The word before the token.
        header_prefix: Option<Text>, sees(JWT);
        /// The token's header.
        jwt_headers: Option<JwtHeaders>, sees(JWT);
        /// More of the header.
        additional_jwt_headers: Option<Node>, holds(mapping), sees(JWT);
        /// The token's payload.
        jwt_payload: Option<JwtPayload>, sees(JWT);
        /// More of the payload.
        additional_jwt_payload: Option<Node>, holds(mapping), sees(JWT);
        /// The password of the key.
        passphrase: Option<Text>, sees(JWT);
        /// Where the token goes, if not into `Authorization`.
        request_option: Option<RequestOption>;
    }
}

component! {
    /// The known fields of a token's header.
    JwtHeaders[.untagged().closed()] {
        /// The key's id.
        kid: Option<Text>, sees(JWT);
        /// The token's type.
        typ: Option<Text>, sees(JWT);
        /// The content's type.
        cty: Option<Text>, sees(JWT);
    }
}

component! {
    /// The known fields of a token's payload.
    JwtPayload[.untagged().closed()] {
        /// Who gives it.
        iss: Option<Text>, sees(JWT);
        /// About whom.
        sub: Option<Text>, sees(JWT);
        /// For whom.
        aud: Option<Text>, sees(JWT);
    }
}

component! {
    /// A token that a login request gives.
    SessionTokenAuthenticator {
        /// The login request.
        login_requester: HttpRequester;
        /// The path of the token in its answer.
        session_token_path: Vec<Text>;
        /// How long a token is good, as an ISO 8601 duration; for ever where absent.
        expiration_duration: Option<Text>;
        /// How requests carry it.
        request_authentication: SessionTokenRequestAuthenticator;
        /// How the answer is decoded.
        decoder: Option<TokenDecoder>;
    }
}

component! {
    /// The session token as a key.
    SessionTokenRequestApiKeyAuthenticator[.tagged(Tag::Required("ApiKey"))] {
        /// Where it goes.
        inject_into: RequestOption;
        /// What is sent.
        api_token: Text = Text::of("{{ session_token }}"), sees(SESSION);
    }
}

component! {
    /// The session token as a bearer token.
    SessionTokenRequestBearerAuthenticator[.tagged(Tag::Required("Bearer"))] {}
}

component! {
    /// The session token of one API, from before `SessionTokenAuthenticator`.
    LegacySessionTokenAuthenticator {
        /// The header that carries the token.
        header: Text, sees(CONFIG);
        /// The path of the login.
        login_url: Text, sees(CONFIG);
        /// A token to begin with.
        session_token: Option<Text>, sees(CONFIG);
        /// The key of the token in the login's answer.
        session_token_response_key: Text, sees(CONFIG);
        /// The user name.
        username: Option<Text>, sees(CONFIG);
        /// The password.
        password: Text = Text::of(""), sees(CONFIG);
        /// The path that says whether a token is good.
        validate_session_url: Text, sees(CONFIG);
    }
}
