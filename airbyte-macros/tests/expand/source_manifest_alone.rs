#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl my::runtime::__private::define::ConfigType for Shop {
    const SHAPE: my::runtime::__private::define::Shape = {
        const FIELDS: &[my::runtime::__private::define::ConfigField] = &[];
        my::runtime::__private::define::Shape::new(
            my::runtime::__private::define::config::Kind::Struct(
                &my::runtime::__private::define::config::StructShape {
                    name: "Shop",
                    fields: FIELDS,
                },
            ),
        )
    };
}
#[derive(my::runtime::__private::serde::Deserialize)]
#[serde(crate = "my::runtime::__private::serde")]
/// A shop.
#[allow(dead_code)]
pub struct Shop {}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl my::runtime::__private::define::Source for Shop {
    const NAME: &'static str = "source-shop";
    const STREAMS: &'static [my::runtime::__private::define::source::StreamRef] = &[];
    const CHECK: &'static [my::runtime::__private::define::source::StreamRef] = &[];
    const BASE_URL: bool = false;
    const MANIFEST: ::core::option::Option<
        my::runtime::__private::define::EmbeddedManifest,
    > = ::core::option::Option::Some(
        my::runtime::__private::manifest!("manifest.yaml", crate = my::runtime),
    );
    fn definition() -> &'static my::runtime::__private::define::SourceDef {
        static DEFINITION: my::runtime::__private::define::SourceDef = my::runtime::__private::define::source::source::<
            Shop,
        >("Shop", ::core::env!("CARGO_PKG_VERSION"))
            .build();
        &DEFINITION
    }
}
