//! kubectl's connection flags, with the meaning that they have there.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Span;

/// Where the cluster is, and who asks.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// The namespace of the request; the context's by default
    #[arg(short, long, global = true, value_name = "NAMESPACE")]
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
    #[arg(long, global = true, value_name = "TOKEN", hide_env_values = true)]
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

impl Connection {
    /// A text whose commands reach the same place: each gets the flags that this one was given.
    pub(crate) fn repeat_in(&self, text: &str) -> String {
        const COMMAND: &str = "kubectl bluegreen ";
        let mut flags = String::new();
        for (flag, value) in [
            (
                "--kubeconfig",
                self.kubeconfig.as_deref().and_then(Path::to_str),
            ),
            ("--context", self.context.as_deref()),
            ("-n", self.namespace.as_deref()),
        ] {
            if let Some(value) = value {
                flags.extend([flag, " ", &quoted(value), " "]);
            }
        }
        text.replace(COMMAND, &format!("{COMMAND}{flags}"))
    }
}

/// A value as a shell takes it for one word.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_shown_goes_where_this_one_went() {
        let text = "kubectl bluegreen verify web, or kubectl get pods";
        assert_eq!(Connection::default().repeat_in(text), text);
        let flags = Connection {
            namespace: Some("two".to_owned()),
            context: Some("my cluster's".to_owned()),
            ..Connection::default()
        };
        assert_eq!(
            flags.repeat_in(text),
            "kubectl bluegreen --context 'my cluster'\\''s' -n two verify web, or kubectl get pods"
        );
    }
}
