#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::ConfigType for Level {
    const SHAPE: ::airbyte_runtime::__private::define::Shape = {
        const VARIANTS: &[::airbyte_runtime::__private::define::config::Variant] = &[
            ::airbyte_runtime::__private::define::config::Variant {
                name: "Low",
                value: "low",
                title: "Low",
                description: "Little.",
                fields: &[],
            },
            ::airbyte_runtime::__private::define::config::Variant {
                name: "VeryHigh",
                value: "very_high",
                title: "Very High",
                description: "Much.",
                fields: &[],
            },
        ];
        ::airbyte_runtime::__private::define::Shape::new(
            ::airbyte_runtime::__private::define::config::Kind::Enum(
                &::airbyte_runtime::__private::define::config::EnumShape {
                    name: "Level",
                    tag: "",
                    variants: VARIANTS,
                },
            ),
        )
    };
}
#[derive(::airbyte_runtime::__private::serde::Deserialize)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[allow(dead_code)]
enum Level {
    /// Little.
    #[serde(rename = "low")]
    Low,
    /// Much.
    #[serde(rename = "very_high")]
    VeryHigh,
}
