//! Two ports: reviews by HTTPS, probes and metrics by plain HTTP. Bound first, then spawned, so that
//! a port in use is an error before anything else has happened.

mod body;
mod bound;
mod deadline;
mod door;
mod probes;
mod report;
mod reviews;
mod room;
mod spawned;
#[cfg(test)]
mod tests;
mod visit;

pub(crate) use bound::Bound;
pub(crate) use room::Room;
