//! Why a Service is not production, by what it says of itself.

use std::fmt;

use k8s_openapi::api::core::v1::Service;

use crate::keys;
use crate::words;

/// What keeps a Service from being flipped. The first that fits, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aside {
    /// A mark says so; the annotation's key and value.
    Marked(&'static str, &'static str),
    /// An own label such as `role: test-green` binds it; key and value.
    Label(String, String),
    /// The one colour word in its name binds it.
    Colour(&'static str),
    /// A test word in its name: it is for tests, whichever role it selects.
    TestWord,
}

impl Aside {
    /// What keeps this Service from being flipped; `None` where nothing does, so that it may be production.
    ///
    /// Marks that can't be read count as absent here; discovery itself refuses them.
    #[must_use]
    pub fn of(service: &Service) -> Option<Self> {
        let mark = |key: &str| {
            let value = service.metadata.annotations.as_ref()?.get(key)?;
            value.parse::<bool>().ok()
        };
        match (mark(keys::PRODUCTION), mark(keys::TEST)) {
            (_, Some(true)) => Some(Self::Marked(keys::TEST, "true")),
            (Some(false), _) => Some(Self::Marked(keys::PRODUCTION, "false")),
            (Some(true), _) | (_, Some(false)) => None,
            (None, None) => Self::by_words(service),
        }
    }

    fn by_words(service: &Service) -> Option<Self> {
        let name = service.metadata.name.as_deref().unwrap_or_default();
        if let Some((key, value)) = service
            .metadata
            .labels
            .iter()
            .flatten()
            .find(|(_, value)| words::has_test_word(value) && words::colour(value).is_some())
        {
            return Some(Self::Label(key.clone(), value.clone()));
        }
        if let Some(colour) = words::colour(name) {
            return Some(Self::Colour(colour));
        }
        words::has_test_word(name).then_some(Self::TestWord)
    }

    /// The role that a Service is bound to though nothing says that it is for tests: it may be the
    /// twin of a Service that is bound to the other role and does not say so.
    pub(super) fn may_have_a_twin(&self, service: &Service) -> Option<&'static str> {
        let name = service.metadata.name.as_deref().unwrap_or_default();
        match self {
            Self::Colour(colour) if !words::has_test_word(name) => Some(colour),
            _ => None,
        }
    }
}

impl fmt::Display for Aside {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Marked(key, value) => write!(out, "marked {key}: {value:?}"),
            Self::Label(key, value) => write!(out, "bound by its label {key}={value}"),
            Self::Colour(colour) => write!(out, "bound to {colour} by its name"),
            Self::TestWord => write!(out, "for tests by its name"),
        }
    }
}
