//! Finds applications by the structure of Services and workloads.
//!
//! Each Service is looked at by itself first: what its selector chooses between (`sight`), and what
//! it says of itself (`mark`, `aside`). Those that have to do with a release are sorted into
//! applications (`group`), and for each of these it is decided which Services are flipped
//! (`decide`). The result does not depend on the order of the objects, nor on the side that
//! production is on.

mod aside;
mod build;
mod bystanders;
mod chosen_keys;
mod decide;
mod explain;
mod group;
mod index;
mod ingress;
mod lack;
mod mark;
mod member;
mod name;
mod notes;
mod overlap;
mod pair;
mod sight;
mod suggest;
mod survey;
mod undecided;
mod view;
mod why_application;
mod why_service;

pub use aside::Aside;
pub(crate) use name::labels;
pub use undecided::Undecided;

use crate::application::Application;
use crate::objects::Objects;

use group::Group;
use survey::Survey;

/// What the user said on the command line, which wins over all that the cluster says.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// `--service`: the production Service.
    pub service: Option<String>,
    /// `--role-key`: the keys that carry the role.
    pub role_keys: Vec<String>,
}

/// Every application of the namespace that is certain, and why others are not.
///
/// Services that merely have a colour in a longer value (`app: blue-ocean`) and no other side are
/// left out: they are what they seem.
#[must_use]
pub fn all<'a>(objects: &'a Objects, hints: &Hints) -> (Vec<Application<'a>>, Vec<Undecided>) {
    let survey = Survey::of(objects);
    let groups = survey.groups(hints);
    let mut applications = Vec::new();
    let mut undecided = Vec::new();
    for group in &groups {
        match decide::application(group, &survey, hints) {
            Ok(application) => applications.push(application),
            Err(why) if group.is_telling() => undecided.push(why),
            Err(_) => {}
        }
    }
    undecided.extend(explain::colour_blind(&groups, &survey));
    (applications, undecided)
}

/// The application of that name: its label's value, that without the colour word, or a Service's name.
///
/// # Errors
/// There is none of that name, there are several, or which Service is production can't be known.
pub fn find<'a>(
    objects: &'a Objects,
    name: &str,
    hints: &Hints,
) -> Result<Application<'a>, Undecided> {
    if !name::is_possible(name) {
        return Err(Undecided::impossible_name(name));
    }
    let survey = Survey::of(objects);
    let groups = survey.groups(hints);
    let group = match &hints.service {
        Some(service) => with_service(service, name, &groups, &survey)?,
        None => called(name, &groups, &survey)?,
    };
    decide::application(group, &survey, hints)
}

fn called<'g, 'a>(
    name: &str,
    groups: &'g [Group<'a>],
    survey: &Survey<'a>,
) -> Result<&'g Group<'a>, Undecided> {
    let found: Vec<&Group<'a>> = groups
        .iter()
        .filter(|group| group.is_called(name))
        .collect();
    match found.as_slice() {
        [] => Err(explain::unknown(name, groups, survey)),
        [group] => Ok(group),
        several => Err(Undecided::ambiguous_name(name, several)),
    }
}

fn with_service<'g, 'a>(
    service: &str,
    name: &str,
    groups: &'g [Group<'a>],
    survey: &Survey<'a>,
) -> Result<&'g Group<'a>, Undecided> {
    let found = groups.iter().find_map(|group| {
        let member = group
            .members
            .iter()
            .find(|member| undecided::name(member.service) == service)?;
        Some((group, member.service))
    });
    match found {
        Some((group, _)) if group.is_called(name) => Ok(group),
        Some((group, service)) => Err(Undecided::of_another(name, service, group)),
        None => Err(Undecided::no_such_service(
            service,
            survey.services.iter().copied(),
        )),
    }
}
