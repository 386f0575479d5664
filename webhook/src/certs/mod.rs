//! The webhook's certificate: made here, kept in a Secret that the replicas share, published to the
//! API server, and renewed in the one order in which no call fails.
//!
//! 1. A new CA is published beside the old one.
//! 2. Both configurations carry it, for long enough that every API server has seen it.
//! 3. Every replica serves the new certificate, which the Secret tells it.
//! 4. The old CA is taken out when no certificate of it can be valid any more.
//!
//! There is no leader: whoever is first writes the Secret with the resourceVersion that it read, and
//! the others read again. A CA signs one certificate and its key is thrown away, so that whoever
//! gets at the Secret can't make others, and so that every renewal goes the same way.

mod configuration;
mod identity;
mod issue;
mod keep;
mod keeper;
mod names;
mod published;
mod publisher;
mod served;
mod step;
mod stored;
#[cfg(test)]
mod tests;
mod trust;

pub(crate) use keep::keep;
pub(crate) use served::Served;
#[cfg(test)]
pub(crate) use tests::certificate;
