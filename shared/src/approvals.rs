//! Who agreed to the release of what an environment runs: the annotation `bluegreen.dev/approvals` of
//! the production Services.

use std::collections::BTreeSet;

use jiff::Timestamp;
use json_patch::Patch;
use k8s_openapi::api::core::v1::Service;
use serde::{Deserialize, Serialize};

use crate::keys;
use crate::metadata::annotation;
use crate::patch;
use crate::verified::Revision;

/// Approvals that are kept at most; the oldest go first. The policy `bluegreen-stamps` lets no more pass.
const MOST: usize = 10;
/// Bytes of the annotation at most; the same.
const BYTES: usize = 16 * 1024;

/// Somebody's consent. The order of the fields is what the policy `bluegreen-stamps` reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// What was agreed to; it says nothing of anything else.
    pub revision: Revision,
    /// The user, whose name the API server sees to.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The approvals on a Service, newest first; none where they can't be read.
#[must_use]
pub fn of(service: &Service) -> Vec<Approval> {
    annotation(&service.metadata, keys::APPROVALS)
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// Adds an approval to the Service as it was read, in the place of an earlier one by the same user.
#[must_use]
pub fn add(service: &Service, approval: &Approval) -> Patch {
    let metadata = &service.metadata;
    let mut all = of(service);
    all.retain(|other| other.by != approval.by);
    all.insert(0, approval.clone());
    all.truncate(MOST);
    let mut value = serde_json::to_string(&all).unwrap_or_default();
    while value.len() > BYTES && all.len() > 1 {
        all.pop();
        value = serde_json::to_string(&all).unwrap_or_default();
    }
    let guards = patch::same(metadata).into_iter();
    let guards = guards.chain(patch::unchanged(metadata));
    Patch(
        guards
            .chain(patch::annotate(metadata, keys::APPROVALS, value))
            .collect(),
    )
}

/// Who has approved that revision on every one of the Services, apart from `releaser`: nobody
/// approves their own release.
#[must_use]
pub fn by_others<'s>(
    services: impl IntoIterator<Item = &'s Service>,
    revision: &Revision,
    releaser: &str,
) -> BTreeSet<String> {
    let approvers = services.into_iter().map(|service| {
        of(service)
            .into_iter()
            .filter(|approval| approval.revision == *revision && approval.by != releaser)
            .map(|approval| approval.by)
            .collect::<BTreeSet<String>>()
    });
    approvers
        .reduce(|one, other| &one & &other)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn approval(by: &str, hash: &str) -> Approval {
        Approval {
            revision: Revision::from([("Deployment/web-green".to_owned(), hash.to_owned())]),
            by: by.to_owned(),
            at: "2026-05-01T12:00:00Z".parse().unwrap(),
        }
    }

    fn with(service: &Service, approval: &Approval) -> Service {
        let mut after = json!(service);
        json_patch::patch(&mut after, &add(service, approval)).unwrap();
        serde_json::from_value(after).unwrap()
    }

    #[test]
    fn one_approval_a_user_is_kept_and_ten_in_all() {
        let mut service = Service::default();
        service.metadata.uid = Some("u".to_owned());
        service.metadata.resource_version = Some("1".to_owned());
        service = with(&service, &approval("ann", "1"));
        service = with(&service, &approval("bob", "1"));
        service = with(&service, &approval("ann", "2"));
        assert_eq!(of(&service), [approval("ann", "2"), approval("bob", "1")]);
        for user in 0..12 {
            service = with(&service, &approval(&format!("user-{user}"), "1"));
        }
        assert_eq!(of(&service).len(), 10);
        assert_eq!(of(&service)[0].by, "user-11");
    }

    #[test]
    fn the_oldest_go_where_all_do_not_fit() {
        let mut service = Service::default();
        for user in ["ann", "bob", "cid"] {
            service = with(&service, &approval(user, &"1".repeat(6000)));
        }
        let by: Vec<String> = of(&service).into_iter().map(|one| one.by).collect();
        assert_eq!(by, ["cid", "bob"]);
    }

    #[test]
    fn approvals_count_of_that_revision_by_others_and_on_all_services() {
        let plain = Service::default();
        let one = with(&plain, &approval("ann", "1"));
        let one = with(&one, &approval("bob", "1"));
        let other = with(&plain, &approval("bob", "1"));
        let revision = approval("", "1").revision;
        let who = |services: &[&Service], releaser: &str| {
            by_others(services.iter().copied(), &revision, releaser)
                .into_iter()
                .collect::<Vec<_>>()
        };
        assert_eq!(who(&[&one], "ci"), ["ann", "bob"]);
        assert_eq!(who(&[&one], "ann"), ["bob"]);
        assert_eq!(who(&[&one, &other], "ci"), ["bob"]);
        assert_eq!(who(&[&one, &plain], "ci"), [""; 0]);
        assert_eq!(who(&[], "ci"), [""; 0]);
        let another = approval("", "2").revision;
        assert!(by_others([&one], &another, "ci").is_empty());
    }

    #[test]
    fn what_can_not_be_read_approves_nothing() {
        let mut service = Service::default();
        let text = "yes".to_owned();
        service.metadata.annotations = Some([(keys::APPROVALS.to_owned(), text)].into());
        assert_eq!(of(&service), []);
    }
}
