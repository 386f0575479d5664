//! Flags that several verbs share.

pub(crate) mod checked;
mod connection;
mod dry_run;
mod duration;
mod repeat;
mod target;
mod unechoed;

pub(crate) use connection::Connection;
pub(crate) use dry_run::DryRun;
pub(crate) use duration::{Span, lasting};
pub(crate) use target::{HintFlags, Target};
pub(crate) use unechoed::Unechoed;
