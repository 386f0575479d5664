//! Which application a verb is about.

use bluegreen_shared::discover::Hints;
use clap::Args;

/// The application's name, and what discovery should be told.
#[derive(Args, Clone, Debug)]
pub(crate) struct Target {
    /// The application: its label's value, or the name of one of its Services
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) hints: HintFlags,
    /// Whether it is one Deployment, which is updated in place, and not two environments.
    #[arg(skip)]
    pub(crate) in_place: bool,
}

/// What wins over all that the cluster says.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct HintFlags {
    /// The production Service, where it can't be known from its selector and name
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// The selector keys that carry the role, separated by commas
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub(crate) role_key: Vec<String>,
}

impl Target {
    /// The hints as discovery takes them.
    pub(crate) fn hints(&self) -> Hints {
        self.hints.hints()
    }

    /// The same name, of one Deployment that is updated in place.
    pub(crate) fn in_place(&self) -> Self {
        Self {
            in_place: true,
            ..self.clone()
        }
    }
}

impl HintFlags {
    /// The hints as discovery takes them.
    pub(crate) fn hints(&self) -> Hints {
        Hints {
            service: self.service.clone(),
            role_keys: self.role_key.clone(),
        }
    }
}
