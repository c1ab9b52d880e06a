#[derive(
    ::airbyte_runtime::__private::serde::Serialize,
    ::airbyte_runtime::__private::serde::Deserialize,
    ::airbyte_runtime::__private::schemars::JsonSchema
)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[schemars(crate = "::airbyte_runtime::__private::schemars")]
#[derive(Debug)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    Closed,
}
#[allow(deprecated)]
const _: () = ::airbyte_runtime::__private::define::record::column::<u64>();
#[derive(::airbyte_runtime::__private::schemars::JsonSchema)]
#[schemars(crate = "::airbyte_runtime::__private::schemars")]
#[derive(serde::Serialize, serde::Deserialize)]
struct User {
    id: u64,
}
