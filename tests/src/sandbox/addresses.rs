//! Who has which address inside. Every sandbox has its own network, so none of them has to be agreed upon.

/// The machine's own, on a bridge that nothing is plugged into.
pub(crate) const MACHINE: &str = "10.88.0.1";
/// What the Services get their addresses from.
pub(crate) const SERVICES: &str = "10.96.0.0/16";
/// The `kubernetes` Service: the first of `SERVICES`.
pub(crate) const API_SERVICE: &str = "10.96.0.1";
/// What the pods of the real node get their addresses from.
pub(crate) const PODS: &str = "10.244.0.0/20";
/// What the simulated pods get theirs from: nothing answers there.
pub(crate) const SIMULATED_PODS: &str = "10.245.0.0/16";
/// Where the simulated nodes claim to be.
pub(crate) const SIMULATED_NODES: &str = "10.88.0.2";
/// The API server, as seen on the machine.
pub(crate) const API: &str = "https://127.0.0.1:6443";
/// The store of the API server.
pub(crate) const ETCD: &str = "http://127.0.0.1:2379";
/// The real node's name.
pub(crate) const NODE: &str = "node";
