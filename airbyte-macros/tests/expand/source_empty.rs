#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::ConfigType for PokeApi {
    const SHAPE: ::airbyte_runtime::__private::define::Shape = {
        const FIELDS: &[::airbyte_runtime::__private::define::ConfigField] = &[];
        ::airbyte_runtime::__private::define::Shape::new(
            ::airbyte_runtime::__private::define::config::Kind::Struct(
                &::airbyte_runtime::__private::define::config::StructShape {
                    name: "PokeApi",
                    fields: FIELDS,
                },
            ),
        )
    };
}
#[derive(::airbyte_runtime::__private::serde::Deserialize)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[allow(dead_code)]
pub struct PokeApi {}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::Source for PokeApi {
    const NAME: &'static str = "source-poke-api";
    const STREAMS: &'static [::airbyte_runtime::__private::define::source::StreamRef] = &[
        ::airbyte_runtime::__private::define::source::StreamRef::of::<PokeApi, Pokemon>(),
    ];
    const CHECK: &'static [::airbyte_runtime::__private::define::source::StreamRef] = &[];
    const BASE_URL: bool = true;
    fn definition() -> &'static ::airbyte_runtime::__private::define::SourceDef {
        static DEFINITION: ::airbyte_runtime::__private::define::SourceDef = ::airbyte_runtime::__private::define::source::source::<
            PokeApi,
        >("Poke API", ::core::env!("CARGO_PKG_VERSION"))
            .base_url("https://pokeapi.co/api/v2")
            .build();
        &DEFINITION
    }
}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_stream::<PokeApi>(0);
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::rules::require_no_circle::<PokeApi>();
