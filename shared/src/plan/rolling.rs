//! The pattern's other strategy: one Deployment, updated in place behind its Services.
//!
//! Old and new serve at once while it lasts, and what does not pass is rolled back rather than flipped
//! back. What it was before is remembered on the first of its Services until the update is over, so
//! that a run which was cut off is finished, or taken back, by the next one.

mod before;
mod find;
mod fit;
mod gate;
mod manifests;
mod scene;
mod strategy;
mod undo;
mod update;

use super::{Declined, Why};

pub use before::{Before, forget, is_noted, remember, remembered, runs};
pub use find::find;
pub use fit::{may_become, may_begin};
pub use gate::{judge_template, state};
pub use manifests::{judge_pieces, merged};
pub use scene::Scene;
pub use strategy::{Amount, Bounds};
pub use undo::{is_back, undo};
pub use update::{Update, Wanted, changes, update};

/// The request is declined: one sentence, and what to do instead.
fn declined(why: Why, message: String, hint: impl Into<String>) -> Declined {
    Declined {
        why,
        message,
        hint: hint.into(),
    }
}
