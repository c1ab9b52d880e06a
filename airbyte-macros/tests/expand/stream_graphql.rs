#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<u64>();
#[derive(
    ::airbyte_runtime::__private::serde::Serialize,
    ::airbyte_runtime::__private::serde::Deserialize,
    ::airbyte_runtime::__private::schemars::JsonSchema
)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[schemars(crate = "::airbyte_runtime::__private::schemars")]
struct Order {
    id: u64,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Stream for Order {
    type Source = Shop;
    const NAME: &'static str = "order";
    const NAMESPACE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    const FIELDS: &'static [::airbyte_runtime::__private::define::Field] = &[
        ::airbyte_runtime::__private::define::stream::field("id", "id"),
    ];
    const PARTITION: &'static [&'static str] = <MyRouter as ::airbyte_runtime::__private::define::partition::PartitionKeys>::KEYS;
    const PARENTS: &'static [::airbyte_runtime::__private::define::partition::ParentDef] = &[];
    const INTERVAL: bool = true;
    const RELATIVE: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::StreamDef {
        static DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Order,
        >()
            .path("/graphql")
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
                                    "_",
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
            .method(::airbyte_runtime::__private::define::stream::Method::Post)
            .body(::airbyte_runtime::__private::define::stream::BodyDef::Graphql {
                query: "query Q($first: Int) { orders(first: $first) { id } }",
                operation_name: ::core::option::Option::None,
                variables: &[
                    ("first", ::airbyte_runtime::__private::define::Value::Integer(50)),
                    (
                        "since",
                        ::airbyte_runtime::__private::define::Value::Template(
                            "{interval.start}",
                        ),
                    ),
                ],
            })
            .cursor({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::cursor::*;
                let integer = integer(
                    ::airbyte_runtime::__private::define::cursor::cursor_field::<
                        u64,
                    >("id"),
                );
                integer.build()
            })
            .partition(
                &[
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::partition::PartitionDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
                                #[allow(unused_imports)]
                                use ::airbyte_runtime::__private::define::partition::*;
                                MyRouter::new(3)
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
impl ::airbyte_runtime::__private::define::stream::StreamOf<Shop> for Order {}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Order,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "authentication",
        in_url: false,
    },
    "{config.credentials}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_secret::<
    Shop,
>("bearer", "", "{config.credentials.token}");
const _: () = {
    #[allow(unused, deprecated)]
    fn probe() {
        match ::airbyte_runtime::__private::probe::any() {
            Credentials::Token { token } => {
                let _ = (&token,);
            }
            _ => {
                let _ = ();
            }
        }
    }
};
const _: () = ::airbyte_runtime::__private::rules::require_variant::<
    Shop,
>("credentials", "Token");
