//! Asks pods, and production, over HTTP whether they are well.

mod ask;
mod engine;
mod pods;
pub(crate) mod production;
mod question;
mod statuses;
mod tally;
mod tls;
mod url;

pub(crate) use ask::Manner;
pub(crate) use pods::{Rounds, every};
pub(crate) use question::{Asked, PortName};
pub(crate) use statuses::Statuses;
pub(crate) use tally::Tried;
