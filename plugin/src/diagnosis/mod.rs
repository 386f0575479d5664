//! Why an environment does not come up: what stands in the way, and whether waiting will help.

mod fault;
mod newest;
mod open;
mod patience;
mod pod_fault;
mod sight;
mod told;
mod workload_fault;

pub(crate) use fault::{Fault, Kind};
pub(crate) use newest::Newest;
pub(crate) use patience::Patience;
pub(crate) use sight::{Restarts, Sight};
pub(crate) use told::{last_lines, last_logs, refused_pods, scale_up_is_coming, warning, warnings};
