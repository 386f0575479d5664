//! kubectl's connection flags, with the meaning that they have there.

use std::path::PathBuf;

use clap::Args;

use super::{Span, checked};

/// Where the cluster is, and who asks.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// The namespace of the request; the context's by default
    #[arg(short, long, global = true, value_name = "NAMESPACE", value_parser = checked::namespace)]
    pub(crate) namespace: Option<String>,
    /// The kubeconfig's context to use
    #[arg(long, global = true, value_name = "CONTEXT")]
    pub(crate) context: Option<String>,
    /// The kubeconfig's cluster to use
    #[arg(long, global = true, value_name = "CLUSTER")]
    pub(crate) cluster: Option<String>,
    /// The kubeconfig's user to use
    #[arg(long, global = true, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// The kubeconfig file, instead of those that KUBECONFIG names
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The API server's address
    #[arg(short, long, global = true, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// A bearer token for the API server
    #[arg(long, global = true, value_name = "TOKEN", value_parser = checked::token)]
    pub(crate) token: Option<String>,
    /// The user to impersonate
    #[arg(long = "as", global = true, value_name = "USER")]
    pub(crate) impersonate: Option<String>,
    /// A group to impersonate; may be given several times
    #[arg(long = "as-group", global = true, value_name = "GROUP")]
    pub(crate) impersonate_groups: Vec<String>,
    /// The UID to impersonate
    #[arg(long = "as-uid", global = true, value_name = "UID")]
    pub(crate) impersonate_uid: Option<String>,
    /// Don't check the API server's certificate: anybody could be answering
    #[arg(
        long,
        global = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "true|false",
        hide_possible_values = true
    )]
    pub(crate) insecure_skip_tls_verify: Option<bool>,
    /// A file with the certificate authority of the API server
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) certificate_authority: Option<PathBuf>,
    /// The name that the API server's certificate must carry
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) tls_server_name: Option<String>,
    /// How long one request may take, such as 5s; 0 waits for ever
    #[arg(long, global = true, value_name = "DURATION", default_value = "30s")]
    pub(crate) request_timeout: Span,
}
