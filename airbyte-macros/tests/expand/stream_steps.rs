#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<u64>();
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<String>();
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<String>();
#[derive(
    ::airbyte_runtime::__private::serde::Serialize,
    ::airbyte_runtime::__private::serde::Deserialize,
    ::airbyte_runtime::__private::schemars::JsonSchema
)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[schemars(crate = "::airbyte_runtime::__private::schemars")]
struct Line {
    id: u64,
    name: String,
    region: String,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Stream for Line {
    type Source = Shop;
    const NAME: &'static str = "line";
    const NAMESPACE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    const FIELDS: &'static [::airbyte_runtime::__private::define::Field] = &[
        ::airbyte_runtime::__private::define::stream::field("id", "id"),
        ::airbyte_runtime::__private::define::stream::field("name", "name"),
        ::airbyte_runtime::__private::define::stream::field("region", "region"),
    ];
    const PARTITION: &'static [&'static str] = &["region"];
    const PARENTS: &'static [::airbyte_runtime::__private::define::partition::ParentDef] = &[];
    const INTERVAL: bool = false;
    const RELATIVE: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::StreamDef {
        static DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Line,
        >()
            .path("/orders")
            .records(
                ::airbyte_runtime::__private::define::stream::RecordsDef::At(&["data"]),
            )
            .expand({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::expand::*;
                let items = items("lines.data");
                let items = items
                    .parent_fields(
                        &[
                            (
                                "order_id",
                                ::airbyte_runtime::__private::define::Value::Template("id"),
                            ),
                        ],
                    );
                let items = items.merge_parent(true);
                items.build()
            })
            .primary_key(&[&["id"]])
            .properties(
                ::airbyte_runtime::__private::define::properties::of::<
                    Line,
                >(
                    {
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::properties::*;
                        let columns = columns();
                        let columns = columns.param("fields");
                        let columns = columns.property_count(50);
                        let columns = columns.always_include(&["id", "currency"]);
                        let columns = columns.except(&["region"]);
                        columns.build()
                    },
                    &[&["id"]],
                ),
            )
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
                                    "region",
                                    ::airbyte_runtime::__private::define::Value::List(
                                        &[
                                            ::airbyte_runtime::__private::define::Value::Template("eu"),
                                            ::airbyte_runtime::__private::define::Value::Template("us"),
                                        ],
                                    ),
                                );
                                list.build()
                            },
                        );
                        &COMPONENT
                    },
                ],
            )
            .transform(
                &[
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::transform::TransformDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
                                #[allow(unused_imports)]
                                use ::airbyte_runtime::__private::define::transform::*;
                                let remove = remove("internal.*");
                                remove.build()
                            },
                        );
                        &COMPONENT
                    },
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::transform::TransformDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
                                #[allow(unused_imports)]
                                use ::airbyte_runtime::__private::define::transform::*;
                                let add = add("region", "{partition.region}");
                                add.build()
                            },
                        );
                        &COMPONENT
                    },
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::transform::TransformDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
                                #[allow(unused_imports)]
                                use ::airbyte_runtime::__private::define::transform::*;
                                let normalize = normalize();
                                normalize.build()
                            },
                        );
                        &COMPONENT
                    },
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::transform::TransformDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
                                ::airbyte_runtime::__private::define::record::transform::<
                                    Line,
                                    _,
                                    _,
                                >(shorten)
                            },
                        );
                        &COMPONENT
                    },
                    {
                        static COMPONENT: ::airbyte_runtime::__private::define::Component<
                            dyn ::airbyte_runtime::__private::define::transform::TransformDef,
                        > = ::airbyte_runtime::__private::define::Component(
                            &{
                                ::airbyte_runtime::__private::define::record::transform::<
                                    Line,
                                    _,
                                    _,
                                >(Stamp { by: "me" })
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
impl ::airbyte_runtime::__private::define::stream::StreamOf<Shop> for Line {}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Line,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "transform",
        in_url: false,
    },
    "{partition.region}",
);
