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
        const DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Order,
        >()
            .path("/graphql")
            .auth(
                &const {
                    ::airbyte_runtime::__private::define::auth::select(
                        "credentials",
                        &[
                            (
                                "Token",
                                &const {
                                    #[allow(unused_imports)]
                                    use ::airbyte_runtime::__private::define::auth::*;
                                    bearer("{config.credentials.token}").build()
                                },
                            ),
                            (
                                "_",
                                &const {
                                    #[allow(unused_imports)]
                                    use ::airbyte_runtime::__private::define::auth::*;
                                    none().build()
                                },
                            ),
                        ],
                    )
                },
            )
            .method(::airbyte_runtime::__private::define::stream::Method::Post)
            .body(::airbyte_runtime::__private::define::stream::BodyDef::Graphql {
                query: "query Q($first: Int) { orders(first: $first) { id } }",
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
                integer(
                        ::airbyte_runtime::__private::define::cursor::cursor_field::<
                            u64,
                        >("id"),
                    )
                    .build()
            })
            .partition(
                &[
                    &const {
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::partition::*;
                        MyRouter::new(3)
                    },
                ],
            )
            .build();
        &DEFINITION
    }
}
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::stream::StreamOf<Shop> for Order {}
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Order,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "authentication",
        in_url: false,
    },
    "{config.credentials}",
);
const _: () = {
    #[allow(unused)]
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
