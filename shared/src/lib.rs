//! The rules of blue/green releases on plain Deployments and Services.
//!
//! Everything here is a pure function of Kubernetes objects: no client, no runtime, no clock and
//! no environment. The kubectl plugin and the admission webhook both read the cluster into
//! [`objects::Objects`] and ask the same questions of it, so that neither can say what the other
//! would not.

pub mod application;
pub mod approvals;
pub mod discover;
pub mod drift;
pub mod endpoints;
pub mod gate;
pub mod history;
pub mod intent;
pub mod job;
pub mod keys;
pub mod lease;
mod live;
pub mod manifests;
mod metadata;
pub mod mutate;
pub mod objects;
pub mod overlap;
mod patch;
pub mod plan;
pub mod pod;
pub mod pod_list;
pub mod promql;
pub mod protect;
pub mod refusal;
pub mod selector;
pub mod serving;
pub mod settings;
pub mod verified;
pub mod words;
pub mod workload;
