//! A whole cluster in namespaces of its own, of which nothing is left when it ends.
//!
//! ```text
//! sandbox            what the user started; makes the folder, waits, cleans up   [outside]
//! ├─ sandbox janitor waits for the folder's lock; cleans up if the above is killed [janitor]
//! └─ unshare         dies with the above, and everything below with it
//!    └─ sandbox init the first process of the namespace; buries orphans          [init]
//!       └─ sandbox inside  starts the cluster, runs the command, ends with it     [inside]
//! ```

mod addresses;
mod certificates;
mod cgroups;
mod command;
mod component;
mod control_plane;
mod folder;
mod init;
mod inside;
mod janitor;
mod kubeconfig;
mod leftovers;
mod machine;
mod node;
mod order;
mod outside;
mod ready;
mod simulation;

pub use control_plane::AUDIT_LOG;
pub use folder::PREFIX;
pub use init::init;
pub use inside::inside;
pub use janitor::janitor;
pub use order::Order;
pub use outside::{Request, enter};
