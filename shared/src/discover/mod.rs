//! Finds applications by the structure of Services and workloads.

use crate::application::Application;
use crate::objects::Objects;

/// What the user said on the command line, which wins over all that the cluster says.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// `--service`: the production Service.
    pub service: Option<String>,
    /// `--role-key`: the keys that carry the role.
    pub role_keys: Vec<String>,
}

/// Why no application was found, or not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// What happened: one sentence without a full stop, or a list of candidates under it.
    pub message: String,
    /// What to do next: a command where there is one.
    pub hint: Option<String>,
    /// The names of the Services that it is between, if it is between any.
    pub candidates: Vec<String>,
}

/// Every application of the namespace that is certain, and why others are not.
#[must_use]
pub fn all<'a>(_objects: &'a Objects, _hints: &Hints) -> (Vec<Application<'a>>, Vec<Undecided>) {
    (Vec::new(), Vec::new())
}

/// The application of that name: its label's value, that without the colour word, or a Service's name.
///
/// # Errors
/// There is none of that name, there are several, or which Service is production can't be known.
pub fn find<'a>(
    _objects: &'a Objects,
    name: &str,
    _hints: &Hints,
) -> Result<Application<'a>, Undecided> {
    Err(Undecided {
        message: format!("no application {name:?}"),
        hint: None,
        candidates: Vec::new(),
    })
}
