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
struct Order {
    id: u64,
    updated_at: Timestamp,
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
        ::airbyte_runtime::__private::define::stream::field("updated_at", "updated_at"),
    ];
    const PARTITION: &'static [&'static str] = &[];
    const PARENTS: &'static [::airbyte_runtime::__private::define::partition::ParentDef] = &[];
    const INTERVAL: bool = true;
    const RELATIVE: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::StreamDef {
        static DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Order,
        >()
            .path("/orders")
            .query(
                &[
                    (
                        "ids",
                        ::airbyte_runtime::__private::define::Value::Joined(
                            &::airbyte_runtime::__private::define::Value::Template(
                                "{config.ids}",
                            ),
                            ";",
                        ),
                    ),
                ],
            )
            .paginator({
                static COMPONENT: ::airbyte_runtime::__private::define::Component<
                    dyn ::airbyte_runtime::__private::define::paginator::PaginatorDef,
                > = ::airbyte_runtime::__private::define::Component(
                    &{
                        #[allow(unused_imports)]
                        use ::airbyte_runtime::__private::define::paginator::*;
                        let offset_increment = offset_increment();
                        let offset_increment = offset_increment.page_size(100);
                        let offset_increment = offset_increment.page_size_param("limit");
                        offset_increment.build()
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
                    >("updated_at"),
                );
                datetime.build()
            })
            .page_size_reduction({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::page_size_reduction::*;
                let divide_by = divide_by(2);
                let divide_by = divide_by.reset_policy(AfterSuccessfulPage);
                divide_by.build()
            })
            .pagination_reset({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::pagination_reset::*;
                let reset = reset();
                reset.build()
            })
            .request_window_splitting({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::request_window_splitting::*;
                let halves = halves();
                let halves = halves.min_split_window("PT1H");
                halves.build()
            })
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
        name: "query",
        in_url: true,
    },
    "{config.ids}",
);
