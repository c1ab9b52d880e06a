#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<u64>();
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<String>();
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<User>();
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<Timestamp>();
#[cfg(feature = "labels")]
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<Vec<String>>();
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
#[automatically_derived]
#[allow(deprecated)]
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
        static DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
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
            .error_handler({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::error_handler::ErrorHandlerDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::error_handler::*;
                        MyHandler
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
                                let wait_from_header = wait_from_header("Retry-After");
                                wait_from_header.build()
                            },
                        );
                        &COMPONENT
                    },
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::backoff::BackoffDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
                                #[allow(unused_imports)]
                                use ::airbyte_runtime::__private::define::backoff::*;
                                MyBackoff::new(3)
                            },
                        );
                        &COMPONENT
                    },
                ],
            )
            .records(
                ::airbyte_runtime::__private::define::stream::RecordsDef::At(
                    &["data", "*", "items"],
                ),
            )
            .paginator({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::paginator::PaginatorDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::paginator::*;
                        let page_increment = page_increment();
                        let page_increment = page_increment.page_size(100);
                        let page_increment = page_increment.page_size_param("per_page");
                        page_increment.build()
                    },
                );
                &COMPONENT
            })
            .undeclared(::airbyte_runtime::__private::define::stream::Undeclared::Drop)
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
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::partition::PartitionDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
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
                        );
                        &COMPONENT
                    },
                ],
            )
            .filter({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::record::KeepRecord,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        ::airbyte_runtime::__private::define::record::filter::<
                            Issue,
                            _,
                            _,
                        >(is_open)
                    },
                );
                &COMPONENT
            })
            .transform(
                &[
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::transform::TransformDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
                                ::airbyte_runtime::__private::define::record::transform::<
                                    Issue,
                                    _,
                                    _,
                                >(Shorten { length: 80 })
                            },
                        );
                        &COMPONENT
                    },
                ],
            )
            .build();
        &DEFINITION
    }
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::stream::StreamOf<GitHub> for Issue {}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Issue,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "stream path",
        in_url: true,
    },
    "/repos/{partition.repository}/issues",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Issue,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "query",
        in_url: true,
    },
    "{config.start}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Issue,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "cursor",
        in_url: false,
    },
    "{config.start}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Issue,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "partition",
        in_url: false,
    },
    "{config.repositories}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_config_list::<
    Issue,
>("repositories");
