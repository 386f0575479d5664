//! The floors that the platform team sets on a Namespace and an application may raise on its Service.

use k8s_openapi::api::core::v1::{Namespace, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::keys;
use crate::metadata::{annotation, namespace_flag};
use crate::refusal::{Code, Refusal, cut};

/// What becomes of a flip that nobody announced, the loosest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnDrift {
    /// The gate alone judges it.
    #[default]
    Allow,
    /// The flip of a tool that applies what stands in a repository leaves the live role as it is; anybody else's is refused.
    Keep,
    /// It is refused.
    Deny,
}

/// What must hold before a flip; shares in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Ready pods of the target as a share of the active environment's; 0 to 200.
    pub min_capacity: u16,
    /// Ready pods of the target as a share of its own replicas; 0 to 100.
    pub min_ready: u16,
    /// Whether the target must carry a verification of what it runs.
    pub require_verified: bool,
    /// What becomes of a flip that nobody announced.
    pub on_drift: OnDrift,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_capacity: 100,
            min_ready: 100,
            require_verified: false,
            on_drift: OnDrift::Allow,
        }
    }
}

/// The settings that hold: the Namespace's floor, raised by the strictest of the Services given.
///
/// For an update those are the old and the new object, so that dropping a setting in the same
/// update loosens nothing. A value that can't be read, of a mark too, is a refusal that names key and
/// value, and counts as the default.
#[must_use]
pub fn of(namespace: Option<&Namespace>, services: &[&Service]) -> (Settings, Vec<Refusal>) {
    let mut settings = Settings::default();
    let mut unreadable = Vec::new();
    let mut note = |refusal: Refusal| {
        if !unreadable.contains(&refusal) {
            unreadable.push(refusal);
        }
    };
    if let Some(namespace) = namespace {
        let mut read = |key, most| {
            percent("Namespace", &namespace.metadata, key, most).unwrap_or_else(|refusal| {
                note(refusal);
                None
            })
        };
        settings.min_capacity = read(keys::MIN_CAPACITY, 200).unwrap_or(settings.min_capacity);
        settings.min_ready = read(keys::MIN_READY, 100).unwrap_or(settings.min_ready);
        match is_true("Namespace", &namespace.metadata, keys::REQUIRE_VERIFIED) {
            Ok(required) => settings.require_verified = required,
            Err(refusal) => note(refusal),
        }
        match on_drift("Namespace", &namespace.metadata) {
            Ok(asked) => settings.on_drift = asked,
            Err(refusal) => note(refusal),
        }
    }
    for service in services {
        match percent("Service", &service.metadata, keys::MIN_CAPACITY, 200) {
            Ok(asked) => {
                settings.min_capacity = settings.min_capacity.max(asked.unwrap_or(0));
            }
            Err(refusal) => note(refusal),
        }
        match is_true("Service", &service.metadata, keys::REQUIRE_VERIFIED) {
            Ok(required) => settings.require_verified |= required,
            Err(refusal) => note(refusal),
        }
        match on_drift("Service", &service.metadata) {
            Ok(asked) => settings.on_drift = settings.on_drift.max(asked),
            Err(refusal) => note(refusal),
        }
        for refusal in unreadable_marks(service) {
            note(refusal);
        }
    }
    (settings, unreadable)
}

/// Whoever wrote them believes that the Service is marked.
fn unreadable_marks(service: &Service) -> impl Iterator<Item = Refusal> {
    let object = &service.metadata;
    let flags = [keys::PRODUCTION, keys::TEST]
        .into_iter()
        .filter_map(|key| is_true("Service", object, key).err());
    let role_key = annotation(object, keys::ROLE_KEY)
        .filter(|text| text.split(',').any(|key| key.trim().is_empty()))
        .map(|text| {
            let what = "no list of label keys with commas between them";
            invalid("Service", object, keys::ROLE_KEY, text, what, "role")
        });
    flags.chain(role_key)
}

fn is_true(kind: &str, object: &ObjectMeta, key: &str) -> Result<bool, Refusal> {
    match annotation(object, key) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(text) => Err(invalid(
            kind,
            object,
            key,
            text,
            "neither true nor false",
            "true",
        )),
    }
}

fn on_drift(kind: &str, object: &ObjectMeta) -> Result<OnDrift, Refusal> {
    let key = keys::ON_DRIFT;
    match annotation(object, key) {
        None | Some("allow") => Ok(OnDrift::Allow),
        Some("keep") => Ok(OnDrift::Keep),
        Some("deny") => Ok(OnDrift::Deny),
        Some(text) => Err(invalid(
            kind,
            object,
            key,
            text,
            "none of allow, keep and deny",
            "deny",
        )),
    }
}

