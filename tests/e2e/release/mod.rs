//! Every verb of a release, from the outside: what it says, what it exits with, what it leaves behind.

mod adopting;
mod back;
mod begin;
mod deleting;
mod delivering;
mod deploying;
mod exclusive;
mod forward;
mod intents;
mod interrupted;
mod leaving;
mod look;
mod notifying;
mod overlapping;
mod retiring;
mod rolling;
mod several;
mod staging;
mod syncing;
mod verifying;
mod waiting;
