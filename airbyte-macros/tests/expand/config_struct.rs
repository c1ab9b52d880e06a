#[automatically_derived]
#[allow(deprecated)]
#[diagnostic::do_not_recommend]
impl ::airbyte_runtime::__private::define::ConfigType for Tunnel {
    const SHAPE: ::airbyte_runtime::__private::define::Shape = {
        const FIELDS: &[::airbyte_runtime::__private::define::ConfigField] = &[
            ::airbyte_runtime::__private::define::config::config_field::<
                String,
            >("ssh_host", "sshHost", "SSH Host", "Host of the bastion."),
            {
                let port = ::airbyte_runtime::__private::define::config::config_field::<
                    u16,
                >("port", "port", "Port", "Port of the bastion.");
                let port = port
                    .default(::airbyte_runtime::__private::define::Value::Integer(22));
                let port = port.minimum(1);
                port.maximum(65535)
            },
            #[cfg(unix)]
            {
                let user = ::airbyte_runtime::__private::define::config::config_field::<
                    Option<String>,
                >("user", "user", "User", "Only in some builds.");
                user.hidden()
            },
        ];
        ::airbyte_runtime::__private::define::Shape::new(
            ::airbyte_runtime::__private::define::config::Kind::Struct(
                &::airbyte_runtime::__private::define::config::StructShape {
                    name: "Tunnel",
                    fields: FIELDS,
                },
            ),
        )
    };
}
const _: () = ::airbyte_runtime::__private::rules::require_default::<
    u16,
>(::airbyte_runtime::__private::define::Value::Integer(22));
const _: () = ::airbyte_runtime::__private::rules::require_in_range(
    ::airbyte_runtime::__private::define::Value::Integer(22),
    ::core::option::Option::Some(1),
    ::core::option::Option::Some(65535),
);
#[derive(::airbyte_runtime::__private::serde::Deserialize)]
#[serde(crate = "::airbyte_runtime::__private::serde")]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Tunnel {
    /// Host of the bastion.
    ssh_host: String,
    /// Port of the bastion.
    port: u16,
    /// Only in some builds.
    #[cfg(unix)]
    user: Option<String>,
}
