#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::ConfigType for GitHub {
    const SHAPE: ::airbyte_runtime::__private::define::Shape = {
        const FIELDS: &[::airbyte_runtime::__private::define::ConfigField] = &[
            {
                let token = ::airbyte_runtime::__private::define::config::config_field::<
                    Secret,
                >(
                    "token",
                    "token",
                    "Token",
                    "Personal access token with the `repo` scope.",
                );
                let token = token.secret();
                token.group("auth")
            },
            {
                let host = ::airbyte_runtime::__private::define::config::config_field::<
                    String,
                >("host", "host", "Host", "The host.");
                let host = host
                    .default(
                        ::airbyte_runtime::__private::define::Value::Raw(
                            "api.github.com",
                        ),
                    );
                host.examples(
                    &[
                        ::airbyte_runtime::__private::define::Value::Raw(
                            "github.example.com",
                        ),
                    ],
                )
            },
            {
                let workers = ::airbyte_runtime::__private::define::config::config_field::<
                    Option<u32>,
                >("workers", "numWorkers", "Workers", "Requests in flight at one time.");
                workers.minimum(1)
            },
            ::airbyte_runtime::__private::define::config::config_field::<
                Option<u32>,
            >("calls", "calls", "Calls", "Calls in a minute."),
        ];
        ::airbyte_runtime::__private::define::Shape::new(
            ::airbyte_runtime::__private::define::config::Kind::Struct(
                &::airbyte_runtime::__private::define::config::StructShape {
                    name: "GitHub",
                    fields: FIELDS,
                },
            ),
        )
    };
}
const _: () = ::airbyte_runtime::__private::probe::secret_type::<Secret>();
const _: () = ::airbyte_runtime::__private::rules::require_default::<
    String,
