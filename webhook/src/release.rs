//! What admission writes down of a release: whose an intent is, and every flip in the history.

use std::time::Duration;

use bluegreen_shared::application::Application;
use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::drift;
use bluegreen_shared::gate::Flip;
use bluegreen_shared::keys;
use bluegreen_shared::mutate::{self, Announced};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::ahead;
use bluegreen_shared::refusal::Refusal;
use bluegreen_shared::selector::{self, Labels};
use jiff::Timestamp;
use json_patch::PatchOperation;
use k8s_openapi::api::core::v1::{Pod, Service};
use tokio::time::Instant;

use crate::app::{App, Failure};
use crate::guard::requester;
use crate::lookup::Freshness;
use crate::mutate::HOOK;
use crate::review::{Answer, Review};

/// How long the cluster is waited for: a flip is not held up for its record.
const PATIENCE: Duration = Duration::from_secs(1);

/// Completes an update of a Service.
///
/// An intent that names a side which may not serve is refused, so that a switch fails before it has
/// begun; the flip itself is judged anew.
pub(crate) async fn complete(
    app: &App,
    review: &Review<'_>,
    before: &Service,
    after: &Service,
    deadline: Instant,
) -> Result<Answer, Failure> {
    let update = Update {
        app,
        review,
        before,
        after,
        now: Timestamp::now(),
        deadline: deadline.min(Instant::now() + PATIENCE),
    };
    if selector::of(before) == selector::of(after) {
        return update.intent().await;
    }
    update.flip().await
}

/// An update of a Service, and with what it is completed.
struct Update<'a> {
    app: &'a App,
    review: &'a Review<'a>,
    before: &'a Service,
    after: &'a Service,
    now: Timestamp,
    deadline: Instant,
}

impl Update<'_> {
    async fn flip(&self) -> Result<Answer, Failure> {
        let flip = Flip {
            before: self.before,
            after: self.after,
            now: self.now,
        };
        let mut objects = self.application(Freshness::Recent).await?;
        let requester = requester(self.app, self.review);
        let kept = drift::keep(&flip, objects.namespace.as_ref(), &requester);
        if !kept.is_empty() {
            let name = self.review.name();
            let warning = format!(
                "Service/{name} still selects {}: it is released with kubectl bluegreen switch",
                selector::query(selector::of(self.before))
            );
            return Ok(allow(kept, vec![warning]));
        }
        let (old, new) = (selector::of(self.before), selector::of(self.after));
        objects.pods = self.pods(&objects, old, new, Freshness::Recent).await?;
        let user = self.review.user();
        let mut patch = mutate::record(&flip, &objects, user);
        // An intent that comes with a flip announces nothing, and says nothing of what serves.
        patch.extend(mutate::stamp(self.after, self.before, user, None));
        Ok(allow(patch, Vec::new()))
    }

    async fn intent(&self) -> Result<Answer, Failure> {
        let written = |service: &Service| {
            let annotations = service.metadata.annotations.as_ref();
            annotations.and_then(|all| all.get(keys::INTENT).cloned())
        };
        if written(self.before) == written(self.after) {
            return Ok(allow(Vec::new(), Vec::new()));
        }
        let seen = self.announced(Freshness::Recent).await?;
        let seen = match seen {
            // What is at hand may be a moment old, and nothing is refused on that.
            Some((refusals, _)) if !refusals.is_empty() => self.announced(Freshness::Live).await?,
            other => other,
        };
        let serving = match seen {
            Some((refusals, _)) if !refusals.is_empty() => {
                return Ok(self.app.deny(HOOK, refusals));
            }
            Some((_, serving)) => Some(serving),
            None => None,
        };
        let user = self.review.user();
        let patch = mutate::stamp(self.after, self.before, user, serving);
        Ok(allow(patch, Vec::new()))
    }

    /// Why the side that an intent names may not serve, and how many pods serve now.
    async fn announced(&self, fresh: Freshness) -> Result<Option<(Vec<Refusal>, usize)>, Failure> {
        let mut objects = self.application(fresh).await?;
        let Some((old, new)) = self.announces(&objects).as_ref().map(Announced::selectors) else {
            return Ok(None);
        };
        objects.pods = self.pods(&objects, &old, &new, fresh).await?;
        Ok(self
            .announces(&objects)
            .map(|announced| (announced.refusals(&objects), announced.serving(&objects))))
    }

    fn announces<'o>(&self, objects: &'o Objects) -> Option<Announced<'o>> {
        mutate::announced(self.after, self.before, objects, self.now)
    }

    /// The pods of both sides as their controllers count them, where nothing goes on: lists of pods
    /// are most of what a review waits for.
    fn counted(&self, objects: &Objects) -> Option<Vec<Pod>> {
        let name = self.before.metadata.name.as_deref()?;
        let (applications, _) = discover::all(objects, &Hints::default());
        let serves = |application: &&Application<'_>| {
            let mut production = application.production.iter();
            production.any(|one| one.name() == name)
        };
        ahead::pods(applications.iter().find(serves)?, self.now)
    }

    /// What discovery needs, with the Service as this update found it.
    async fn application(&self, fresh: Freshness) -> Result<Objects, Failure> {
        let lookup = &self.app.lookup;
        let namespace = self.review.namespace();
        let mut objects = lookup.application(namespace, fresh, self.deadline).await?;
        for service in &mut objects.services {
            if service.metadata.name == self.before.metadata.name {
                service.clone_from(self.before);
            }
        }
        Ok(objects)
    }

    /// The pods of both selectors; what is at hand need not be more than their number.
    async fn pods(
        &self,
        objects: &Objects,
        old: &Labels,
        new: &Labels,
        fresh: Freshness,
    ) -> Result<Vec<Pod>, Failure> {
        if fresh == Freshness::Recent
            && let Some(pods) = self.counted(objects)
        {
            return Ok(pods);
        }
        let lookup = &self.app.lookup;
        let namespace = self.review.namespace();
        Ok(lookup
            .pods(namespace, old, new, fresh, self.deadline)
            .await?)
    }
}

pub(crate) fn allow(patch: Vec<PatchOperation>, warnings: Vec<String>) -> Answer {
    Answer::Allow { patch, warnings }
}
