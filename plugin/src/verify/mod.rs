//! Asks pods, and production, over HTTP whether they are well.

mod ask;
mod engine;
mod expected;
mod header;
mod pods;
pub(crate) mod production;
mod question;
mod statuses;
mod tally;
mod tls;
mod url;

pub(crate) use ask::Manner;
pub(crate) use expected::Expected;
pub(crate) use header::{Header, HeaderPattern, Pattern};
pub(crate) use pods::{Rounds, every};
pub(crate) use question::{Asked, PortName, Scheme};
pub(crate) use statuses::Statuses;
pub(crate) use tally::Tried;
