#[config(tag = "auth_type")]
#[serde(rename_all_fields = "camelCase")]
enum Credentials {
    /// A token that does not expire.
    #[config(value = "access_token", title = "Access token")]
    Token {
        /// The token.
        #[config(secret)]
        api_token: Secret,
    },
    /// A client of your own.
    OAuth(Client),
    /// No login.
    None,
}
