//! A refusal as a person reads it, with everything that it carries.

use bluegreen_shared::refusal::Refusal;

/// A line for each part, after an empty one; `kind` stands before the code.
pub(crate) fn said(refusal: &Refusal, kind: &str) -> String {
    let Refusal {
        code,
        message,
        remedy,
        causes,
    } = refusal;
    let mut lines = vec![
        String::new(),
        format!("{kind}{code}"),
        format!("  {message}"),
        format!("  next: {remedy}"),
    ];
    for cause in causes {
        lines.push(format!("  - {}: {}", cause.object, cause.message));
    }
    lines.join("\n") + "\n"
}
