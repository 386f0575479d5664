//! The last look of a release: whether the side that serves now keeps what it was judged by.

use crate::application::Environment;
use crate::workload::Workload;

/// What of the environment is going away, of what was there when it was judged; `None` where it stays.
///
/// `now` are its workloads as they are. What wanted no pods before was let pass on purpose.
#[must_use]
pub fn going(judged: &Environment<'_>, now: &[Workload]) -> Option<String> {
    judged
        .workloads
        .iter()
        .filter(|before| before.replicas() > 0 && !before.is_deleting())
        .find_map(|before| {
            let what = before.reference();
            let uid = before.metadata().uid.as_ref();
            let same = |workload: &&Workload| {
                workload.kind() == before.kind()
                    && workload.name() == before.name()
                    && workload.metadata().uid.as_ref() == uid
            };
            match now.iter().find(same) {
                None => Some(format!("{what} is deleted")),
                Some(after) if after.is_deleting() => Some(format!("{what} is being deleted")),
                Some(after) if after.replicas() == 0 => Some(format!("{what} wants 0 replicas")),
                Some(_) => None,
            }
        })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    fn workload(name: &str, replicas: i32) -> Workload {
        let mut workload = Workload::from(Deployment::default());
        if let Workload::Deployment(deployment) = &mut workload {
            deployment.metadata.name = Some(name.to_owned());
            deployment.metadata.uid = Some(format!("uid of {name}"));
        }
        workload.set_replicas(replicas);
        workload
    }

    fn deleting(mut workload: Workload) -> Workload {
        if let Workload::Deployment(deployment) = &mut workload {
            deployment.metadata.deletion_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
        }
        workload
    }

    fn made_anew(mut workload: Workload) -> Workload {
        if let Workload::Deployment(deployment) = &mut workload {
            deployment.metadata.uid = Some("another".to_owned());
        }
        workload
    }

    fn of(before: &Workload, now: &[Workload]) -> Option<String> {
        let environment = Environment {
            role: "green".to_owned(),
            workloads: vec![before],
        };
        going(&environment, now)
    }

    #[test]
    fn what_takes_the_pods_away_is_named() {
        let before = workload("web-green", 2);
        let other = workload("web-blue", 0);
        for (now, what) in [
            (
                workload("web-green", 0),
                "Deployment/web-green wants 0 replicas",
            ),
            (
                deleting(workload("web-green", 2)),
                "Deployment/web-green is being deleted",
            ),
            (
                made_anew(workload("web-green", 2)),
                "Deployment/web-green is deleted",
            ),
        ] {
            let seen = of(&before, &[other.clone(), now]);
            assert_eq!(seen.as_deref(), Some(what));
        }
        let seen = of(&before, &[other]);
        assert_eq!(seen.as_deref(), Some("Deployment/web-green is deleted"));
    }

    #[test]
    fn what_stays_or_was_so_before_is_no_reason() {
        let before = workload("web-green", 2);
        assert_eq!(of(&before, &[workload("web-green", 1)]), None);
        let empty = workload("web-green", 0);
        assert_eq!(of(&empty, &[workload("web-green", 0)]), None);
        assert_eq!(of(&deleting(before), &[]), None);
    }
}
