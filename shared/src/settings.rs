//! The floors that the platform team sets on a Namespace and an application may raise on its Service.

use k8s_openapi::api::core::v1::{Namespace, Service};

use crate::keys;
use crate::refusal::{Code, Refusal};

/// How much must be ready before a flip, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Ready pods of the target as a share of the active environment's; 0 to 200.
    pub min_capacity: u16,
    /// Ready pods of the target as a share of its own replicas; 0 to 100.
    pub min_ready: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_capacity: 100,
            min_ready: 100,
        }
    }
}

/// The settings that hold: the Namespace's floor, raised by the strictest of the Services given.
///
/// For an update those are the old and the new object, so that dropping a setting in the same
/// update loosens nothing.
///
/// # Errors
/// A value that can't be read is a refusal that names key and value.
pub fn of(namespace: Option<&Namespace>, services: &[&Service]) -> Result<Settings, Refusal> {
    let mut settings = Settings::default();
    if let Some(namespace) = namespace {
        let owner = format!(
            "Namespace/{}",
            namespace.metadata.name.as_deref().unwrap_or_default()
        );
        let annotations = namespace.metadata.annotations.as_ref();
        let read = |key: &str, most: u16| {
            annotations
                .and_then(|all| all.get(key))
                .map(|text| percent(&owner, key, text, most))
                .transpose()
        };
        settings.min_capacity = read(keys::MIN_CAPACITY, 200)?.unwrap_or(settings.min_capacity);
        settings.min_ready = read(keys::MIN_READY, 100)?.unwrap_or(settings.min_ready);
    }
    for service in services {
        let Some(text) = service
            .metadata
            .annotations
            .as_ref()
            .and_then(|all| all.get(keys::MIN_CAPACITY))
        else {
            continue;
        };
        let owner = format!(
            "Service/{}",
            service.metadata.name.as_deref().unwrap_or_default()
        );
        let asked = percent(&owner, keys::MIN_CAPACITY, text, 200)?;
        settings.min_capacity = settings.min_capacity.max(asked);
    }
    Ok(settings)
}

fn percent(owner: &str, key: &str, text: &str, most: u16) -> Result<u16, Refusal> {
    text.strip_suffix('%')
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .filter(|value| *value <= most)
        .ok_or_else(|| Refusal {
            code: Code::InvalidSetting,
            message: format!("{owner} has {key}: {text:?}, which is no share from 0% to {most}%"),
            remedy: format!("set {key} on {owner} to a value such as \"100%\""),
            causes: Vec::new(),
        })
}