fn percent(kind: &str, object: &ObjectMeta, key: &str, most: u16) -> Result<Option<u16>, Refusal> {
    let Some(text) = annotation(object, key) else {
        return Ok(None);
    };
    let value = text
        .strip_suffix('%')
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .filter(|value| *value <= most);
    if value.is_some() {
        return Ok(value);
    }
    let what = format!("no share from 0% to {most}%");
    Err(invalid(kind, object, key, text, &what, "100%"))
}

/// A value that can't be read, named with key and value, and a better one.
pub(crate) fn invalid(
    kind: &str,
    object: &ObjectMeta,
    key: &str,
    text: &str,
    what: &str,
    better: &str,
) -> Refusal {
    let name = object.name.as_deref().unwrap_or_default();
    let mut shown = format!("{text:?}");
    cut(&mut shown, 100);
    let resource = kind.to_ascii_lowercase();
    let namespace = namespace_flag(object);
    Refusal::new(
        Code::InvalidSetting,
        &format!("{kind}/{name} has {key}: {shown}, which is {what}"),
        format!("kubectl annotate {resource}/{name}{namespace} --overwrite {key}={better}"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn service(capacity: &str) -> Service {
        serde_json::from_value(json!({
            "metadata": { "name": "web", "namespace": "shop", "annotations": { keys::MIN_CAPACITY: capacity } }
        }))
        .unwrap()
    }

    fn namespace(capacity: &str, ready: &str) -> Namespace {
        serde_json::from_value(json!({
            "metadata": { "name": "shop", "annotations": { keys::MIN_CAPACITY: capacity, keys::MIN_READY: ready } }
        }))
        .unwrap()
    }

    #[test]
    fn a_service_raises_the_floor_and_never_lowers_it() {
        let floor = namespace("80%", "50%");
        let capacity = |services: &[&Service]| of(Some(&floor), services).0.min_capacity;
        assert_eq!(capacity(&[]), 80);
        assert_eq!(capacity(&[&service("10%")]), 80);
        assert_eq!(capacity(&[&service("150%"), &service("90%")]), 150);
        assert_eq!(of(Some(&floor), &[]).0.min_ready, 50);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_loosens_nothing() {
        for wrong in ["", "%", "100", "-1%", "+5%", "201%", "1e2%", "99999999%"] {
            let (settings, unreadable) = of(None, &[&service(wrong), &service(wrong)]);
            assert_eq!(settings, Settings::default(), "{wrong}");
            assert_eq!(unreadable.len(), 1, "{wrong}");
            let message = &unreadable[0].message;
            assert!(
                message.contains(keys::MIN_CAPACITY) && message.contains(&format!("{wrong:?}")),
                "{message}"
            );
        }
        assert_eq!(of(Some(&namespace("all", "101%")), &[]).1.len(), 2);
    }

    #[test]
    fn a_mark_that_cannot_be_read_is_named() {
        let marked = |key: &str, value: &str| -> Vec<Refusal> {
            let service = serde_json::from_value(json!({
                "metadata": { "name": "web", "annotations": { key: value } }
            }));
            of(None, &[&service.unwrap()]).1
        };
        for key in [keys::PRODUCTION, keys::TEST] {
            assert_eq!(marked(key, "true"), []);
            assert_eq!(marked(key, "false"), []);
        }
        assert_eq!(marked(keys::ROLE_KEY, "role, version"), []);
        let wrong = [
            (keys::PRODUCTION, "yes"),
            (keys::PRODUCTION, "True"),
            (keys::TEST, ""),
            (keys::ROLE_KEY, ""),
            (keys::ROLE_KEY, "role,,version"),
        ];
        for (key, value) in wrong {
            let refusals = marked(key, value);
            assert_eq!(refusals.len(), 1, "{key}: {value}");
            let message = &refusals[0].message;
            let named = message.contains(key) && message.contains(&format!("{value:?}"));
            assert!(named, "{message}");
        }
    }

    #[test]
    fn a_verification_is_required_where_either_asks_for_it() {
        let service = |value: &str| -> Service {
            serde_json::from_value(json!({
                "metadata": { "name": "web", "annotations": { keys::REQUIRE_VERIFIED: value } }
            }))
            .unwrap()
        };
        let required = |services: &[&Service]| of(None, services).0.require_verified;
        assert!(required(&[&service("true"), &service("false")]));
        assert!(!required(&[&service("false"), &Service::default()]));
        let namespace: Namespace = serde_json::from_value(json!({
            "metadata": { "name": "shop", "annotations": { keys::REQUIRE_VERIFIED: "true" } }
        }))
        .unwrap();
        assert!(
            of(Some(&namespace), &[&service("false")])
                .0
                .require_verified
        );
        let (settings, unreadable) = of(None, &[&service("yes")]);
        assert!(!settings.require_verified);
        assert_eq!(
            unreadable[0].to_string(),
            "InvalidSetting: Service/web has bluegreen.dev/require-verified: \"yes\", which is neither true nor false"
        );
    }
}
