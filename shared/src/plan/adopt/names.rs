//! The names of what is made: whether they are free, and the cluster and discovery take them.

use crate::objects::Objects;
use crate::plan::init::Side;
use crate::plan::{Declined, Why};
use crate::selector;
use crate::words;

use super::declined;
use super::scene::Scene;

/// Characters of a DNS label (RFC 1123), which a Service's name is and the pods' names should be.
const LONGEST: usize = 63;

/// The first thing that stands in the way.
pub(super) fn check(scene: &Scene<'_>, objects: &Objects) -> Result<(), Declined> {
    if scene.made.is_none() {
        fresh(scene, objects)?;
    }
    let idle = scene.idle();
    let name = scene.side_name(idle);
    let side = |kind, name: &str| {
        let mut all = objects.workloads.iter();
        all.find(|one| one.kind() == kind && one.name() == name)
    };
    if let Some(there) = side("Deployment", &name)
        && !selector::matches(&scene.selector(idle), there.pod_labels())
    {
        return Err(taken(
            &there.reference(),
            &format!("the {} side", idle.as_str()),
        ));
    }
    for role in Side::BOTH {
        let name = scene.test_name(role);
        if let Some(there) = objects.service(&name)
            && *selector::of(there) != scene.selector(role)
        {
            let what = format!("the test Service of {}", role.as_str());
            return Err(taken(&format!("Service/{name}"), &what));
        }
    }
    Ok(())
}

fn fresh(scene: &Scene<'_>, objects: &Objects) -> Result<(), Declined> {
    let old = &scene.origin.name;
    if words::has_colour(old) {
        return Err(declined(
            Why::Unfit,
            format!("Deployment/{old} has a colour in its name, which would name a side already"),
            "make the other side by hand, with a role label on both, and let the Service select by it",
        ));
    }
    let longest = Side::BOTH
        .into_iter()
        .flat_map(|role| {
            [
                ("Deployment", scene.side_name(role)),
                ("Service", scene.test_name(role)),
            ]
        })
        .find(|(_, name)| name.len() > LONGEST);
    if let Some((kind, name)) = longest {
        return Err(declined(
            Why::Unfit,
            format!(
                "the name {kind}/{name} would have {} characters, and {LONGEST} are possible",
                name.len()
            ),
            "make the two sides by hand, with shorter names: kubectl bluegreen init --help",
        ));
    }
    let name = scene.side_name(scene.role);
    let mut all = objects.workloads.iter();
    match all.find(|one| one.kind() == "Deployment" && one.name() == name) {
        Some(there) => Err(taken(
            &there.reference(),
            &format!("the {} side", scene.role.as_str()),
        )),
        None => Ok(()),
    }
}

fn taken(what: &str, part: &str) -> Declined {
    declined(
        Why::Unfit,
        format!("{what} is there already and is not {part}, whose name that is"),
        "look at what it is for: kubectl bluegreen list; adopt makes it itself where it is not there",
    )
}
