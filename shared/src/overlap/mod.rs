//! Both environments selected on purpose, for a while: how a production Service says so.
//!
//! Load balancers outside of the cluster hear of a flip later than the nodes do. While both sides
//! are selected, whatever such a one still sends to the old side is answered.

mod sides;

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;
use serde::{Deserialize, Serialize};

use crate::keys;
use crate::metadata::annotation;
use crate::selector::{self, Labels};
use crate::words;

pub(crate) use sides::{Side, sides};

/// What a value that can't be read is not.
pub(crate) const FORM: &str = r#"no JSON such as {"from":"blue","to":"green"}"#;

/// The two sides of the annotation `bluegreen.dev/overlap`. The selector has no role keys meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The role that served alone before; it counts as the one that serves until one is selected alone.
    pub from: String,
    /// The role that is to serve alone.
    pub to: String,
}

/// The annotation's value.
#[derive(Serialize, Deserialize)]
struct Written {
    from: String,
    to: String,
    /// What the old side ran when it served alone, of the Service's own part of it; the history's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    served: Option<String>,
}

/// What a flip does to an overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It has to do with none: from one side to the other.
    Flip,
    /// Both sides are selected from then on.
    Enter,
    /// The side that is to serve is selected alone.
    Leave,
    /// The side that served before is selected alone again.
    Return,
}

impl Step {
    /// Whether it is written into the history: an overlap and its end are one flip, when it ends in the
    /// new side, and none where the old one has served all the while.
    #[must_use]
    pub fn is_recorded(self) -> bool {
        matches!(self, Self::Flip | Self::Leave)
    }
}

impl Overlap {
    /// What the Service says.
    ///
    /// # Errors
    /// The value that can't be read.
    pub(crate) fn of(service: &Service) -> Result<Option<Self>, &str> {
        let Some(text) = annotation(&service.metadata, keys::OVERLAP) else {
            return Ok(None);
        };
        let Written { from, to, .. } = Written::read(text).ok_or(text)?;
        Ok(Some(Self { from, to }))
    }

    /// The annotation's value, with what the old side runs while it still serves alone.
    pub(crate) fn value(&self, served: Option<&str>) -> String {
        let written = Written {
            from: self.from.clone(),
            to: self.to.clone(),
            served: served.map(str::to_owned),
        };
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Both roles, as people read them.
    #[must_use]
    pub fn both(&self) -> String {
        format!("{} and {}", self.from, self.to)
    }

    /// The role that a label's value speaks of.
    pub(crate) fn role_in(&self, value: &str) -> Option<&str> {
        let speaks_of =
            |role: &&String| value == *role || words::colour(value) == Some(role.as_str());
        [&self.from, &self.to]
            .into_iter()
            .find(speaks_of)
            .map(String::as_str)
    }
}

impl Written {
    /// As it stands there; `None` where it names no two sides.
    fn read(text: &str) -> Option<Self> {
        let is_of_two =
            |one: &Self| !one.from.is_empty() && !one.to.is_empty() && one.from != one.to;
        serde_json::from_str(text).ok().filter(is_of_two)
    }
}

/// What the old side of the Service's overlap ran when it served alone, as the mark says; `None` where it
/// does not. The side may run something else by now, which is not what served.
pub(crate) fn served(service: &Service) -> Option<String> {
    Written::read(annotation(&service.metadata, keys::OVERLAP)?)?.served
}

/// The keys that `bluegreen.dev/role-key` names on the Service; none where it is not marked so.
pub(crate) fn role_keys(service: &Service) -> BTreeSet<String> {
    let marked = annotation(&service.metadata, keys::ROLE_KEY).unwrap_or_default();
    let keys = marked
        .split(',')
        .map(str::trim)
        .filter(|key| !key.is_empty());
    keys.map(str::to_owned).collect()
}

/// What the Service selects of the side that a pod with these labels is of: its selector, and in an
/// overlap the labels too that say the side.
pub(crate) fn narrowed(service: &Service, labels: &Labels) -> Labels {
    let mut selector = selector::of(service).clone();
    if let Ok(Some(overlap)) = Overlap::of(service) {
        let marked = role_keys(service);
        let says_role = |key: &String, value: &String| {
            marked.contains(key) || (marked.is_empty() && overlap.role_in(value).is_some())
        };
        let role = labels.iter().filter(|(key, value)| says_role(key, value));
        let role: Labels = role
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        selector.extend(role);
    }
    selector
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
    use serde_json::json;

    use super::*;

    fn service(text: &str) -> Service {
        let annotations = json!({ keys::OVERLAP: text });
        let metadata = json!({ "name": "web", "annotations": annotations });
        serde_json::from_value(
            json!({ "metadata": metadata, "spec": { "selector": { "app": "web" } } }),
        )
        .unwrap()
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        let overlap = Overlap {
            from: "blue".to_owned(),
            to: "1.11".to_owned(),
        };
        let text = overlap.value(None);
        assert_eq!(text, r#"{"from":"blue","to":"1.11"}"#);
        assert_eq!(served(&service(&text)), None);
        assert_eq!(Overlap::of(&service(&text)), Ok(Some(overlap.clone())));
        let text = overlap.value(Some("7aaa"));
        assert_eq!(text, r#"{"from":"blue","to":"1.11","served":"7aaa"}"#);
        assert_eq!(served(&service(&text)).as_deref(), Some("7aaa"));
        assert_eq!(Overlap::of(&service(&text)), Ok(Some(overlap)));
        assert_eq!(Overlap::of(&Service::default()), Ok(None));
    }

    #[test]
    fn what_names_no_two_sides_can_not_be_read() {
        for wrong in [
            "",
            "{}",
            "blue",
            r#"{"from":"blue"}"#,
            r#"{"from":"blue","to":"blue"}"#,
            r#"{"from":"","to":"blue"}"#,
        ] {
            assert_eq!(Overlap::of(&service(wrong)), Err(wrong));
        }
    }

    #[test]
    fn what_a_newer_version_has_written_beside_is_left_aside() {
        let newer = service(r#"{"from":"blue","to":"green","since":"noon"}"#);
        assert!(Overlap::of(&newer).is_ok_and(|overlap| overlap.is_some()));
    }

    #[test]
    fn a_pod_is_selected_with_what_says_its_side() {
        let labels = |role: &str| {
            Labels::from(
                [("app", "web"), ("role", role), ("tier", "front")]
                    .map(|(key, value)| (key.to_owned(), value.to_owned())),
            )
        };
        let overlapping = service(r#"{"from":"blue","to":"green"}"#);
        assert_eq!(
            selector::query(&narrowed(&overlapping, &labels("Green"))),
            "app=web,role=Green"
        );
        assert_eq!(
            selector::query(&narrowed(&overlapping, &labels("red"))),
            "app=web"
        );
        let mut marked = overlapping.clone();
        marked
            .metadata
            .annotations
            .get_or_insert_default()
            .insert(keys::ROLE_KEY.to_owned(), "tier".to_owned());
        assert_eq!(
            selector::query(&narrowed(&marked, &labels("green"))),
            "app=web,tier=front"
        );
        let plain = Service {
            metadata: ObjectMeta::default(),
            ..overlapping
        };
        assert_eq!(
            selector::query(&narrowed(&plain, &labels("green"))),
            "app=web"
        );
    }
}
