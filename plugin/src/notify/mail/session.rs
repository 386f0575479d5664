//! One conversation with a mail server.

use std::error::Error as _;
use std::io;

use bluegreen_shared::refusal::quote;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use crate::notify::relay::{Channel, Relay};
use crate::verify::plain;

/// A server that listens. Each step fails with the reason in words.
pub(super) struct Session(AsyncSmtpConnection);

impl Session {
    /// Connects, and sees to TLS where the relay's address asks for it.
    pub(super) async fn open(relay: &Relay, tls: Option<&TlsParameters>) -> Result<Self, String> {
        let us = ClientId::default();
        let place = (relay.host.as_str(), relay.port);
        let at_once = tls.filter(|_| relay.channel == Channel::Tls).cloned();
        // However long it takes, whoever calls stops it.
        let connecting = AsyncSmtpConnection::connect_tokio1(place, None, &us, at_once, None);
        let mut connection = connecting.await.map_err(|error| match words(&error) {
            words if is_of_the_system(&error) => format!("can't connect: {words}"),
            words => words,
        })?;
        if let Some(tls) = tls.filter(|_| relay.channel == Channel::StartTls) {
            if !connection.can_starttls() {
                return Err("it has no STARTTLS".to_owned());
            }
            let upgraded = connection.starttls(tls.clone(), &us).await;
            upgraded.map_err(|error| words(&error))?;
        }
        Ok(Self(connection))
    }

    /// Says who we are. Of a server's refusal only the number is told: its words may repeat what it
    /// was sent.
    pub(super) async fn log_in(&mut self, login: &Credentials) -> Result<(), String> {
        let Self(connection) = self;
        let ways = [Mechanism::Plain, Mechanism::Login];
        let offered = connection.server_info().get_auth_mechanism(&ways);
        if offered.is_none() {
            return Err("it asks for no password by PLAIN or LOGIN".to_owned());
        }
        let answer = connection.auth(&ways, login).await;
        answer.map(drop).map_err(|error| match error.status() {
            Some(code) => format!("it refuses the username or the password: {code}"),
            None => "it ended the connection over the password".to_owned(),
        })
    }

    /// Begins a mail.
    pub(super) async fn begin(&mut self, from: &Mailbox) -> Result<(), String> {
        let Self(connection) = self;
        let command = MailFrom::new(Some(from.email.clone()), Vec::new());
        let answer = connection.command(command).await;
        answer.map(drop).map_err(|error| words(&error))
    }

    /// Names somebody whom it is for.
    pub(super) async fn add(&mut self, to: &Mailbox) -> Result<(), String> {
        let Self(connection) = self;
        let answer = connection
            .command(Rcpt::new(to.email.clone(), Vec::new()))
            .await;
        answer.map(drop).map_err(|error| words(&error))
    }

    /// Hands in the text, of which the server is in charge once it has said so.
    pub(super) async fn hand_in(&mut self, message: &[u8]) -> Result<(), String> {
        let Self(connection) = self;
        connection
            .command(Data)
            .await
            .map_err(|error| words(&error))?;
        let answer = connection.message(message).await;
        answer.map(drop).map_err(|error| words(&error))
    }

    /// Says goodbye.
    pub(super) async fn part(self) {
        let Self(mut connection) = self;
        connection.abort().await;
    }
}

/// What a person can act on: the server's own answer, else the innermost cause.
fn words(error: &Error) -> String {
    if let Some(code) = error.status() {
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        return format!("it answers {code} {}", quote(&said));
    }
    if error.is_response() {
        return "it ended the connection, or does not speak SMTP".to_owned();
    }
    match io(error) {
        Some(error) => match of_tls(error) {
            Some(error) => format!("TLS: {error}"),
            None => plain(&error.to_string()),
        },
        None => quote(&error.to_string()),
    }
}

fn is_of_the_system(error: &Error) -> bool {
    io(error).is_some_and(|error| of_tls(error).is_none())
}

/// What the system or TLS says, below layers that only repeat it.
fn io(error: &Error) -> Option<&io::Error> {
    let mut layer = error.source();
    while let Some(error) = layer {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        layer = error.source();
    }
    None
}

fn of_tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}
