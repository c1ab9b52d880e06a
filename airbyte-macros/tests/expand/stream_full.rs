#[derive(
    ::airbyte_runtime::__private::serde::Serialize,
    ::airbyte_runtime::__private::serde::Deserialize,
    ::airbyte_runtime::__private::schemars::JsonSchema
)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[schemars(crate = "::airbyte_runtime::__private::schemars")]
/// One issue.
#[derive(Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    id: u64,
    r#type: String,
    user: User,
    updated_at: Timestamp,
    #[cfg(feature = "labels")]
    labels: Vec<String>,
    #[serde(skip)]
    scratch: u64,
}
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Stream for Issue {
    type Source = GitHub;
    const NAME: &'static str = "issues";
    const NAMESPACE: ::core::option::Option<&'static str> = ::core::option::Option::Some(
        "public",
    );
    const FIELDS: &'static [::airbyte_runtime::__private::define::Field] = &[
        ::airbyte_runtime::__private::define::stream::field("id", "id"),
        ::airbyte_runtime::__private::define::stream::field("type", "type"),
        ::airbyte_runtime::__private::define::stream::field("user", "user"),
        ::airbyte_runtime::__private::define::stream::field("updated_at", "updatedAt"),
        #[cfg(feature = "labels")]
        ::airbyte_runtime::__private::define::stream::field("labels", "labels"),
    ];
    const PARTITION: &'static [&'static str] = &["repository"];
    const PARENTS: &'static [::airbyte_runtime::__private::define::partition::ParentDef] = &[];
    const INTERVAL: bool = true;
    const RELATIVE: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::StreamDef {
        const DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Issue,
        >()
            .path("/repos/{partition.repository}/issues")
            .query(
                &[
                    (
                        "state",
                        ::airbyte_runtime::__private::define::Value::Template("all"),
                    ),
                    ("page", ::airbyte_runtime::__private::define::Value::Integer(-1)),
                    ("ratio", ::airbyte_runtime::__private::define::Value::Number(0.5)),
                    ("open", ::airbyte_runtime::__private::define::Value::Bool(true)),
                    ("none", ::airbyte_runtime::__private::define::Value::Null),
                    (
                        "tags",
                        ::airbyte_runtime::__private::define::Value::List(
                            &[
                                ::airbyte_runtime::__private::define::Value::Template("a"),
                                ::airbyte_runtime::__private::define::Value::Template("b"),
                            ],
                        ),
                    ),
                    (
                        "since",
                        ::airbyte_runtime::__private::define::Value::Template(
                            "{config.start}",
                        ),
                    ),
                ],
            )
            .error_handler(
                &const {
                    #[allow(unused_imports)]
                    use ::airbyte_runtime::__private::define::error_handler::*;
                    MyHandler
                },
            )
            .backoff(
                &[
                    &const {
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::backoff::*;
                        wait_from_header("Retry-After").build()
                    },
                    &const {
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::backoff::*;
                        MyBackoff::new(3)
                    },
                ],
            )
            .records(&["data", "*", "items"])
            .paginator(
                &const {
                    #[allow(unused_imports)]
                    use ::airbyte_runtime::__private::define::paginator::*;
                    let page_increment = page_increment();
                    let page_increment = page_increment.page_size(100);
                    let page_increment = page_increment.page_size_param("per_page");
                    page_increment.build()
                },
            )
            .cursor({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::cursor::*;
                let datetime = datetime(
                    ::airbyte_runtime::__private::define::cursor::cursor_field::<
                        Timestamp,
                    >("updatedAt"),
                );
                let datetime = datetime.start("{config.start}");
                let datetime = datetime.step("P30D");
                datetime.build()
            })
            .primary_key(&[&["id"], &["user", "id"]])
            .partition(
                &[
                    &const {
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::partition::*;
                        let list = list(
                            "repository",
                            ::airbyte_runtime::__private::define::Value::Template(
                                "{config.repositories}",
                            ),
                        );
                        let list = list.param("repo");
                        list.build()
                    },
                ],
            )
            .filter(
                &const {
                    ::airbyte_runtime::__private::define::record::filter::<
                        Issue,
                        _,
                        _,
                    >(is_open)
                },
            )
            .transform(
                &const {
                    ::airbyte_runtime::__private::define::record::transform::<
                        Issue,
                        _,
                        _,
                    >(Shorten { length: 80 })
                },
            )
            .build();
        &DEFINITION
    }
}
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::stream::StreamOf<GitHub> for Issue {}
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Issue,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "stream path",
        in_url: true,
    },
    "/repos/{partition.repository}/issues",
);
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Issue,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "query",
        in_url: true,
    },
    "{config.start}",
);
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Issue,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "cursor",
        in_url: false,
    },
    "{config.start}",
);
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Issue,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "partition",
        in_url: false,
    },
    "{config.repositories}",
);
const _: () = ::airbyte_runtime::__private::rules::require_config_list::<
    Issue,
>("repositories");
