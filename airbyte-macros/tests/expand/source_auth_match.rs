#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::ConfigType for Shop {
    const SHAPE: ::airbyte_runtime::__private::define::Shape = {
        const FIELDS: &[::airbyte_runtime::__private::define::ConfigField] = &[
            ::airbyte_runtime::__private::define::config::config_field::<
                String,
            >("url", "url", "URL", "The shop's URL."),
            ::airbyte_runtime::__private::define::config::config_field::<
                Credentials,
            >("credentials", "credentials", "Credentials", "How to log in."),
        ];
        ::airbyte_runtime::__private::define::Shape::new(
            ::airbyte_runtime::__private::define::config::Kind::Struct(
                &::airbyte_runtime::__private::define::config::StructShape {
                    name: "Shop",
                    fields: FIELDS,
                },
            ),
        )
    };
}
#[derive(::airbyte_runtime::__private::serde::Deserialize)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[allow(dead_code)]
struct Shop {
    /// The shop's URL.
    url: String,
    /// How to log in.
    credentials: Credentials,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Source for Shop {
    const NAME: &'static str = "source-shop";
    const STREAMS: &'static [::airbyte_runtime::__private::define::source::StreamRef] = &[
        ::airbyte_runtime::__private::define::source::StreamRef::of::<Shop, Order>(),
    ];
    const CHECK: &'static [::airbyte_runtime::__private::define::source::StreamRef] = &[];
    const BASE_URL: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::SourceDef {
        static DEFINITION: ::airbyte_runtime::__private::define::SourceDef = ::airbyte_runtime::__private::define::source::source::<
            Shop,
        >("Shop", ::core::env!("CARGO_PKG_VERSION"))
            .base_url("{config.url}")
            .auth({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::auth::AuthDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        ::airbyte_runtime::__private::define::auth::select(
                            "credentials",
                            &[
                                (
                                    "Token",
                                    {
                                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                                            dyn ::airbyte_runtime::__private::define::auth::AuthDef,
                                        > = ::airbyte_runtime::__private::define::Component(
                                            &{
                                                #[allow(unused_imports)]
                                                use ::airbyte_runtime::__private::define::auth::*;
                                                let bearer = bearer("{config.credentials.token}");
                                                bearer.build()
                                            },
                                        );
                                        &COMPONENT
                                    },
                                ),
                                (
                                    "Key",
                                    {
                                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                                            dyn ::airbyte_runtime::__private::define::auth::AuthDef,
                                        > = ::airbyte_runtime::__private::define::Component(
                                            &{
                                                #[allow(unused_imports)]
                                                use ::airbyte_runtime::__private::define::auth::*;
                                                let api_key = api_key();
                                                let api_key = api_key.header("X-Key");
                                                let api_key = api_key.value("{config.credentials.key}");
                                                api_key.build()
                                            },
                                        );
                                        &COMPONENT
                                    },
                                ),
                                (
                                    "None",
                                    {
                                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                                            dyn ::airbyte_runtime::__private::define::auth::AuthDef,
                                        > = ::airbyte_runtime::__private::define::Component(
                                            &{
                                                #[allow(unused_imports)]
                                                use ::airbyte_runtime::__private::define::auth::*;
                                                let none = none();
                                                none.build()
                                            },
                                        );
                                        &COMPONENT
                                    },
                                ),
                            ],
                        )
                    },
                );
                &COMPONENT
            })
            .concurrency(4)
            .build();
        &DEFINITION
    }
}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_config_names::<
    Shop,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "base URL",
        in_url: true,
    },
    "{config.url}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_bound_config_names::<
    Shop,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "authentication",
        in_url: false,
    },
    "credentials",
    "credentials",
    "{config.credentials.key}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_stream::<Shop>(0);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_no_circle::<Shop>();
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_secret::<
    Shop,
>("bearer", "", "{config.credentials.token}");
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_secret::<
    Shop,
>("api_key", "value", "{config.credentials.key}");
const _: () = {
    #[allow(unused, deprecated)]
    fn probe(config: Shop) {
        match config.credentials {
            Credentials::Token { token } => {
                let _ = (&token,);
            }
            Credentials::Key(pair) => {
                let _ = (&pair,);
            }
            Credentials::None => {
                let _ = ();
            }
        }
    }
};
