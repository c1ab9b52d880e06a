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
    const PARTITION: &'static [&'static str] = &[];
    const PARENTS: &'static [::airbyte_runtime::__private::define::partition::ParentDef] = &[];
    const INTERVAL: bool = false;
    const JOB: &'static [&'static str] = &["id", "target"];
    const RELATIVE: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::StreamDef {
        static DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Order,
        >()
            .records(
                ::airbyte_runtime::__private::define::stream::RecordsDef::At(&["orders"]),
            )
            .job({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::job::*;
                let async_job = async_job();
                let async_job = async_job
                    .create({
                        let post = post("/exports");
                        let post = post
                            .body(
                                &[
                                    (
                                        "kind",
                                        ::airbyte_runtime::__private::define::Value::Template(
                                            "orders",
                                        ),
                                    ),
                                ],
                            );
                        post.build()
                    });
                let async_job = async_job
                    .keep(
                        &[
                            (
                                "id",
                                ::airbyte_runtime::__private::define::Value::Template(
                                    "data.id",
                                ),
                            ),
                        ],
                    );
                let async_job = async_job
                    .poll({
                        let get = get("/exports/{job.id}");
                        get.build()
                    });
                let async_job = async_job.completed(&["done"]);
                let async_job = async_job.targets("files.*.url");
                async_job.build()
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
        name: "path of a job's request",
        in_url: true,
    },
    "/exports/{job.id}",
);
