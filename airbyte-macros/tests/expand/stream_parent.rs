#[derive(
    ::airbyte_runtime::__private::serde::Serialize,
    ::airbyte_runtime::__private::serde::Deserialize,
    ::airbyte_runtime::__private::schemars::JsonSchema
)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[schemars(crate = "::airbyte_runtime::__private::schemars")]
struct Comment {
    #[serde(rename = "ID")]
    id: u64,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Stream for Comment {
    type Source = GitHub;
    const NAME: &'static str = "comment";
    const NAMESPACE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    const FIELDS: &'static [::airbyte_runtime::__private::define::Field] = &[
        ::airbyte_runtime::__private::define::stream::field("id", "ID"),
    ];
    const PARTITION: &'static [&'static str] = &["issue_number", "repository", "user"];
    const PARENTS: &'static [::airbyte_runtime::__private::define::partition::ParentDef] = &[
        ::airbyte_runtime::__private::define::partition::ParentDef::of::<
            v2::Issue,
        >(&[("number", "issue_number"), ("repository", "repository"), ("user", "user")]),
    ];
    const GROUP: ::core::option::Option<&'static str> = ::core::option::Option::Some(
        "comments",
    );
    const AFTER: &'static [::airbyte_runtime::__private::define::stream::EarlierDef] = &[
        ::airbyte_runtime::__private::define::stream::EarlierDef::of::<Label>(),
        ::airbyte_runtime::__private::define::stream::EarlierDef::of::<v2::Milestone>(),
    ];
    const INTERVAL: bool = false;
    const RELATIVE: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::StreamDef {
        static DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Comment,
        >()
            .path("/repos/{parent.repository}/issues/{parent.number}/comments")
            .method(::airbyte_runtime::__private::define::stream::Method::Post)
            .body(
                ::airbyte_runtime::__private::define::stream::BodyDef::Json(
                    &[
                        (
                            "filter",
                            ::airbyte_runtime::__private::define::Value::Map(
                                &[
                                    (
                                        "author",
                                        ::airbyte_runtime::__private::define::Value::Template(
                                            "{parent.user}",
                                        ),
                                    ),
                                ],
                            ),
                        ),
                        ("raw", ::airbyte_runtime::__private::define::Value::Raw("{x}")),
                        (
                            "fixed",
                            ::airbyte_runtime::__private::define::Value::Raw(FIXED),
                        ),
                    ],
                ),
            )
            .paginator({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::paginator::PaginatorDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::paginator::*;
                        let cursor_token = cursor_token();
                        let cursor_token = cursor_token.from_last_record("ID");
                        let cursor_token = cursor_token.token_param("after");
                        cursor_token.build()
                    },
                );
                &COMPONENT
            })
            .failure_tolerance({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::tolerance::*;
                let percent = percent(5);
                percent.build()
            })
            .build();
        &DEFINITION
    }
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::stream::StreamOf<GitHub> for Comment {}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Comment,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "stream path",
        in_url: true,
    },
    "/repos/{parent.repository}/issues/{parent.number}/comments",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Comment,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "body",
        in_url: false,
    },
    "{parent.user}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_parent_field::<
    Comment,
>(0, "number");
