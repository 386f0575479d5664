//! Asks pods and production over HTTP whether they are well, and has others say so.

mod ask;
mod command;
mod engine;
mod expected;
pub(crate) mod finding;
mod header;
mod job;
mod lines;
mod local;
mod pods;
pub(crate) mod production;
mod prometheus;
mod question;
mod side;
mod statuses;
mod tally;
mod tls;
mod url;

pub(crate) use ask::Manner;
pub(crate) use command::Command;
pub(crate) use engine::plain;
pub(crate) use expected::Expected;
pub(crate) use finding::{Finding, Subject};
pub(crate) use header::{Header, HeaderPattern, Pattern};
pub(crate) use job::{JobFile, Made};
pub(crate) use pods::{Rounds, every};
pub(crate) use prometheus::{Prometheus, Query};
pub(crate) use question::{Asked, PortName, Scheme};
pub(crate) use side::{Side, doors};
pub(crate) use statuses::Statuses;
pub(crate) use tally::Tried;
pub(crate) use url::{Url, port};
