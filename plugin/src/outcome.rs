//! What a verb that did its work has to show.

use crate::render::{Format, View};

/// The result of a verb that ends with exit code 0; everything else is a failure.
pub(crate) enum Outcome {
    /// Nothing (more) to print.
    Done,
    /// Text for stdout, as it is.
    Text(String),
    /// Data, and how the user wants to see it.
    View(Box<dyn View>, Format),
}

impl Outcome {
    /// Data, shown in the format that was asked for.
    pub(crate) fn view(view: impl View + 'static, format: &Format) -> Self {
        Self::View(Box::new(view), format.clone())
    }
}
