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
}
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
        const DEFINITION: ::airbyte_runtime::__private::define::SourceDef = ::airbyte_runtime::__private::define::source::source::<
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
            .auth(
                &const {
                    #[allow(unused_imports)]
                    use ::airbyte_runtime::__private::define::auth::*;
                    let api_key = api_key();
                    let api_key = api_key.header("Authorization");
                    let api_key = api_key.value("Token {config.token}");
                    api_key.build()
                },
            )
            .error_handler(
                &::airbyte_runtime::__private::define::error_handler::Rules(
                    &const {
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::error_handler::*;
                        [
                            (status(404).build(), ignore().build()),
                            (header("X-Remaining", "0").build(), rate_limited().build()),
                        ]
                    },
                ),
            )
            .backoff(
                &[
                    &const {
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::backoff::*;
                        let exponential = exponential();
                        let exponential = exponential.base("PT1S");
                        exponential.build()
                    },
                ],
            )
            .max_retries(3)
            .allow_hosts(&["files.example.com"])
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
const _: () = ::airbyte_runtime::__private::rules::require_config_names::<
    GitHub,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "base URL",
        in_url: true,
    },
    "https://{config.host}/api",
);
const _: () = ::airbyte_runtime::__private::rules::require_config_names::<
    GitHub,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "authentication",
        in_url: false,
    },
    "Token {config.token}",
);
const _: () = ::airbyte_runtime::__private::rules::require_config_names::<
    GitHub,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "concurrency",
        in_url: false,
    },
    "{config.workers}",
);
const _: () = ::airbyte_runtime::__private::rules::require_stream::<GitHub>(0);
const _: () = ::airbyte_runtime::__private::rules::require_stream::<GitHub>(1);
const _: () = ::airbyte_runtime::__private::rules::require_check::<GitHub>(0);
const _: () = ::airbyte_runtime::__private::rules::require_no_circle::<GitHub>();
