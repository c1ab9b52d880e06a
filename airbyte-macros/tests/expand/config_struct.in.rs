#[config]
#[serde(rename_all = "camelCase")]
struct Tunnel {
    /// Host of the bastion.
    ssh_host: String,
    /// Port of the bastion.
    #[config(default = 22, minimum = 1, maximum = 65535)]
    port: u16,
    /// Only in some builds.
    #[cfg(unix)]
    #[config(hidden)]
    user: Option<String>,
}
