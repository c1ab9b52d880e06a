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
struct Attachment {
    id: u64,
    folder: String,
    content_url: String,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Stream for Attachment {
    type Source = Desk;
    const NAME: &'static str = "attachment";
    const NAMESPACE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    const FIELDS: &'static [::airbyte_runtime::__private::define::Field] = &[
        ::airbyte_runtime::__private::define::stream::field("id", "id"),
        ::airbyte_runtime::__private::define::stream::field("folder", "folder"),
        ::airbyte_runtime::__private::define::stream::field("content_url", "content_url"),
    ];
    const PARTITION: &'static [&'static str] = &[];
    const PARENTS: &'static [::airbyte_runtime::__private::define::partition::ParentDef] = &[];
    const INTERVAL: bool = false;
    const RELATIVE: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::StreamDef {
        static DEFINITION: ::airbyte_runtime::__private::define::StreamDef = ::airbyte_runtime::__private::define::stream::stream::<
            Attachment,
        >()
            .path("/attachments")
            .files({
                #[allow(unused_imports)]
                use ::airbyte_runtime::__private::define::files::*;
                let download = download({
                    let get = get("{record.content_url}");
                    let get = get
                        .query(
                            &[
                                (
                                    "v",
                                    ::airbyte_runtime::__private::define::Value::Template(
                                        "{record.id}",
                                    ),
                                ),
                            ],
                        );
                    get.build()
                });
                let download = download.name("{record.folder}/{record.id}.pdf");
                let download = download.max_size(500_000_000);
                download.build()
            })
            .build();
        &DEFINITION
    }
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::stream::StreamOf<Desk> for Attachment {}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Attachment,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "path of a file's request",
        in_url: true,
    },
    "{record.content_url}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Attachment,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "query",
        in_url: true,
    },
    "{record.id}",
);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_names::<
    Attachment,
>(
    ::airbyte_runtime::__private::rules::Place {
        name: "files",
        in_url: false,
    },
    "{record.folder}/{record.id}.pdf",
);
