//! What a person hands in as files: variables in them, the objects of them, and which of those may be
//! applied to the side that is idle.

mod adjust;
mod complete;
mod convert;
pub mod difference;
mod document;
mod judge;
mod kind;
pub(crate) mod label_selector;
mod piece;
mod place;
mod references;
mod scene;
mod template;
mod values;

pub use adjust::{annotate, raise_minimum, set, set_replicas};
pub use complete::complete;
pub use convert::{Conversion, convert};
pub use document::{Document, documents};
pub(crate) use judge::is_so_already;
pub use judge::{Candidate, Judged, judge};
pub use kind::{Kind, Unfit};
pub use piece::{Finding, Piece, pieces};
pub use place::{Flaw, Place};
pub use scene::Scene;
pub use template::{Filled, fill};
pub use values::{Setting, TARGET_ROLE, Values};
