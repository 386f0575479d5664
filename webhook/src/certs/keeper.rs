//! One round: look at what is stored and published, and do the next thing.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use kube::api::PostParams;
use kube::{Api, Client};

use crate::app::App;
use crate::args::CertificateArgs;
use crate::metrics::Metrics;
use crate::phase::Phase;
use crate::run::Fatal;

use super::configuration::{Configuration, Kind};
use super::identity::Identity;
use super::names::Names;
use super::published::Published;
use super::publisher::Publisher;
use super::served::Served;
use super::step::{self, Step, Times};
use super::stored::Stored;
use super::trust;

/// Steps of one round: announcing, switching and retiring at once is what the longest sleep asks for.
const STEPS: usize = 3;

/// What one replica knows, and what it does about it.
pub(super) struct Keeper {
    secrets: Api<Secret>,
    secret_name: String,
    namespace: String,
    names: Names,
    times: Times,
    publisher: Publisher,
    served: Arc<Served>,
    phase: Arc<Phase>,
    metrics: Arc<Metrics>,
    /// The Secret as it was seen last, once it was looked for.
    secret: Option<Secret>,
    has_looked: bool,
    published: Published,
    /// The last contents of the Secret that could be served: what is restored when it is lost.
    remembered: Option<Stored>,
    serving: Option<Identity>,
    /// The bundle that each configuration was seen to carry.
    said: BTreeMap<Kind, String>,
}

impl Keeper {
    pub(super) fn new(
        client: Client,
        args: CertificateArgs,
        served: Arc<Served>,
        app: &App,
    ) -> Result<Self, Fatal> {
        let names = Names::new(&args.service, &args.namespace).map_err(|_| {
            let (service, namespace) = (&args.service, &args.namespace);
            format!("{service}.{namespace}.svc is no DNS name (--service, --namespace)")
        })?;
        if args.renew_before >= args.certificate_lifetime {
            return Err("--renew-before must be less than --certificate-lifetime".into());
        }
        Ok(Self {
            secrets: Api::namespaced(client.clone(), &args.namespace),
            publisher: Publisher::new(client, args.configuration, args.namespace.clone()),
            secret_name: args.secret,
            namespace: args.namespace,
            names,
            times: Times {
                lifetime: args.certificate_lifetime,
                renew_before: args.renew_before,
                settle: args.settle,
            },
            served,
            phase: app.phase.clone(),
            metrics: app.metrics.clone(),
            secret: None,
            has_looked: false,
            published: Published::default(),
            remembered: None,
            serving: None,
            said: BTreeMap::new(),
        })
    }

    pub(super) fn see_secret(&mut self, secret: Option<Secret>) {
        self.secret = secret;
        self.has_looked = true;
    }

    pub(super) fn see_configuration(&mut self, kind: Kind, seen: Option<Configuration>) {
        self.published.see(kind, seen);
    }

    /// One round.
    pub(super) async fn act(&mut self) -> Result<(), Fatal> {
        if !self.has_looked {
            return Ok(());
        }
        for _ in 0..STEPS {
            if !self.advance(Timestamp::now()).await? {
                break;
            }
        }
        let Some(stored) = self.stored() else {
            return Ok(());
        };
        self.publish(&stored).await?;
        self.serve(&stored, Timestamp::now())
    }

    fn stored(&self) -> Option<Stored> {
        Stored::read(self.secret.as_ref()?)
    }

    /// Takes the next step; whether there may be another one.
    async fn advance(&mut self, now: Timestamp) -> Result<bool, Fatal> {
        let stored = self.stored();
        let step = step::next(
            stored.as_ref(),
            &self.published,
            &self.names,
            self.times,
            now,
        );
        let lost = self.remembered.clone().filter(|remembered| {
            step == Step::Issue && trust::vouches(&remembered.ca, &remembered.tls, &self.names, now)
        });
        let wanted = match lost {
            Some(remembered) => Some(remembered),
            None => step::take(step, stored.as_ref(), &self.names, self.times, now)?,
        };
        let Some(wanted) = wanted else {
            if stored.is_some() {
                self.remembered = stored;
            }
            return Ok(false);
        };
        let read = self.secret.as_ref();
        let secret = wanted.write(read, &self.namespace, &self.secret_name);
        let params = PostParams::default();
        let written = match read {
            Some(_) => {
                self.secrets
                    .replace(&self.secret_name, &params, &secret)
                    .await
            }
            None => self.secrets.create(&params, &secret).await,
        };
        match written {
            Ok(written) => {
                tracing::info!(?step, "wrote the certificate");
                self.secret = Some(written);
                Ok(true)
            }
            // Another replica was first, and the watch will show what it wrote.
            Err(kube::Error::Api(status)) if status.code == 409 || status.code == 404 => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes both configurations trust the bundle; one that was changed by somebody else is counted.
    async fn publish(&mut self, stored: &Stored) -> Result<(), Fatal> {
        for kind in Kind::ALL {
            let Some(seen) = self.published.of(kind) else {
                self.said.remove(&kind);
                continue;
            };
            if !seen.has(&stored.ca) && self.said.get(&kind) == Some(&stored.ca) {
                self.metrics.overwritten(kind.as_str());
                tracing::warn!(
                    configuration = kind.as_str(),
                    "somebody changed the published bundle; publishing ours again"
                );
            }
            if !self.publisher.is_published(seen, &stored.ca).await? {
                let applied = self.publisher.publish(kind, seen, &stored.ca).await?;
                tracing::info!(configuration = kind.as_str(), "published the bundle");
                self.published.see(kind, Some(applied));
            }
            self.said.insert(kind, stored.ca.clone());
        }
        Ok(())
    }

    /// Serves what is stored, once every caller trusts it or there is nothing better.
    fn serve(&mut self, stored: &Stored, now: Timestamp) -> Result<(), Fatal> {
        let is_trusted = self.published.vouches(&stored.tls, &self.names, now);
        let has_better = self.serving.as_ref().is_some_and(|serving| {
            !is_trusted && self.published.vouches(serving, &self.names, now)
        });
        let end = |identity| {
            let (_, end) = trust::validity(&stored.ca, identity, &self.names)?;
            Some(end.as_second())
        };
        if self.serving.as_ref() != Some(&stored.tls) && !has_better {
            self.served.swap(stored.tls.certified()?);
            self.metrics.ends("served", end(&stored.tls));
            self.serving = Some(stored.tls.clone());
            tracing::info!("serving another certificate");
        }
        if is_trusted {
            self.phase.become_ready();
        }
        self.metrics
            .ends("next", stored.next.as_ref().and_then(end));
        Ok(())
    }
}