>(::airbyte_runtime::__private::define::Value::Raw("api.github.com"));
#[derive(::airbyte_runtime::__private::serde::Deserialize)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
/// Issues of GitHub repositories.
#[allow(dead_code)]
pub struct GitHub {
    /// Personal access token
    /// with the `repo` scope.
    token: Secret,
    /// The host.
    host: String,
    /// Requests in flight at one time.
    #[serde(rename = "numWorkers")]
    workers: Option<u32>,
    /// Calls in a minute.
    calls: Option<u32>,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Source for GitHub {
    const NAME: &'static str = "source-github";
    const STREAMS: &'static [::airbyte_runtime::__private::define::source::StreamRef] = &[
        ::airbyte_runtime::__private::define::source::StreamRef::of::<
            GitHub,
            Repository,
        >(),
        ::airbyte_runtime::__private::define::source::StreamRef::of::<
            GitHub,
            issues::Issue,
        >(),
    ];
    const CHECK: &'static [::airbyte_runtime::__private::define::source::StreamRef] = &[
        ::airbyte_runtime::__private::define::source::StreamRef::of::<
            GitHub,
            Repository,
        >(),
    ];
    const BASE_URL: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::SourceDef {
        static DEFINITION: ::airbyte_runtime::__private::define::SourceDef = ::airbyte_runtime::__private::define::source::source::<
            GitHub,
        >("GitHub", ::core::env!("CARGO_PKG_VERSION"))
            .documentation_url("https://docs.example.com")
            .base_url("https://{config.host}/api")
            .query(
                &[("version", ::airbyte_runtime::__private::define::Value::Integer(2))],
            )
            .headers(
                &[
                    (
                        "Accept",
                        ::airbyte_runtime::__private::define::Value::Template(
                            "application/json",
                        ),
                    ),
                ],
            )
            .auth({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::auth::AuthDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::auth::*;
                        let api_key = api_key();
                        let api_key = api_key.header("Authorization");
                        let api_key = api_key.value("Token {config.token}");
                        api_key.build()
                    },
                );
                &COMPONENT
            })
            .error_handler({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::error_handler::ErrorHandlerDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        ::airbyte_runtime::__private::define::error_handler::Rules(
                            &{
                                #[allow(unused_imports)]
                                use ::airbyte_runtime::__private::define::error_handler::*;
                                let rules = [
                                    ::airbyte_runtime::__private::define::error_handler::rule(
                                        {
                                            let status = status(404);
                                            status.build()
                                        },
                                        {
                                            let ignore = ignore();
                                            ignore.build()
                                        },
                                    ),
                                    ::airbyte_runtime::__private::define::error_handler::rule(
                                        {
                                            let header = header("X-Remaining", "0");
                                            header.build()
                                        },
                                        {
                                            let rate_limited = rate_limited();
                                            rate_limited.build()
                                        },
                                    ),
                                ];
                                rules
                            },
                        )
                    },
                );
                &COMPONENT
            })
            .backoff(
                &[
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::backoff::BackoffDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
                                #[allow(unused_imports)]
                                use ::airbyte_runtime::__private::define::backoff::*;
                                let exponential = exponential();
                                let exponential = exponential.base("PT1S");
                                exponential.build()
                            },
                        );
                        &COMPONENT
                    },
                ],
            )
            .max_retries(3)
            .allow_hosts(&["files.example.com"])
            .advanced_auth({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::advanced_auth::AdvancedAuthDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::advanced_auth::*;
                        let oauth2 = oauth2();
                        let oauth2 = oauth2
                            .consent_url(
                                "https://{{domain}}/authorize?client_id={{client_id_value}}",
                            );
                        let oauth2 = oauth2
                            .access_token_url(
                                "https://api.example.com/token?{{auth_code_param}}",
                            );
                        let oauth2 = oauth2
                            .output(
                                &[
                                    (
                                        "access_token",
                                        ::airbyte_runtime::__private::define::Value::Template(
                                            "{config.token}",
                                        ),
                                    ),
                                ],
                            );
                        oauth2.build()
                    },
                );
                &COMPONENT
            })
            .budget(
                &[
                    ::airbyte_runtime::__private::define::budget::Policy {
                        requests: &[
                            {
                                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                                    dyn ::airbyte_runtime::__private::define::budget::RequestsDef,
                                > = ::airbyte_runtime::__private::define::Component(
                                    &{
                                        #[allow(unused_imports)]
                                        use ::airbyte_runtime::__private::define::budget::*;
                                        let requests = requests();
                                        let requests = requests.url_path_pattern("^/search");
                                        let requests = requests.weight(5);
                                        requests.build()
                                    },
                                );
                                &COMPONENT
                            },
                        ],
                        limit: {
                            static COMPONENT: ::airbyte_runtime::__private::define::Component<
                                dyn ::airbyte_runtime::__private::define::budget::LimitDef,
                            > = ::airbyte_runtime::__private::define::Component(
                                &{
                                    #[allow(unused_imports)]
                                    use ::airbyte_runtime::__private::define::budget::*;
                                    let moving_window = moving_window();
                                    let moving_window = moving_window
                                        .rates(&[rate(10, "PT1S")]);
                                    moving_window.build()
                                },
                            );
                            &COMPONENT
                        },
                    },
                    ::airbyte_runtime::__private::define::budget::Policy {
                        requests: &[
                            {
                                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                                    dyn ::airbyte_runtime::__private::define::budget::RequestsDef,
                                > = ::airbyte_runtime::__private::define::Component(
                                    &{
                                        #[allow(unused_imports)]
                                        use ::airbyte_runtime::__private::define::budget::*;
                                        let requests = requests();
                                        requests.build()
                                    },
                                );
                                &COMPONENT
                            },
                        ],
                        limit: {
                            static COMPONENT: ::airbyte_runtime::__private::define::Component<
                                dyn ::airbyte_runtime::__private::define::budget::LimitDef,
                            > = ::airbyte_runtime::__private::define::Component(
                                &{
                                    #[allow(unused_imports)]
                                    use ::airbyte_runtime::__private::define::budget::*;
                                    let fixed_window = fixed_window();
                                    let fixed_window = fixed_window
                                        .call_limit_from("{config.calls}");
                                    let fixed_window = fixed_window.period("PT1M");
                                    fixed_window.build()
                                },
                            );
                            &COMPONENT
                        },
                    },
                ],
            )
            .concurrency_from("{config.workers}")
            .groups(
                &[
                    (
                        "auth",
                        ::airbyte_runtime::__private::define::Value::Raw(
                            "Authentication",
                        ),
                    ),
                ],
            )
            .build();
        &DEFINITION
    }
}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_config_names::<
    GitHub,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "base URL",
        in_url: true,
    },
    "https://{config.host}/api",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_config_names::<
    GitHub,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "authentication",
        in_url: false,
    },
    "Token {config.token}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_config_names::<
    GitHub,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "advanced authentication",
        in_url: false,
    },
    "{config.token}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_config_names::<
    GitHub,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "budget",
        in_url: false,
    },
    "{config.calls}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_config_names::<
    GitHub,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "concurrency",
        in_url: false,
    },
    "{config.workers}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_stream::<GitHub>(0);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_stream::<GitHub>(1);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_check::<GitHub>(0);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_no_circle::<GitHub>();
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_secret::<
    GitHub,
>("api_key", "value", "Token {config.token}");
