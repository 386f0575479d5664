//! The two sides that a selector can choose between.

use std::collections::BTreeSet;

use crate::application::Rule;
use crate::selector::Labels;
use crate::words::{self, COLOURS};
use crate::workload::Workload;

/// What one value of the role keys selects.
#[derive(Clone, Debug)]
pub(super) struct Side<'a> {
    pub(super) role: String,
    pub(super) selector: Labels,
    pub(super) workloads: Vec<&'a Workload>,
}

/// Two sides whose selectors have the same keys.
#[derive(Clone, Debug)]
pub(super) struct Pair<'a> {
    pub(super) rule: Rule,
    /// In the order of their roles.
    pub(super) sides: [Side<'a>; 2],
}

impl<'a> Pair<'a> {
    pub(super) fn new(rule: Rule, one: Side<'a>, other: Side<'a>) -> Self {
        let mut sides = [one, other];
        sides.sort_by(|a, b| a.role.cmp(&b.role));
        Self { rule, sides }
    }

    /// The workloads of both sides.
    pub(super) fn workloads(&self) -> impl Iterator<Item = &'a Workload> + '_ {
        self.sides
            .iter()
            .flat_map(|side| side.workloads.iter().copied())
    }
}

/// The keys whose values differ.
pub(super) fn differing<'l>(one: &'l Labels, other: &Labels) -> BTreeSet<&'l str> {
    one.iter()
        .filter(|(key, value)| other.get(*key) != Some(value))
        .map(|(key, _)| key.as_str())
        .collect()
}

/// How two selectors with the same keys relate, and the role that either stands for.
///
/// Every value that differs has to be the same once its colour word is taken out, and all values of
/// one side have to speak of one colour. A side without any is the plain one of a suffix pair; it
/// has the role that is left.
pub(super) fn relation(one: &Labels, other: &Labels) -> Option<(Rule, &'static str, &'static str)> {
    let keys = differing(one, other);
    if keys.is_empty() {
        return None;
    }
    for key in &keys {
        let (a, b) = (one.get(*key)?, other.get(*key)?);
        let rest = words::without_colour(a);
        let same = rest == words::without_colour(b);
        let may_differ = match (words::colour(a), words::colour(b)) {
            (Some(_), Some(_)) => true,
            (None, None) => false,
            (Some(_), None) => !rest.is_empty() && !words::has_colour(b),
            (None, Some(_)) => !rest.is_empty() && !words::has_colour(a),
        };
        if !same || !may_differ {
            return None;
        }
    }
    match (colour(one, &keys)?, colour(other, &keys)?) {
        (Some(a), Some(b)) => (a != b).then_some((Rule::ColourPair, a, b)),
        (Some(a), None) => Some((Rule::SuffixPair, a, opposite(a)?)),
        (None, Some(b)) => Some((Rule::SuffixPair, opposite(b)?, b)),
        (None, None) => None,
    }
}

/// The one colour that the values of these keys speak of; the outer `None` where they contradict.
#[expect(
    clippy::option_option,
    reason = "contradiction and silence are two answers"
)]
pub(super) fn colour(labels: &Labels, keys: &BTreeSet<&str>) -> Option<Option<&'static str>> {
    let colours: BTreeSet<&str> = keys
        .iter()
        .filter_map(|key| words::colour(labels.get(*key)?))
        .collect();
    (colours.len() < 2).then(|| COLOURS.into_iter().find(|colour| colours.contains(colour)))
}

/// The colour that is left.
pub(super) fn opposite(colour: &str) -> Option<&'static str> {
    COLOURS.into_iter().find(|other| *other != colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        one: &[(&str, &str)],
        other: &[(&str, &str)],
    ) -> Option<(Rule, &'static str, &'static str)> {
        let labels = |pairs: &[(&str, &str)]| -> Labels {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        relation(&labels(one), &labels(other))
    }

    #[test]
    fn all_that_differs_is_the_colour() {
        let found = of(
            &[("app", "a"), ("slot", "BLUE")],
            &[("app", "a"), ("slot", "green")],
        );
        assert_eq!(found, Some((Rule::ColourPair, "blue", "green")));
        assert_eq!(of(&[("app", "a-blue")], &[("app", "b-green")]), None);
        assert_eq!(of(&[("app", "a-blue")], &[("app", "a-Blue")]), None);
        assert_eq!(of(&[("app", "a.b")], &[("app", "a-b")]), None);
    }

    #[test]
    fn the_colours_of_one_side_agree() {
        let one = [("app", "a-blue"), ("slot", "blue")];
        assert!(of(&one, &[("app", "a-green"), ("slot", "green")]).is_some());
        assert_eq!(of(&one, &[("app", "a-green"), ("slot", "Blue")]), None);
    }

    #[test]
    fn a_plain_side_has_a_name_of_its_own() {
        let found = of(&[("app", "a")], &[("app", "a-green")]);
        assert_eq!(found, Some((Rule::SuffixPair, "blue", "green")));
        assert_eq!(of(&[("slot", "")], &[("slot", "green")]), None);
        assert_eq!(of(&[("app", "a-blue-green")], &[("app", "a-green")]), None);
    }
}
