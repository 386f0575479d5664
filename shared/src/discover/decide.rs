//! Which Services of an application are flipped.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::application::{Application, Rule};
use crate::selector;

use super::Hints;
use super::aside::Aside;
use super::build;
use super::group::Group;
use super::lack;
use super::member::Member;
use super::survey::Survey;
use super::undecided::{self, Undecided};

/// The application of a group of Services.
///
/// # Errors
/// Which of them is production is not certain, or there are not two environments.
pub(super) fn application<'a>(
    group: &Group<'a>,
    survey: &Survey<'a>,
    hints: &Hints,
) -> Result<Application<'a>, Undecided> {
    let (rule, production) = production(group, survey, hints)?;
    let mut sides = Vec::with_capacity(production.len());
    for member in production {
        let selector = selector::of(member.service);
        if let Some(missing) = hints
            .role_keys
            .iter()
            .find(|key| member.overlap.is_none() && !selector.contains_key(*key))
        {
            return Err(Undecided::no_such_key(member.service, missing));
        }
        match (&member.pair, &member.fault) {
            (Some(pair), None) => sides.push((member, Rc::clone(pair))),
            _ => return Err(lack::of(member, survey)),
        }
    }
    let rule = rule.or_else(|| sides.first().map(|(_, pair)| pair.rule));
    build::application(rule.unwrap_or(Rule::Mark), &sides, group, survey)
}

type Chosen<'g, 'a> = (Option<Rule>, Vec<&'g Member<'a>>);

fn production<'g, 'a>(
    group: &'g Group<'a>,
    survey: &Survey<'a>,
    hints: &Hints,
) -> Result<Chosen<'g, 'a>, Undecided> {
    let members = &group.members;
    let flagged = members
        .iter()
        .find(|member| hints.service.as_deref() == Some(undecided::name(member.service)));
    if let Some(member) = flagged {
        return Ok((Some(Rule::Mark), vec![member]));
    }
    let said: Vec<_> = members
        .iter()
        .filter(|member| member.is_said_to_be_production)
        .collect();
    if !said.is_empty() {
        return Ok((Some(Rule::Mark), said));
    }
    let (able, unable): (Vec<_>, Vec<_>) = members
        .iter()
        .filter(|member| member.aside.is_none())
        .partition(|member| member.is_switchable);
    match (able.as_slice(), unable.as_slice()) {
        ([], []) => Err(no_candidate(group, survey)),
        ([], [one, ..]) => Ok((None, vec![*one])),
        ([one], _) => {
            refuse_a_twin(group, one)?;
            let marked = |member: &Member<'_>| matches!(member.aside, Some(Aside::Marked(..)));
            Ok((members.iter().any(marked).then_some(Rule::Mark), vec![*one]))
        }
        _ => Err(Undecided::several(group, &able)),
    }
}

/// Why nothing is left: no Service may be production, or there are not two sides in the first place.
fn no_candidate(group: &Group<'_>, survey: &Survey<'_>) -> Undecided {
    if group.members.iter().any(|member| member.is_switchable) {
        return Undecided::no_production(group, survey);
    }
    match group.members.first() {
        Some(first) => lack::of(first, survey),
        None => Undecided::no_production(group, survey),
    }
}

/// Where the name of a Service binds it to one role and no Service is bound to the other, the one
/// that is left may be the other's, never to be flipped. Only its owner knows.
fn refuse_a_twin(group: &Group<'_>, candidate: &Member<'_>) -> Result<(), Undecided> {
    let bound = |member: &Member<'_>| {
        let aside = member.aside.as_ref()?;
        aside.may_have_a_twin(member.service)
    };
    let roles: BTreeSet<&str> = group.members.iter().filter_map(bound).collect();
    match group.members.iter().find(|member| bound(member).is_some()) {
        Some(twin) if roles.len() == 1 => Err(Undecided::twin(group, candidate, twin)),
        _ => Ok(()),
    }
}
