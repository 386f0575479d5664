//! What must be there before a sandbox is entered, since nothing can be fetched from inside.

mod packages;
mod pipelines;
mod programs;
mod rights;
mod unpacked;

pub use packages::install_missing;
pub use pipelines::fetch_pipelines;
pub use programs::{DEFINITIONS, Programs, build};
pub use rights::check;
pub use unpacked::unpack_missing;
