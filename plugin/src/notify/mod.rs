//! Tells people and programs how a release goes, by mail and by JSON. Whatever becomes of that, the
//! release goes on.

mod event;
mod flags;
mod hook;
mod login;
mod mail;
mod relay;
#[cfg(test)]
mod tests;

use std::time::Duration;

use futures::future::{join, join_all};
use lettre::transport::smtp::authentication::Credentials;

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::render::Output;

pub(crate) use event::{Event, State};
pub(crate) use flags::Flags;

use hook::Hook;
use mail::Mail;

/// Whoever is to be told, ready to be told.
pub(crate) struct Notifier {
    hooks: Vec<Hook>,
    mail: Option<Mail>,
    /// For one attempt, from looking the name up to the last answer.
    limit: Duration,
}

impl Notifier {
    /// Reads the certificates, the environment and the Secret that the flags speak of, so that what
    /// can't be is known before anything is changed.
    ///
    /// # Errors
    /// The flags ask for what can't be, or the Secret can't be read or lacks a key.
    pub(crate) async fn new(flags: &Flags, cluster: &Cluster) -> Result<Self, Failure> {
        let login = login::find(flags, |name| std::env::var(name).ok(), cluster).await?;
        Self::with(flags, login)
    }

    /// Whether there is nobody to be told.
    pub(crate) fn is_silent(&self) -> bool {
        self.hooks.is_empty() && self.mail.is_none()
    }

    fn with(flags: &Flags, login: Option<Credentials>) -> Result<Self, Failure> {
        Ok(Self {
            hooks: Hook::all(flags),
            mail: Mail::of(flags, login)?,
            limit: flags.limit(),
        })
    }

    /// Tells everybody at once, each of them once. Who could not be told is a warning, and no more.
    pub(crate) async fn tell(&self, event: &Event, output: &Output) {
        for untold in self.send(event).await {
            output.warning(untold);
        }
    }

    /// A sentence for everybody who could not be told.
    async fn send(&self, event: &Event) -> Vec<String> {
        let hooks = join_all(self.hooks.iter().map(|hook| hook.tell(event, self.limit)));
        let mail = async {
            match &self.mail {
                Some(mail) => mail.tell(event, self.limit).await,
                None => Vec::new(),
            }
        };
        let (hooks, mailed) = join(hooks, mail).await;
        hooks.into_iter().flatten().chain(mailed).collect()
    }
}
