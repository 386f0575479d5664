//! Mail, handed in over SMTP.

use std::time::Duration;

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::time::timeout;

use crate::failure::Failure;

use super::event::Event;
use super::flags::Flags;
use super::relay::{Channel, Relay};

mod session;

use session::Session;

/// How long a server that has taken a mail may take to say goodbye.
const PARTING: Duration = Duration::from_secs(1);

/// Where mail is handed in, and whom it is for.
pub(super) struct Mail {
    relay: Relay,
    tls: Option<TlsParameters>,
    login: Option<Credentials>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Mail {
    /// As the flags have it; `None` where they name nobody.
    ///
    /// # Errors
    /// The certificates can't be read.
    pub(super) fn of(flags: &Flags, login: Option<Credentials>) -> Result<Option<Self>, Failure> {
        let (Some(relay), Some(from)) = (&flags.smtp, &flags.mail_from) else {
            return Ok(None);
        };
        Ok(Some(Self {
            tls: tls(relay, flags)?,
            relay: relay.clone(),
            login,
            from: from.clone(),
            to: flags.mail_to.clone(),
        }))
    }

    /// Mails the event; a sentence for everybody who does not get it.
    pub(super) async fn tell(&self, event: &Event, limit: Duration) -> Vec<String> {
        let told = match timeout(limit, self.deliver(event)).await {
            Ok(told) => told,
            Err(_) => Err(format!("no answer within {limit:?}")),
        };
        match told {
            Ok((session, refused)) => {
                // The mail is theirs by now, whatever comes.
                let _ = timeout(PARTING.min(limit), session.part()).await;
                refused
                    .into_iter()
                    .map(|(mailbox, why)| self.untold(&mailbox, &why))
                    .collect()
            }
            Err(why) => self
                .to
                .iter()
                .map(|mailbox| self.untold(mailbox, &why))
                .collect(),
        }
    }

    fn untold(&self, mailbox: &Mailbox, why: &str) -> String {
        let (address, relay) = (&mailbox.email, &self.relay);
        format!("{address} was not told by way of {relay}: {why}")
    }

    /// Hands it in for everybody whom the server takes it for; the others come back with the reason.
    async fn deliver(&self, event: &Event) -> Result<(Session, Vec<(Mailbox, String)>), String> {
        let message = self.message(event)?.formatted();
        let mut session = Session::open(&self.relay, self.tls.as_ref()).await?;
        if let Some(login) = &self.login {
            session.log_in(login).await?;
        }
        session.begin(&self.from).await?;
        let mut refused = Vec::new();
        for mailbox in &self.to {
            if let Err(why) = session.add(mailbox).await {
                refused.push((mailbox.clone(), why));
            }
        }
        if refused.len() < self.to.len() {
            session.hand_in(&message).await?;
        }
        Ok((session, refused))
    }

    fn message(&self, event: &Event) -> Result<Message, String> {
        let domain = self.from.email.domain();
        let id = format!(
            "<{}.{}@{domain}>",
            event.at.as_nanosecond(),
            std::process::id()
        );
        let builder = self.to.iter().cloned().fold(
            Message::builder().from(self.from.clone()),
            MessageBuilder::to,
        );
        builder
            .subject(event.line())
            .message_id(Some(id))
            .raw_header(automatic())
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .body(event.text())
            .map_err(|error| format!("can't write the mail: {error}"))
    }
}

/// Nobody's holiday is an answer to it (RFC 3834).
fn automatic() -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    HeaderValue::new(name, "auto-generated".to_owned())
}

fn tls(relay: &Relay, flags: &Flags) -> Result<Option<TlsParameters>, Failure> {
    if relay.channel == Channel::Plain {
        return match &flags.smtp_ca {
            Some(_) => Err(Failure::usage(format!(
                "--smtp-ca has no use: {relay} is spoken to without TLS"
            ))),
            None => Ok(None),
        };
    }
    let mut tls = TlsParameters::builder(relay.host.clone());
    if let Some(path) = &flags.smtp_ca {
        let shown = path.display();
        let text = std::fs::read(path).map_err(|error| {
            Failure::usage(format!("can't read the certificate in {shown}: {error}"))
        })?;
        let certificates = certificates(&text)
            .ok_or_else(|| Failure::usage(format!("{shown} holds no certificate in PEM form")))?;
        for certificate in certificates {
            tls = tls.add_root_certificate(certificate);
        }
    }
    tls.build()
        .map(Some)
        .map_err(|error| Failure::could_not(format!("can't speak TLS to {relay}: {error}")))
}

/// Every certificate of a file; `None` where there is none, or one that can't be read.
fn certificates(pem: &[u8]) -> Option<Vec<Certificate>> {
    let found = CertificateDer::pem_slice_iter(pem)
        .map(|one| Certificate::from_der(one.ok()?.to_vec()).ok())
        .collect::<Option<Vec<_>>>()?;
    (!found.is_empty()).then_some(found)
}
