//! Discovery in big namespaces.
//!
//! The bounds are far from what it takes (milliseconds): they catch a cost that grows with the
//! square of the namespace, which would take minutes.

use std::time::{Duration, Instant};

use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::objects::Objects;

use super::generated::{labels, service, workload};

const APPLICATIONS: usize = 2000;
const AT_MOST: Duration = Duration::from_secs(20);

#[expect(clippy::disallowed_methods, reason = "a test measures")]
fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    let taken = start.elapsed();
    println!("{what}: {} ms", taken.as_millis());
    assert!(taken < AT_MOST, "{what} took {taken:?}");
    result
}

#[test]
fn thousands_of_applications_share_a_namespace() {
    let mut objects = Objects::default();
    for number in 0..APPLICATIONS {
        let app = format!("app{number}");
        for role in ["blue", "green"] {
            let pods = labels(&[("app", &app), ("role", role), ("env", "prod")]);
            let selector = labels(&[("app", &app), ("role", role)]);
            objects
                .workloads
                .push(workload(&format!("{app}-{role}"), pods));
            objects
                .services
                .push(service(&format!("{app}-test-{role}"), selector));
        }
        let selector = labels(&[("app", &app), ("role", "blue")]);
        objects.services.push(service(&app, selector));
        let both = labels(&[("app", &app)]);
        objects.services.push(service(&format!("{app}-all"), both));
    }
    let hints = Hints::default();
    let (found, undecided) = timed("all", || discover::all(&objects, &hints));
    assert_eq!((found.len(), undecided.len()), (APPLICATIONS, 0));
    timed("find", || discover::find(&objects, "app7", &hints)).unwrap();
}

#[test]
fn everything_in_a_namespace_looks_alike() {
    let mut objects = Objects::default();
    for number in 0..APPLICATIONS {
        let value = format!("v{number}-blue");
        let pods = labels(&[("app", "web"), ("version", &value), ("role", "blue")]);
        objects
            .workloads
            .push(workload(&format!("web-{number}"), pods.clone()));
        objects
            .services
            .push(service(&format!("web-{number}"), pods));
        let same = labels(&[("app", "web"), ("role", "blue")]);
        objects
            .services
            .push(service(&format!("same-{number}"), same));
        let both = labels(&[("app", "web")]);
        objects
            .services
            .push(service(&format!("both-{number}"), both));
    }
    let hints = Hints::default();
    let (_, undecided) = timed("all", || discover::all(&objects, &hints));
    let longest = undecided.iter().map(|why| why.message.len()).max();
    assert!(longest < Some(4096), "{longest:?}");
    let why = timed("find", || discover::find(&objects, "web", &hints)).unwrap_err();
    assert!(why.message.len() < 4096, "{} bytes", why.message.len());
    let chosen = Hints {
        role_keys: vec!["version".to_owned()],
        ..Hints::default()
    };
    timed("find by a key", || discover::find(&objects, "web", &chosen)).unwrap_err();
}
