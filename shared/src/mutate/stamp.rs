//! An intent, completed by what only admission knows: whose it is, and how much serves now.

use jiff::Timestamp;
use json_patch::jsonptr::PointerBuf;
use json_patch::{PatchOperation, ReplaceOperation};
use k8s_openapi::api::core::v1::Service;
use serde_json::Value;

use crate::application::Application;
use crate::discover::{self, Hints};
use crate::gate::{self, Flip};
use crate::intent::Intent;
use crate::keys;
use crate::metadata::annotation;
use crate::objects::Objects;
use crate::plan::flip::ServiceFlip;
use crate::refusal::Refusal;
use crate::selector::{self, Labels};

/// What an intent announces.
pub struct Announced<'a> {
    /// The Service with the selector that it is to get.
    flip: ServiceFlip<'a>,
    now: Timestamp,
}

/// The flip that an update's new intent announces; `None` where it sets none that holds, or what the
/// role selects can't be known, so that only the flip itself can be judged.
///
/// `objects` must hold the namespace's Services and workloads as they are stored.
#[must_use]
pub fn announced<'a>(
    after: &Service,
    before: &Service,
    objects: &'a Objects,
    now: Timestamp,
) -> Option<Announced<'a>> {
    let intent = set(after, before).filter(|intent| intent.holds(now))?;
    let name = before.metadata.name.as_deref()?;
    let (applications, _) = discover::all(objects, &Hints::default());
    let production = |application: &Application<'a>| {
        let mut all = application.production.iter();
        all.find(|one| one.name() == name).cloned()
    };
    let production = applications.iter().find_map(production)?;
    if production.selects() == Some(&intent.to) {
        return None;
    }
    let flip = ServiceFlip::to(&production, &intent.to)?;
    Some(Announced { flip, now })
}

impl Announced<'_> {
    /// The Service as it is and as it is to be.
    #[must_use]
    pub fn flip(&self) -> Flip<'_> {
        Flip {
            before: self.flip.before,
            after: &self.flip.after,
            now: self.now,
        }
    }

    /// What it selects now, and then.
    #[must_use]
    pub fn selectors(&self) -> (Labels, Labels) {
        let (before, after) = (self.flip.before, &self.flip.after);
        (selector::of(before).clone(), selector::of(after).clone())
    }

    /// Why the target may not serve.
    #[must_use]
    pub fn refusals(&self, objects: &Objects) -> Vec<Refusal> {
        gate::judge(&self.flip(), objects).refusals
    }

    /// How many pods serve that would be left.
    #[must_use]
    pub fn serving(&self, objects: &Objects) -> usize {
        gate::serving(&self.flip(), objects)
    }
}

/// The name of the request's user on a new intent, whatever it said, and how many pods serve.
///
/// An intent that this update leaves as it was is somebody else's, and one that can't be read
/// stays as it is written: it means nothing.
#[must_use]
pub fn stamp(
    after: &Service,
    before: &Service,
    user: &str,
    serving: Option<usize>,
) -> Vec<PatchOperation> {
    let Some(intent) = set(after, before) else {
        return Vec::new();
    };
    let stamped = Intent {
        by: Some(user.to_owned()),
        serving,
        ..intent
    };
    let value = serde_json::to_string(&stamped).unwrap_or_default();
    vec![PatchOperation::Replace(ReplaceOperation {
        path: PointerBuf::from_tokens(["metadata", "annotations", keys::INTENT]),
        value: Value::from(value),
    })]
}

/// The intent that an update sets or changes.
fn set(after: &Service, before: &Service) -> Option<Intent> {
    let written =
        |service: &Service| annotation(&service.metadata, keys::INTENT).map(str::to_owned);
    (written(after) != written(before)).then(|| Intent::of(after))?
}
