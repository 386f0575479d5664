//! The webhook in a cluster: what it consists of, how it gets there, and how it goes.

mod guarding;
mod install;
mod manifests;
mod policy;
mod uninstall;

pub(crate) use install::{Order, install};
pub(crate) use manifests::{Options, Part, parts};
pub(crate) use uninstall::uninstall;
