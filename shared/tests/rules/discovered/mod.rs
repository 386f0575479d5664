//! What the tests of discovery share.

pub(crate) mod generated;
mod laws;
mod size;
pub(crate) mod text;
