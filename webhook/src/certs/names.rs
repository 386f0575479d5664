//! The names under which the webhook is called.

use rustls::pki_types::{InvalidDnsNameError, ServerName};

/// The DNS names of a Service.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// From the shortest to the longest.
    pub(super) all: [String; 4],
    /// The one that the API server verifies: `<service>.<namespace>.svc`.
    pub(super) called: ServerName<'static>,
}

impl Names {
    pub(super) fn new(service: &str, namespace: &str) -> Result<Self, InvalidDnsNameError> {
        let called = format!("{service}.{namespace}.svc");
        Ok(Self {
            all: [
                service.to_owned(),
                format!("{service}.{namespace}"),
                called.clone(),
                format!("{called}.cluster.local"),
            ],
            called: ServerName::try_from(called)?,
        })
    }
}
