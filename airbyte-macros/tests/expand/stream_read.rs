#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<u64>();
#[derive(
    ::airbyte_runtime::__private::serde::Serialize,
    ::airbyte_runtime::__private::serde::Deserialize,
    ::airbyte_runtime::__private::schemars::JsonSchema
)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[schemars(crate = "::airbyte_runtime::__private::schemars")]
struct Row {
    id: u64,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Stream for Row {
    type Source = Database;
    const NAME: &'static str = "row";
    const NAMESPACE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    const FIELDS: &'static [::airbyte_runtime::__private::define::Field] = &[
        ::airbyte_runtime::__private::define::stream::field("id", "id"),
    ];
    const PARTITION: &'static [&'static str] = &["table"];
    const PARENTS: &'static [::airbyte_runtime::__private::define::partition::ParentDef] = &[];
    const INTERVAL: bool = false;
    const RELATIVE: bool = false;
    fn definition() -> &'static ::airbyte_runtime::__private::define::StreamDef {
        static DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Row,
        >()
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
                                    "table",
                                    ::airbyte_runtime::__private::define::Value::List(
                                        &[
                                            ::airbyte_runtime::__private::define::Value::Template("a"),
                                            ::airbyte_runtime::__private::define::Value::Template("b"),
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
            .read({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::record::ReadSlice,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        ::airbyte_runtime::__private::define::record::read::<
                            Database,
                            Row,
                            _,
                        >(read_rows)
                    },
                );
                &COMPONENT
            })
            .build();
        &DEFINITION
    }
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::stream::StreamOf<Database> for Row {}
