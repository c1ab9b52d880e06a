#[allow(deprecated)]
const _: () = my::runtime::__private::define::record::column::<u64>();
#[derive(
    my::runtime::__private::serde::Serialize,
    my::runtime::__private::serde::Deserialize,
    my::runtime::__private::schemars::JsonSchema
)]
#[serde(crate = "my::runtime::__private::serde")]
#[schemars(crate = "my::runtime::__private::schemars")]
struct Hit {
    id: u64,
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl my::runtime::__private::define::Stream for Hit {
    type Source = Api;
    const NAME: &'static str = "hit";
    const NAMESPACE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    const FIELDS: &'static [my::runtime::__private::define::Field] = &[
        my::runtime::__private::define::stream::field("id", "id"),
    ];
    const PARTITION: &'static [&'static str] = &[];
    const PARENTS: &'static [my::runtime::__private::define::partition::ParentDef] = &[];
    const INTERVAL: bool = false;
    const RELATIVE: bool = false;
    fn definition() -> &'static my::runtime::__private::define::StreamDef {
        static DEFINITION: my::runtime::__private::define::StreamDef = my::runtime::__private::define::stream::stream::<
            Hit,
        >()
            .path("/search")
            .base_url(BASE_URL)
            .headers(
                &[
                    (
                        "X-Trace",
                        my::runtime::__private::define::Value::Template("{config.trace}"),
                    ),
                ],
            )
            .max_retries(2)
            .allow_hosts(&["cdn.example.com"])
            .method(my::runtime::__private::define::stream::Method::Put)
            .body(
                my::runtime::__private::define::stream::BodyDef::Form(
                    &[("q", my::runtime::__private::define::Value::Template("x"))],
                ),
            )
            .build();
        &DEFINITION
    }
}
#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl my::runtime::__private::define::stream::StreamOf<Api> for Hit {}
#[allow(deprecated)]
const _: () = my::runtime::__private::rules::require_names::<
    Hit,
>(
    my::runtime::__private::rules::Place {
        name: "base URL",
        in_url: true,
    },
    BASE_URL,
);
#[allow(deprecated)]
const _: () = my::runtime::__private::rules::require_names::<
    Hit,
>(
    my::runtime::__private::rules::Place {
        name: "header",
        in_url: false,
    },
    "{config.trace}",
);
