//! The rules, over situations and as laws: one program, for linking a dozen takes longer than
//! running them.
// Clippy lets only what is marked so panic, though a test is all that this ever is.
#![cfg(test)]

mod adopt;
mod adopted;
mod announced;
mod applied;
mod discover;
mod discovered;
mod drift;
mod drifted;
mod gate;
mod generate;
mod init;
mod laws;
mod manifests;
mod mutate;
mod mutated;
mod plan;
mod protect;
mod protected;
mod record;
mod remembered;
mod rolled;
mod said;
mod situation;
mod stage;
mod stamp;
