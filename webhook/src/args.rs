//! The command line. Every flag can be given by an environment variable as well.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args as Group, Parser};
use jiff::SignedDuration;

/// Admission webhook that holds every client to the rules of blue/green releases.
#[derive(Debug, Parser)]
#[command(name = "bluegreen-webhook", version)]
pub(crate) struct Args {
    /// What is logged: a level, or levels by module (`info,kube=debug`).
    #[arg(long, env = "BLUEGREEN_LOG", default_value = "info")]
    pub(crate) log: String,
    /// Lookups for flips at the same time; more are answered 503.
    #[arg(long, env = "BLUEGREEN_MAX_LOOKUPS", default_value = "8")]
    pub(crate) max_lookups: usize,
    /// Lookups for what is completed at the same time; more are stored as they were sent.
    #[arg(long, env = "BLUEGREEN_MAX_MUTATE_LOOKUPS", default_value = "8")]
    pub(crate) max_mutate_lookups: usize,
    /// Field managers of the tools that apply what stands in a repository: where
    /// `bluegreen.dev/on-drift` is `keep`, their flips leave the live role as it is.
    #[arg(
        long,
        env = "BLUEGREEN_DELIVERY_TOOLS",
        value_delimiter = ',',
        default_value = "argocd-controller,kustomize-controller,helm-controller,helm"
    )]
    pub(crate) delivery_tools: Vec<String>,
    /// How the server listens.
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// How it gets its certificate.
    #[command(flatten)]
    pub(crate) certificates: CertificateArgs,
}

/// How the server listens, and how long it waits for whom.
#[derive(Clone, Debug, Group)]
pub(crate) struct ServerArgs {
    /// Where reviews are answered, by HTTPS.
    #[arg(long, env = "BLUEGREEN_LISTEN", default_value = "[::]:8443")]
    pub(crate) listen: SocketAddr,
    /// Where probes and metrics are answered, by plain HTTP.
    #[arg(long, env = "BLUEGREEN_LISTEN_PROBES", default_value = "[::]:8080")]
    pub(crate) listen_probes: SocketAddr,
    /// Connections to each port at the same time; further ones wait for a moment and are closed.
    #[arg(long, env = "BLUEGREEN_MAX_CONNECTIONS", default_value = "512")]
    pub(crate) max_connections: usize,
    /// Time for a TLS handshake.
    #[arg(long, env = "BLUEGREEN_HANDSHAKE_TIMEOUT", default_value = "10s", value_parser = duration)]
    pub(crate) handshake_timeout: Duration,
    /// Time for the first request on a connection.
    #[arg(long, env = "BLUEGREEN_FIRST_REQUEST_TIMEOUT", default_value = "10s", value_parser = duration)]
    pub(crate) first_request_timeout: Duration,
    /// Time for the body of a request to come in whole.
    #[arg(long, env = "BLUEGREEN_BODY_TIMEOUT", default_value = "2s", value_parser = duration)]
    pub(crate) body_timeout: Duration,
    /// How long a connection may be idle; at least 120s, as the API server keeps them for 90s.
    #[arg(long, env = "BLUEGREEN_IDLE_TIMEOUT", default_value = "180s", value_parser = idle)]
    pub(crate) idle_timeout: Duration,
    /// The age from which a connection is closed after its next answer.
    #[arg(long, env = "BLUEGREEN_MAX_CONNECTION_AGE", default_value = "10m", value_parser = duration)]
    pub(crate) max_connection_age: Duration,
    /// After SIGTERM, how long it goes on answering until the endpoints have followed.
    #[arg(long, env = "BLUEGREEN_DRAIN", default_value = "10s", value_parser = duration)]
    pub(crate) drain: Duration,
    /// How long the answers that are under way then have to finish.
    #[arg(long, env = "BLUEGREEN_GRACE", default_value = "10s", value_parser = duration)]
    pub(crate) grace: Duration,
}

/// The certificate that the webhook makes itself, and where it is kept and published.
#[derive(Clone, Debug, Group)]
pub(crate) struct CertificateArgs {
    /// The namespace that the webhook runs in.
    #[arg(long, env = "POD_NAMESPACE", default_value = "bluegreen-system")]
    pub(crate) namespace: String,
    /// The Service that the API server calls.
    #[arg(long, env = "BLUEGREEN_SERVICE", default_value = "bluegreen-webhook")]
    pub(crate) service: String,
    /// The Secret that the replicas share.
    #[arg(
        long,
        env = "BLUEGREEN_SECRET",
        default_value = "bluegreen-webhook-tls"
    )]
    pub(crate) secret: String,
    /// The name of the two webhook configurations.
    #[arg(long, env = "BLUEGREEN_CONFIGURATION", default_value = "bluegreen")]
    pub(crate) configuration: String,
    /// How long a certificate holds.
    #[arg(long, env = "BLUEGREEN_CERTIFICATE_LIFETIME", default_value = "2160h", value_parser = duration)]
    pub(crate) certificate_lifetime: Duration,
    /// How long before its end it is renewed; less than its lifetime.
    #[arg(long, env = "BLUEGREEN_RENEW_BEFORE", default_value = "720h", value_parser = duration)]
    pub(crate) renew_before: Duration,
    /// How long a new CA is published before a certificate of it is served: every API server must
    /// have seen it by then.
    #[arg(long, env = "BLUEGREEN_SETTLE", default_value = "60s", value_parser = duration)]
    pub(crate) settle: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    let hint = "a duration such as 10s, 5m or 720h";
    let parsed: SignedDuration = text.parse().map_err(|_| format!("not {hint}"))?;
    let parsed = Duration::try_from(parsed).map_err(|_| format!("negative, not {hint}"))?;
    if parsed.is_zero() {
        return Err(format!("zero, not {hint}"));
    }
    Ok(parsed)
}

fn idle(text: &str) -> Result<Duration, String> {
    let parsed = duration(text)?;
    if parsed.as_secs() < 120 {
        return Err(
            "less than 120s: the API server keeps idle connections for 90s and its call \
             fails on one that we close"
                .to_owned(),
        );
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(arguments: &[&str]) -> String {
        let all = [&["bluegreen-webhook"], arguments].concat();
        Args::try_parse_from(all).unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_valid() {
        let args = Args::parse_from(["bluegreen-webhook"]);
        assert_eq!(args.server.idle_timeout.as_secs(), 180);
        assert!(args.certificates.renew_before < args.certificates.certificate_lifetime);
    }

    #[test]
    fn an_error_names_the_flag_and_says_what_it_takes() {
        let idle = refused(&["--idle-timeout=30s"]);
        assert!(
            idle.contains("--idle-timeout") && idle.contains("120s"),
            "{idle}"
        );
        for wrong in ["10", "-10s", "0s", "soon"] {
            let drain = refused(&[&format!("--drain={wrong}")]);
            assert!(
                drain.contains("--drain") && drain.contains("10s, 5m or 720h"),
                "{drain}"
            );
        }
    }
}
