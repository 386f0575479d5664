//! One live look at an application: everything that a verdict needs.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use bluegreen_shared::discover::{self, Undecided};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rolling;
use bluegreen_shared::selector;
use bluegreen_shared::workload::Workload;

use crate::cluster::{Changes, Cluster, Freshness};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::Target;

/// How long looks may fail that are made again and again.
pub(crate) const A_WHILE: Duration = Duration::from_secs(5);
/// How long they may fail where giving up would leave production half way: an API server that is being
/// updated, the only one, is away for about so long.
pub(crate) const A_LONG_WHILE: Duration = Duration::from_mins(1);
/// After a look that failed.
const PAUSE: Duration = Duration::from_millis(500);

/// Reads the namespace and the pods of the application's two environments, in five requests.
pub(crate) async fn look(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    look_at(cluster, target, Freshness::Live).await
}

/// The same, and what wakes whoever waits for a reason to look again.
pub(crate) async fn look_and_watch<'c>(
    cluster: &'c Cluster,
    target: &Target,
) -> Result<(Objects, Changes<'c>), Failure> {
    let objects = look(cluster, target).await?;
    let query = find(&objects, target)?.pod_query();
    let changes = cluster.changes(cluster.namespace(), query);
    Ok((objects, changes))
}

/// A live look, with every other pod that production would select beside both environments.
pub(crate) async fn look_around(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    let fresh = Freshness::Live;
    let objects = cluster.read_objects(cluster.namespace(), fresh).await?;
    let query = find(&objects, target)?.overlap_query();
    with_the_rest(cluster, objects, query, fresh).await
}

/// A live look at an application of which one side may not be there yet: `other` gives the workloads that
/// the side of this role will have.
///
/// # Errors
/// They are not of that side, beside all that can be wrong with a look.
pub(crate) async fn look_at_what_will_be(
    cluster: &Cluster,
    target: &Target,
    other: impl FnOnce(&str) -> Result<Vec<Workload>, Failure>,
) -> Result<Objects, Failure> {
    let fresh = Freshness::Live;
    let mut objects = cluster.read_objects(cluster.namespace(), fresh).await?;
    let query = |objects: &Objects| {
        let found = discover::find(objects, &target.name, &target.hints());
        found.map(|application| application.pod_query())
    };
    let query = match query(&objects) {
        Ok(query) => query,
        Err(undecided) => {
            let Some(role) = undecided.lacks else {
                return Err(undecided.into());
            };
            let has = add(&mut objects, other(role)?);
            query(&objects).map_err(|_| not_of(undecided, role, has))?
        }
    };
    with_the_rest(cluster, objects, query, fresh).await
}

/// Adds the workloads that are not there yet; what each of them would be, in words.
fn add(objects: &mut Objects, more: Vec<Workload>) -> Vec<String> {
    let there: BTreeSet<String> = objects.workloads.iter().map(Workload::reference).collect();
    let mut words = Vec::new();
    for workload in more {
        let reference = workload.reference();
        if !there.contains(&reference) {
            let labels = selector::query(workload.pod_labels());
            words.push(format!("the pods of {reference} would carry {labels}"));
            objects.workloads.push(workload);
        }
    }
    words
}

/// Of what the manifests would make nothing is the side that is missing.
fn not_of(undecided: Undecided, role: &str, has: Vec<String>) -> Failure {
    Failure {
        exit: Exit::Refused,
        ..Failure::from(undecided)
    }
    .details(has)
    .hint(format!("the manifests must make {role}"))
}

async fn look_at(cluster: &Cluster, target: &Target, fresh: Freshness) -> Result<Objects, Failure> {
    let objects = cluster.read_objects(cluster.namespace(), fresh).await?;
    let query = find(&objects, target)?.pod_query();
    with_the_rest(cluster, objects, query, fresh).await
}

async fn with_the_rest(
    cluster: &Cluster,
    mut objects: Objects,
    query: Option<String>,
    fresh: Freshness,
) -> Result<Objects, Failure> {
    let rest = cluster.read_rest(cluster.namespace(), query.as_deref(), fresh);
    (objects.namespace, objects.pods) = rest.await?;
    Ok(objects)
}

/// A live look again, after one that succeeded: one that fails is no reason to give up yet.
pub(crate) async fn look_again(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    look_again_at(cluster, target, Freshness::Live).await
}

/// The same, as fresh as it has to be.
pub(crate) async fn look_again_at(
    cluster: &Cluster,
    target: &Target,
    fresh: Freshness,
) -> Result<Objects, Failure> {
    patiently(A_WHILE, async || look_at(cluster, target, fresh).await).await
}

/// A live look that is made again for longer, should it fail, whatever it fails for.
pub(crate) async fn look_patiently(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    again(A_LONG_WHILE, true, async || look(cluster, target).await).await
}

/// Does it again while it fails, at most so long: an API server that restarts is away for a moment. What no
/// waiting changes ends it at once, unless something else came before it; and so does what could be tried,
/// and is decided.
pub(crate) async fn patiently<T>(
    longest: Duration,
    look: impl AsyncFn() -> Result<T, Failure>,
) -> Result<T, Failure> {
    again(longest, false, look).await
}

/// `was_away` says whether the API server may have been away just before. One that has just started forbids
/// everything to everybody until it has read who may do what, which takes it a second or two.
async fn again<T>(
    longest: Duration,
    mut was_away: bool,
    look: impl AsyncFn() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let began = Instant::now();
    loop {
        match look().await {
            Err(failure) if may_pass(&failure, was_away) && began.elapsed() < longest => {
                was_away = true;
                tokio::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}

/// Whether waiting may change it. `was_away` is as in [`again`].
pub(crate) fn may_pass(failure: &Failure, was_away: bool) -> bool {
    failure.exit == Exit::CouldNot && (was_away || !failure.lasts)
}

/// The application that the user means.
pub(crate) fn find<'a>(objects: &'a Objects, target: &Target) -> Result<Application<'a>, Failure> {
    if target.in_place {
        return Ok(rolling::find(objects, &target.name, &target.hints())?.application());
    }
    Ok(discover::find(objects, &target.name, &target.hints())?)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// What comes of it, where it fails for these reasons in turn and then no more.
    async fn tried(failures: &[&Failure]) -> Result<(), Failure> {
        let left = RefCell::new(failures.iter());
        let look = async || {
            left.borrow_mut()
                .next()
                .map_or(Ok(()), |&one| Err(one.clone()))
        };
        patiently(A_WHILE, look).await
    }

    #[tokio::test]
    async fn what_no_waiting_changes_ends_it_unless_the_api_server_was_away() {
        let away = Failure::could_not("can't reach the API server");
        let forbidden = Failure {
            lasts: true,
            ..Failure::could_not("services is forbidden")
        };
        assert_eq!(tried(&[&away]).await, Ok(()));
        assert_eq!(tried(&[&forbidden]).await, Err(forbidden.clone()));
        assert_eq!(tried(&[&away, &forbidden, &forbidden]).await, Ok(()));
    }

    #[tokio::test]
    async fn what_is_decided_ends_it_whatever_came_before() {
        let away = Failure::could_not("can't reach the API server");
        let busy = Failure::new(Exit::Busy, "somebody else has deleted it");
        assert_eq!(tried(&[&busy]).await, Err(busy.clone()));
        assert_eq!(tried(&[&away, &busy]).await, Err(busy));
    }
}
