//! OAuth 2.0.

use crate::node::Node;

use super::auth::JwtAuthenticator;
use super::declare::component;
use super::rule::mapping;
use super::value::Text;
use super::variables::CONFIG;

component! {
    /// OAuth 2.0 with a refresh token, client credentials or a signed assertion.
    OAuthAuthenticator {
        /// The key of the client's id.
        client_id_name: Text = Text::of("client_id"), sees(CONFIG);
        /// The client's id.
        client_id: Option<Text>, sees(CONFIG);
        /// The key of the client's secret.
        client_secret_name: Text = Text::of("client_secret"), sees(CONFIG);
        /// The client's secret.
        client_secret: Option<Text>, sees(CONFIG);
        /// The key of the refresh token.
        refresh_token_name: Text = Text::of("refresh_token"), sees(CONFIG);
        /// The refresh token.
        refresh_token: Option<Text>, sees(CONFIG);
        /// The address that gives access tokens.
        token_refresh_endpoint: Option<Text>, sees(CONFIG);
        /// The key of the access token in the answer.
        access_token_name: Text = Text::of("access_token"), sees(CONFIG);
        /// An access token to begin with.
        access_token_value: Option<Text>, sees(CONFIG);
        /// The key of the lifetime in the answer.
        expires_in_name: Text = Text::of("expires_in"), sees(CONFIG);
        /// The key of the grant.
        grant_type_name: Text = Text::of("grant_type"), sees(CONFIG);
        /// The grant.
        grant_type: Text = Text::of("refresh_token"), sees(CONFIG);
        /// More of the request's body.
        refresh_request_body: Option<Node>, holds(mapping), sees(CONFIG);
        /// The request's headers.
        refresh_request_headers: Option<Node>, holds(mapping), sees(CONFIG);
        /// Whether the request has parameters in place of a body.
        send_refresh_request_as_query_params: bool = false;
        /// The scopes to ask for.
        scopes: Vec<Text> = Vec::new();
        /// When the first access token ends.
        token_expiry_date: Option<Text>, sees(CONFIG);
        /// The format of the time at which a token ends.
        token_expiry_date_format: Option<Text>;
        /// Status codes that mean that the refresh token is no longer good.
        refresh_token_error_status_codes: Vec<i64> = Vec::new();
        /// The key of the error in such an answer.
        refresh_token_error_key: Option<Text>;
        /// The errors that mean so.
        refresh_token_error_values: Vec<Text> = Vec::new();
        /// Where fresh tokens are kept in the configuration, if refresh tokens are good for one use.
        refresh_token_updater: Option<RefreshTokenUpdater>;
        /// The signed assertion.
        profile_assertion: Option<Box<JwtAuthenticator>>;
        /// Whether the assertion is sent in place of client and refresh token.
        use_profile_assertion: bool = false;
    }
}

component! {
    /// Keeps the tokens of single-use OAuth in the configuration.
    RefreshTokenUpdater[.untagged()] {
        /// The key of the next refresh token in the answer.
        refresh_token_name: Text = Text::of("refresh_token"), sees(CONFIG);
        /// The path of the access token in the configuration.
        access_token_config_path: Vec<Text> = credentials("access_token");
        /// The path of the refresh token in the configuration.
        refresh_token_config_path: Vec<Text> = credentials("refresh_token");
        /// The path of the access token's end in the configuration.
        token_expiry_date_config_path: Vec<Text> = credentials("token_expiry_date");
        /// Status codes that mean that the refresh token is no longer good.
        refresh_token_error_status_codes: Vec<i64> = Vec::new();
        /// The key of the error in such an answer.
        refresh_token_error_key: Text = Text::of("");
        /// The errors that mean so.
        refresh_token_error_values: Vec<Text> = Vec::new();
    }
}

fn credentials(key: &str) -> Vec<Text> {
    vec![Text::of("credentials"), Text::of(key)]
}
