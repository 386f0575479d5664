//! A real Kubernetes in a sandbox, and what the end-to-end tests need to work on it.

pub mod cache;
