//! What is proven on a real cluster: run it with `make test-e2e`.
// All of it is test code, which may unwrap.
#![cfg(test)]

mod bad_input;
mod beside;
mod fixture;
mod gitops;
mod guard;
mod house;
mod inject;
mod install;
mod pipelines;
mod rbac;
mod release;
mod requests;
mod shop;
mod stamps;
mod verify;
mod wire;
