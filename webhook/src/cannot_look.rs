//! Why no verdict could be reached.

use std::error::Error;

use http_body_util::LengthLimitError;

use crate::lookup::MOST;

/// The cluster could not be read in time: no verdict, in either direction.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotLook {
    /// All lookups that are allowed at once are under way.
    #[error("too many lookups are under way")]
    Busy,
    /// The API server did not answer before the review's deadline.
    #[error("the API server did not answer in time")]
    TooLate,
    /// More than is read into memory for one decision.
    #[error("there are more than {MOST} {resource} to look at")]
    TooMany {
        /// What was read.
        resource: &'static str,
    },
    /// The API server answered something else.
    #[error("{resource} could not be read: {source}")]
    Failed {
        /// What was read.
        resource: &'static str,
        /// Why it failed.
        source: Box<kube::Error>,
    },
}

impl CannotLook {
    /// Whether an answer was longer than is read.
    pub(crate) fn is_too_long(&self) -> bool {
        let mut cause: Option<&dyn Error> = Some(self);
        while let Some(error) = cause {
            if error.is::<LengthLimitError>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}
