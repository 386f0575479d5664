//! What keeps several Services, or a name, from being one application.

use k8s_openapi::api::core::v1::Service;

use crate::refusal;
use crate::workload::Workload;

use super::aside::Aside;
use super::group::Group;
use super::member::Member;
use super::survey::Survey;
use super::undecided::{Undecided, name, reference, selects};

impl Undecided {
    pub(super) fn impossible_name(wanted: &str) -> Self {
        let shown: String = wanted.chars().take(40).collect();
        let cut = if shown.len() < wanted.len() {
            "…"
        } else {
            ""
        };
        Self::new(format!(
            "no application can be called {shown:?}{cut}: a name has letters, digits, '-', '_' and '.', 253 at most"
        ))
        .hint("kubectl bluegreen list")
    }

    pub(super) fn unknown<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        let mut known = known.into_iter().peekable();
        let what = format!("there is no application {wanted:?}");
        if known.peek().is_none() {
            return Self::new(format!(
                "{what}, and no Service selects by a colour or is marked"
            ))
            .hint(format!(
                "kubectl bluegreen init {wanted} --image IMAGE --port PORT"
            ));
        }
        Self::new(format!("{what}; there are:"))
            .list(known)
            .hint("kubectl bluegreen list")
    }

    pub(super) fn no_such_service<'s>(
        wanted: &str,
        there: impl IntoIterator<Item = &'s Service>,
    ) -> Self {
        let shown: String = wanted.chars().take(40).collect();
        Self::new(format!("there is no Service {shown:?}; there are:"))
            .list(there.into_iter().map(name))
            .hint("name one of them with --service")
    }

    pub(super) fn of_another(wanted: &str, service: &Service, group: &Group<'_>) -> Self {
        Self::new(format!(
            "{} belongs to the application {:?}, not to {wanted:?}",
            reference(service),
            group.name()
        ))
        .hint(format!("name {} and the same --service", group.name()))
        .between([service])
    }

    pub(super) fn ambiguous_name(wanted: &str, groups: &[&Group<'_>]) -> Self {
        let services: Vec<&Service> = groups
            .iter()
            .filter_map(|group| Some(group.members.first()?.service))
            .collect();
        Self::new(format!(
            "{} applications are called {wanted:?}",
            groups.len()
        ))
        .list(services.iter().map(|service| line(service, None)))
        .hint("name one of its Services instead, or add --service")
        .between(services)
    }

    /// `dead` are Services of the same name that select nothing that is there.
    pub(super) fn no_production(group: &Group<'_>, survey: &Survey<'_>) -> Self {
        let dead = survey.bystanders.dead_called(group.name());
        let uses = |service: &Service| match survey.ingresses_of(service) {
            [] => String::new(),
            names => format!(", used by {}", refusal::three(names)),
        };
        let members = group
            .members
            .iter()
            .map(|member| described(member) + &uses(member.service));
        let lost = dead
            .iter()
            .map(|service| line(service, Some("which no pods carry".to_owned())) + &uses(service));
        let services = group.members.iter().map(|member| member.service);
        Self::new(format!("no Service of {:?} may be flipped", group.name()))
            .list(lost.chain(members))
            .hint(way_out(group, dead))
            .between(services)
    }

    pub(super) fn several(group: &Group<'_>, candidates: &[&Member<'_>]) -> Self {
        Self::new(format!(
            "{} Services of {:?} could be production, and none is marked",
            candidates.len(),
            group.name()
        ))
        .list(candidates.iter().map(|member| described(member)))
        .hint(mark(group, candidates.first().copied(), "--production"))
        .between(candidates.iter().map(|member| member.service))
    }

    pub(super) fn twin(group: &Group<'_>, candidate: &Member<'_>, twin: &Member<'_>) -> Self {
        Self::new(format!(
            "only the owner knows whether {} is production of {:?}, or stays with one side as its twin does",
            reference(candidate.service),
            group.name()
        ))
        .list([described(candidate), described(twin)])
        .hint(mark(group, Some(candidate), "--production"))
        .between([candidate.service, twin.service])
    }

    pub(super) fn other_roles(one: (&Service, [&str; 2]), other: (&Service, [&str; 2])) -> Self {
        let said = |(service, [a, b]): (&Service, [&str; 2])| {
            format!("{} chooses between {a} and {b}", reference(service))
        };
        Self::new(format!(
            "{}, {}, so they can't be flipped as one",
            said(one),
            said(other)
        ))
        .hint("name one of them with --service, or take the mark off the other")
        .between([one.0, other.0])
    }

    pub(super) fn in_both(group: &Group<'_>, workload: &Workload, roles: [&str; 2]) -> Self {
        let [one, two] = roles;
        Self::new(format!(
            "{} is {one} for one production Service of {:?} and {two} for another",
            workload.reference(),
            group.name()
        ))
        .hint("name one of the Services with --service")
        .between(group.members.iter().map(|member| member.service))
    }
}

/// What helps where no Service is left that may be production.
fn way_out(group: &Group<'_>, dead: &[&Service]) -> String {
    if let [service, ..] = dead {
        return format!(
            "correct the selector of {} with kubectl apply or kubectl patch",
            reference(service)
        );
    }
    let of_kind = |wanted: fn(&Aside) -> bool| {
        group
            .members
            .iter()
            .find(|member| member.aside.as_ref().is_some_and(wanted))
    };
    if let Some(test) = of_kind(|aside| *aside == Aside::TestWord) {
        return mark(group, Some(test), "--production");
    }
    if let Some(bound) = of_kind(|aside| !matches!(aside, Aside::Marked(..))) {
        return format!(
            "create a Service that selects {} and whose name binds it to no side, or, if {} is to be flipped, {}",
            selects(bound.service),
            reference(bound.service),
            mark(group, Some(bound), "--production")
        );
    }
    match group.members.first() {
        Some(Member {
            service,
            aside: Some(Aside::Marked(key, _)),
            ..
        }) => {
            format!("kubectl annotate service {} {key}-", name(service))
        }
        _ => "kubectl bluegreen list".to_owned(),
    }
}

/// The command that settles it.
fn mark(group: &Group<'_>, member: Option<&Member<'_>>, flag: &str) -> String {
    let service = member.map_or("", |member| name(member.service));
    format!(
        "kubectl bluegreen mark {} --service {service} {flag}",
        group.name()
    )
}

fn described(member: &Member<'_>) -> String {
    line(
        member.service,
        member.aside.as_ref().map(ToString::to_string),
    )
}

fn line(service: &Service, why: Option<String>) -> String {
    let why = why.map(|why| format!(", {why}")).unwrap_or_default();
    format!("{}: selects {}{why}", reference(service), selects(service))
}
