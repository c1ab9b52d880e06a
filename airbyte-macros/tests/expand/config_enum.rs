#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::ConfigType for Credentials {
    const SHAPE: ::airbyte_runtime::__private::define::Shape = {
        const VARIANTS: &[::airbyte_runtime::__private::define::config::Variant] = &[
            ::airbyte_runtime::__private::define::config::Variant {
                name: "Token",
                value: "access_token",
                title: "Access token",
                description: "A token that does not expire.",
                fields: &[
                    {
                        let api_token = ::airbyte_runtime::__private::define::config::config_field::<
                            Secret,
                        >("api_token", "apiToken", "API Token", "The token.");
                        api_token.secret()
                    },
                ],
            },
            ::airbyte_runtime::__private::define::config::Variant {
                name: "OAuth",
                value: "oauth",
                title: "OAuth",
                description: "A client of your own.",
                fields: <Client as ::airbyte_runtime::__private::define::ConfigType>::SHAPE
                    .fields(),
            },
            ::airbyte_runtime::__private::define::config::Variant {
                name: "None",
                value: "none",
                title: "None",
                description: "No login.",
                fields: &[],
            },
        ];
        ::airbyte_runtime::__private::define::Shape::new(
            ::airbyte_runtime::__private::define::config::Kind::Enum(
                &::airbyte_runtime::__private::define::config::EnumShape {
                    name: "Credentials",
                    tag: "auth_type",
                    variants: VARIANTS,
                },
            ),
        )
    };
}
const _: () = ::airbyte_runtime::__private::probe::secret_type::<Secret>();
#[derive(::airbyte_runtime::__private::serde::Deserialize)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[serde(rename_all_fields = "camelCase")]
#[serde(tag = "auth_type")]
#[allow(dead_code)]
enum Credentials {
    /// A token that does not expire.
    #[serde(rename = "access_token")]
    Token {
        /// The token.
        api_token: Secret,
    },
    /// A client of your own.
    #[serde(rename = "oauth")]
    OAuth(Client),
    /// No login.
    #[serde(rename = "none")]
    None,
}
