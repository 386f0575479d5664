//! Who is told, and how.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use lettre::message::Mailbox;

use crate::flags::{Span, Unechoed};
use crate::verify::Url;

use super::relay::Relay;

/// Whom each step of a release is told to. A notification that fails is a warning; the release goes on.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Notifications")]
pub(crate) struct Flags {
    /// An address that each step is sent to, http://… or https://…; may be given several times
    #[arg(long, value_name = "URL", value_parser = Unechoed(url))]
    pub(super) notify_url: Vec<Url>,
    /// What is sent there: the whole event, or a text as Slack and others take it
    #[arg(
        long,
        value_enum,
        default_value_t,
        requires = "notify_url",
        value_name = "json|slack",
        hide_possible_values = true
    )]
    pub(super) notify_format: Form,
    /// Who gets a mail about each step; may be given several times
    #[arg(
        long,
        value_name = "ADDRESS",
        value_parser = mailbox,
        requires = "mail_from",
        requires = "smtp"
    )]
    pub(super) mail_to: Vec<Mailbox>,
    /// Who those mails are from
    #[arg(long, value_name = "ADDRESS", value_parser = mailbox, requires = "mail_to")]
    pub(super) mail_from: Option<Mailbox>,
    /// The server that takes them: smtp:// begins with STARTTLS, smtps:// with TLS; smtp+plain:// has
    /// neither, and takes no password but on this machine
    #[arg(
        long,
        value_name = "URL",
        value_parser = Unechoed(str::parse::<Relay>),
        requires = "mail_to"
    )]
    pub(super) smtp: Option<Relay>,
    /// A file with a certificate authority that is trusted there, beside the system's
    #[arg(long, value_name = "FILE", requires = "smtp")]
    pub(super) smtp_ca: Option<PathBuf>,
    /// A Secret of the application's namespace with the keys username and password; by default they are
    /// what the environment says of `BLUEGREEN_SMTP_USERNAME` and `BLUEGREEN_SMTP_PASSWORD`
    #[arg(long, value_name = "NAME", value_parser = secret, requires = "smtp")]
    pub(super) smtp_secret: Option<String>,
    /// How long one attempt to tell somebody may take
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = bounded)]
    notify_timeout: Span,
}

/// What a URL is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// The event with all its fields.
    #[default]
    Json,
    /// `{"text": "…"}`.
    Slack,
}

impl Flags {
    /// For one attempt.
    pub(super) fn limit(&self) -> Duration {
        self.notify_timeout.0
    }
}

fn url(text: &str) -> Result<Url, String> {
    // Its own words repeat it.
    text.parse()
        .map_err(|_: String| "it is no address such as https://hooks.example.com/…".to_owned())
}

/// `a@example.com` or `Name <a@example.com>`. Plain ASCII: few relays take other addresses, and a name
/// in another script has an ASCII form of its own.
fn mailbox(text: &str) -> Result<Mailbox, &'static str> {
    let wrong = "it is no mail address such as team@example.com";
    if text.chars().any(char::is_control) {
        return Err(wrong);
    }
    text.parse()
        .ok()
        .filter(|mailbox: &Mailbox| mailbox.email.to_string().is_ascii())
        .ok_or(wrong)
}

/// A Secret's name (a subdomain of RFC 1123).
fn secret(text: &str) -> Result<String, &'static str> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        label.bytes().all(|byte| is_inner(byte) || byte == b'-')
            && label.bytes().next().is_some_and(is_inner)
            && label.bytes().last().is_some_and(is_inner)
    };
    (text.len() <= 253 && text.split('.').all(is_label))
        .then(|| text.to_owned())
        .ok_or("it is no Secret's name")
}

fn bounded(text: &str) -> Result<Span, String> {
    let span: Span = text.parse()?;
    span.limit()
        .map(|_| span)
        .ok_or_else(|| "it must be longer than 0: a release waits for it".to_owned())
}
