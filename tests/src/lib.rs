//! A real Kubernetes in a sandbox, and what the end-to-end tests need to work on it.

pub mod cache;
pub mod demo;
pub mod image;
pub mod load;
pub mod prepare;
pub mod progress;
pub mod sandbox;
pub mod versions;
