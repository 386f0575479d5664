//! What the API server has been told to trust.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::configuration::{Configuration, Kind};
use super::identity::Identity;
use super::names::Names;
use super::trust;

/// The two configurations as they were seen last. One that is not installed is known to be absent;
/// one that has not been looked at yet is not known.
#[derive(Clone, Debug, Default)]
pub(super) struct Published(BTreeMap<Kind, Option<Configuration>>);

impl Published {
    /// Remembers what was seen.
    pub(super) fn see(&mut self, kind: Kind, seen: Option<Configuration>) {
        self.0.insert(kind, seen);
    }

    /// The configuration of a kind, where there is one.
    pub(super) fn of(&self, kind: Kind) -> Option<&Configuration> {
        self.0.get(&kind)?.as_ref()
    }

    /// Whether every call that these configurations cause would accept the identity: each hook's
    /// bundle vouches for it. Where none is installed, nobody calls.
    pub(super) fn vouches(&self, identity: &Identity, names: &Names, at: Timestamp) -> bool {
        let known = Kind::ALL.iter().all(|kind| self.0.contains_key(kind));
        let mut hooks = self.0.values().flatten().flat_map(|one| &one.hooks);
        known && hooks.all(|hook| trust::vouches(&hook.bundle, identity, names, at))
    }
}
