//! The checks of an environment as a whole.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bluegreen_shared::promql::Expectation;
use clap::{ArgAction, Args};

use crate::failure::Failure;
use crate::flags::{Span, Unechoed, checked};
use crate::verify::{Command, JobFile, Prometheus, Query, Url};

/// What is checked beside the question to every pod.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Other checks, side by side")]
pub(in crate::verbs) struct Checks {
    /// Whether the pods are asked over HTTP; false only beside another check
    #[arg(
        long,
        action = ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_value_t = true,
        default_missing_value = "true",
        value_name = "true|false",
        hide_possible_values = true
    )]
    pub(super) http: bool,
    /// A file with a Job to run in the cluster, which must complete; may be given several times
    #[arg(long, value_name = "FILE")]
    job: Vec<PathBuf>,
    /// The address of a Prometheus to ask, http://… or https://…
    #[arg(long, value_name = "URL", requires = "query", value_parser = Unechoed(str::parse::<Url>))]
    prometheus: Option<Url>,
    /// A file with the bearer token that the Prometheus takes
    #[arg(long, value_name = "FILE", requires = "prometheus")]
    prometheus_token_file: Option<PathBuf>,
    /// What to ask it; may be given several times, each with an --expect of its own
    #[arg(
        long,
        value_name = "PROMQL",
        requires = "prometheus",
        requires = "expect"
    )]
    query: Vec<String>,
    /// What every sample must be, such as '< 0.01', '>= 2' or '== 0'; none is a failure
    #[arg(
        long,
        value_name = "COMPARISON",
        requires = "query",
        allow_hyphen_values = true
    )]
    expect: Vec<Expectation>,
    /// How long that must hold; asked only once by default
    #[arg(long = "for", value_name = "DURATION", default_value = "0s")]
    lasting: Span,
    /// How long to wait between two questions to the Prometheus
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    query_interval: Span,
    /// A program of this machine that must end with exit code 0
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The checks, ready to be run.
pub(in crate::verbs) struct Whole<'a> {
    pub(super) command: Option<Command<'a>>,
    pub(super) jobs: Vec<JobFile>,
    prometheus: Option<Prometheus>,
    queries: Vec<Query>,
}

impl Checks {
    /// Reads what files hold.
    ///
    /// # Errors
    /// The flags ask for what can't be.
    pub(super) fn read(&self, answer: Span, all: Span) -> Result<Whole<'_>, Failure> {
        let command = Command::of(&self.command);
        if !self.http && command.is_none() && self.job.is_empty() && self.query.is_empty() {
            return Err(Failure::usage("with --http=false nothing is left to check")
                .hint("add a --job, a --query, or a command behind --"));
        }
        if self.query.len() != self.expect.len() {
            return Err(Failure::usage(format!(
                "there are {} --query and {} --expect: each needs one of the other",
                self.query.len(),
                self.expect.len()
            )));
        }
        let (lasting, limit) = (self.lasting, all);
        if limit.limit().is_some_and(|limit| lasting.0 >= limit) {
            return Err(Failure::usage(format!(
                "what is to hold --for {lasting} can't be seen to within --timeout {limit}"
            ))
            .hint("raise --timeout, or set it to 0 to wait for ever"));
        }
        let queries = self.query.iter().zip(&self.expect);
        Ok(Whole {
            command,
            jobs: self
                .job
                .iter()
                .map(|path| JobFile::read(path))
                .collect::<Result<_, _>>()?,
            prometheus: self.prometheus(answer)?,
            queries: queries
                .map(|(text, expected)| Query {
                    text: text.clone(),
                    expected: *expected,
                })
                .collect(),
        })
    }

    fn prometheus(&self, answer: Span) -> Result<Option<Prometheus>, Failure> {
        let Some(url) = &self.prometheus else {
            return Ok(None);
        };
        if !url.is_base() {
            return Err(Failure::usage(format!(
                "{url} has a query of its own, and the API of a Prometheus lies below an address"
            )));
        }
        let token = self.prometheus_token_file.as_deref().map(token);
        Ok(Some(Prometheus {
            url: url.clone(),
            token: token.transpose()?,
            answer_timeout: answer.limit().unwrap_or(Duration::MAX),
            interval: self.query_interval.0,
            lasting: self.lasting.0,
        }))
    }
}

impl Whole<'_> {
    /// Each query, and whom to ask.
    pub(super) fn queries(&self) -> impl Iterator<Item = (&Prometheus, &Query)> {
        self.prometheus
            .iter()
            .flat_map(|prometheus| self.queries.iter().map(move |query| (prometheus, query)))
    }
}

fn token(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("can't read the token in {shown}: {error}")))?;
    checked::token(text.trim())
        .map_err(|why| Failure::usage(format!("can't use the token in {shown}: {why}")))
}
