//! What every pod is asked over HTTP.

use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use crate::flags::{Span, checked};
use crate::verify::{
    Asked, Expected, Header, HeaderPattern, Manner, Pattern, PortName, Rounds, Scheme, Statuses,
};

/// The question to every pod, and what passes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "HTTP, asked of every pod")]
pub(in crate::verbs) struct Http {
    /// The path to GET, instead of the readiness probe's
    #[arg(long, value_name = "PATH", value_parser = checked::path)]
    path: Option<String>,
    /// The port of the pods, number or name, instead of the readiness probe's
    #[arg(long, value_name = "PORT")]
    port: Option<PortName>,
    /// What is spoken there, instead of what the probe or the Service's appProtocol says
    #[arg(
        long,
        value_enum,
        value_name = "http|https",
        hide_possible_values = true
    )]
    scheme: Option<Scheme>,
    /// A header to send, instead of the probe's of that name; may be given several times
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<Header>,
    /// The statuses that pass, such as 200,204 or 200-399
    #[arg(long, value_name = "STATUSES", default_value_t)]
    expect_status: Statuses,
    /// A header that the answer must have; its value must match REGEX, where one is given
    #[arg(long, value_name = "NAME: REGEX")]
    expect_header: Vec<HeaderPattern>,
    /// What the body of the answer must match, anywhere in its first 1 MiB
    #[arg(long, value_name = "REGEX")]
    expect_body: Option<Pattern>,
    /// How often in a row a pod must pass
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) passes: u32,
    /// How long to wait between two checks of a pod
    #[arg(long, value_name = "DURATION", default_value = "1s")]
    interval: Span,
    /// How long one answer may take, that of a Prometheus too; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "5s")]
    pub(super) answer_timeout: Span,
}

impl Http {
    /// What is asked.
    pub(super) fn asked(&self) -> Asked {
        Asked {
            path: self.path.clone(),
            port: self.port.clone(),
            scheme: self.scheme,
            headers: self.header.clone(),
        }
    }

    /// How an answer is judged.
    pub(super) fn manner(&self) -> Manner {
        Manner {
            expect: Expected {
                statuses: self.expect_status.clone(),
                body: self.expect_body.clone(),
                headers: self.expect_header.clone(),
            },
            request_timeout: self.answer_timeout.limit().unwrap_or(Duration::MAX),
        }
    }

    /// How often, until when.
    pub(super) fn rounds(&self, end: Option<Instant>) -> Rounds {
        Rounds {
            passes: self.passes,
            interval: self.interval.0,
            end,
        }
    }
}
