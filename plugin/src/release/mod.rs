//! Carries out planned flips: what `switch` and `rollback` have in common.

mod back;
mod busy;
mod flip;
mod follow;
mod view;

pub(crate) use back::take_back;
pub(crate) use busy::not_busy;
pub(crate) use flip::{Order, Stop, flip};
pub(crate) use view::Release;
