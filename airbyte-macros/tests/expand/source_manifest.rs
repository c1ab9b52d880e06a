#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::ConfigType for Shop {
    const SHAPE: ::airbyte_runtime::__private::define::Shape = {
        const FIELDS: &[::airbyte_runtime::__private::define::ConfigField] = &[
            ::airbyte_runtime::__private::define::config::config_field::<
                String,
            >("url", "url", "URL", "The base URL."),
        ];
        ::airbyte_runtime::__private::define::Shape::new(
            ::airbyte_runtime::__private::define::config::Kind::Struct(
                &::airbyte_runtime::__private::define::config::StructShape {
                    name: "Shop",
                    fields: FIELDS,
                },
            ),
        )
    };
}
#[derive(::airbyte_runtime::__private::serde::Deserialize)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
/// A shop.
#[allow(dead_code)]
pub struct Shop {
    /// The base URL.
    url: String,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Source for Shop {
    const NAME: &'static str = "source-shop";
    const STREAMS: &'static [::airbyte_runtime::__private::define::source::StreamRef] = &[
        ::airbyte_runtime::__private::define::source::StreamRef::of::<Shop, Order>(),
    ];
    const CHECK: &'static [::airbyte_runtime::__private::define::source::StreamRef] = &[];
    const BASE_URL: bool = false;
    const MANIFEST: ::core::option::Option<
        ::airbyte_runtime::__private::define::EmbeddedManifest,
    > = ::core::option::Option::Some(
        ::airbyte_runtime::__private::manifest!("manifest.yaml"),
    );
    fn registry() -> ::airbyte_runtime::__private::define::Registry {
        components::registry()
    }
    fn definition() -> &'static ::airbyte_runtime::__private::define::SourceDef {
        static DEFINITION: ::airbyte_runtime::__private::define::SourceDef = ::airbyte_runtime::__private::define::source::source::<
            Shop,
        >("Shop", ::core::env!("CARGO_PKG_VERSION"))
            .build();
        &DEFINITION
    }
}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_stream::<Shop>(0);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_no_circle::<Shop>();
