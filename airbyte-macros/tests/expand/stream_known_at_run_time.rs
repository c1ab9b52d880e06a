#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<u64>();
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<Timestamp>();
#[derive(
    ::airbyte_runtime::__private::serde::Serialize,
    ::airbyte_runtime::__private::serde::Deserialize,
    ::airbyte_runtime::__private::schemars::JsonSchema
)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[schemars(crate = "::airbyte_runtime::__private::schemars")]
struct Row {
    id: u64,
    at: Timestamp,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Stream for Row {
    type Source = Base;
    const NAME: &'static str = "rows_{partition.table}";
    const NAMESPACE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    const FIELDS: &'static [::airbyte_runtime::__private::define::Field] = &[
        ::airbyte_runtime::__private::define::stream::field("id", "id"),
        ::airbyte_runtime::__private::define::stream::field("at", "at"),
    ];
    const PARTITION: &'static [&'static str] = &["table"];
    const PARENTS: &'static [::airbyte_runtime::__private::define::partition::ParentDef] = &[];
    const INTERVAL: bool = true;
    const RELATIVE: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::StreamDef {
        static DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Row,
        >()
            .path("/rows/{partition.table}")
            .records(
                ::airbyte_runtime::__private::define::stream::RecordsDef::Union(
                    &[&["open"], &["closed", "items"]],
                ),
            )
            .described({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::schema::SchemaDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::schema::*;
                        let endpoint = endpoint("/fields");
                        let endpoint = endpoint.name("key");
                        let endpoint = endpoint.r#type("kind");
                        endpoint.build()
                    },
                );
                &COMPONENT
            })
            .cursor({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::cursor::*;
                let datetime = datetime(
                    ::airbyte_runtime::__private::define::cursor::cursor_field::<
                        Timestamp,
                    >("at"),
                );
                datetime.build()
            })
            .full_refresh({
                let stream = ::airbyte_runtime::__private::define::full_refresh::FullRefreshDef::of::<
                    Row,
                    first::All,
                >();
                let stream = stream.api_retention_period("P30D");
                stream
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
                                let list = list(
                                    "table",
                                    ::airbyte_runtime::__private::define::Value::Template(
                                        "{config.tables}",
                                    ),
                                );
                                list.build()
                            },
                        );
                        &COMPONENT
                    },
                ],
            )
            .when({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::when::WhenDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        ::airbyte_runtime::__private::define::when::when::<
                            Base,
                            _,
                        >(has_tables)
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
impl ::airbyte_runtime::__private::define::stream::StreamOf<Base> for Row {}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Row,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "stream name",
        in_url: false,
    },
    "rows_{partition.table}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Row,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "stream path",
        in_url: true,
    },
    "/rows/{partition.table}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Row,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "partition",
        in_url: false,
    },
    "{config.tables}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_config_list::<Row>("tables");
