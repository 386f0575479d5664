//! Looks after the certificate for as long as the process lives.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{BoxStream, select_all};
use k8s_openapi::api::core::v1::Secret;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::app::App;
use crate::args::CertificateArgs;
use crate::run::Fatal;

use super::configuration::{Configuration, Kind};
use super::keeper::Keeper;
use super::served::Served;

/// The longest that one round may take; the next one starts over.
const ROUND: Duration = Duration::from_secs(20);
/// The clock is looked at this often. It is the wall clock: a machine that was suspended must not
/// sleep through the end of a certificate.
const TICK: Duration = Duration::from_secs(10);

/// What was seen to change.
enum Event {
    Secret(Option<Box<Secret>>),
    Configuration(Kind, Option<Configuration>),
    /// A watch was interrupted; it goes on by itself.
    Interrupted(String),
}

/// Looks after the certificate; the future ends only when that is not possible any more.
pub(crate) fn keep(
    client: Client,
    args: CertificateArgs,
    served: Arc<Served>,
    app: &App,
) -> Result<impl Future<Output = &'static str> + use<>, Fatal> {
    let tick = TICK.min(args.settle / 4).max(Duration::from_millis(100));
    let mut events = watch(&client, &args);
    let mut keeper = Keeper::new(client, args, served, app)?;
    Ok(async move {
        let mut ticks = interval(tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(Event::Secret(secret)) => keeper.see_secret(secret.map(|read| *read)),
                    Some(Event::Configuration(kind, seen)) => keeper.see_configuration(kind, seen),
                    Some(Event::Interrupted(why)) => {
                        tracing::warn!("watching the certificate was interrupted: {why}");
                        continue;
                    }
                    None => return "its watches ended",
                },
                _ = ticks.tick() => {}
            }
            match timeout(ROUND, keeper.act()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!("the certificate could not be looked after: {error}");
                }
                Err(_) => {
                    tracing::warn!("the API server did not answer about the certificate in time");
                }
            }
        }
    })
}

fn watch(
    client: &Client,
    args: &CertificateArgs,
) -> impl futures::Stream<Item = Event> + Unpin + use<> {
    let secrets = Api::namespaced(client.clone(), &args.namespace);
    select_all([
        one(secrets, &args.secret, |secret: Option<Secret>| {
            Event::Secret(secret.map(Box::new))
        }),
        one(
            Api::all(client.clone()),
            &args.configuration,
            |seen: Option<_>| {
                Event::Configuration(
                    Kind::Mutating,
                    seen.as_ref().map(Configuration::of_mutating),
                )
            },
        ),
        one(
            Api::all(client.clone()),
            &args.configuration,
            |seen: Option<_>| {
                Event::Configuration(
                    Kind::Validating,
                    seen.as_ref().map(Configuration::of_validating),
                )
            },
        ),
    ])
}

/// The events of one object.
fn one<K>(api: Api<K>, name: &str, event: fn(Option<K>) -> Event) -> BoxStream<'static, Event>
where
    K: Resource + Clone + DeserializeOwned + std::fmt::Debug + Send + 'static,
{
    watcher::watch_object(api, name)
        .default_backoff()
        .map(move |seen| match seen {
            Ok(object) => event(object),
            Err(error) => Event::Interrupted(error.to_string()),
        })
        .boxed()
}
