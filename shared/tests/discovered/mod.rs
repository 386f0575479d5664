//! What the tests of discovery share.

#![cfg(test)]

pub(crate) mod generated;
mod laws;
mod size;
pub(crate) mod text;
