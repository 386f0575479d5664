//! A real Kubernetes in a sandbox, and what the end-to-end tests need to work on it.

pub mod audit;
pub mod bench;
pub mod cache;
pub mod cluster;
pub mod demo;
pub mod eventually;
pub mod image;
pub mod kubectl;
pub mod load;
pub mod prepare;
pub mod progress;
pub mod races;
pub mod sandbox;
pub mod versions;
