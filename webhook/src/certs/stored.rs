//! What the Secret holds.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::ObjectMeta;

use super::identity::Identity;

const CA: &str = "ca.crt";
const CERTIFICATE: &str = "tls.crt";
const KEY: &str = "tls.key";
const NEXT_CERTIFICATE: &str = "next.crt";
const NEXT_KEY: &str = "next.key";

/// The certificates that the replicas share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The CAs that are to be trusted, PEM: the bundle that is published.
    pub(super) ca: String,
    /// What is served.
    pub(super) tls: Identity,
    /// What will be, once its CA has been honoured.
    pub(super) next: Option<Identity>,
}

impl Stored {
    /// Reads the Secret; `None` where anything is missing.
    pub(super) fn read(secret: &Secret) -> Option<Self> {
        let data = secret.data.as_ref()?;
        let text = |key: &str| {
            data.get(key)
                .and_then(|bytes| String::from_utf8(bytes.0.clone()).ok())
        };
        let pair = |certificate, key| {
            Some(Identity {
                certificate: text(certificate)?,
                key: text(key)?,
            })
        };
        Some(Self {
            ca: text(CA)?,
            tls: pair(CERTIFICATE, KEY)?,
            next: pair(NEXT_CERTIFICATE, NEXT_KEY),
        })
    }

    /// The Secret with this in it: the one that was read, with its resourceVersion, or a new one.
    pub(super) fn write(&self, read: Option<&Secret>, namespace: &str, name: &str) -> Secret {
        let mut secret = read.cloned().unwrap_or_else(|| Secret {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                namespace: Some(namespace.to_owned()),
                labels: Some(BTreeMap::from([(
                    "app.kubernetes.io/part-of".to_owned(),
                    "kubectl-bluegreen".to_owned(),
                )])),
                ..ObjectMeta::default()
            },
            type_: Some("kubernetes.io/tls".to_owned()),
            ..Secret::default()
        });
        let mut data = BTreeMap::new();
        let mut put = |key: &str, text: &str| {
            data.insert(key.to_owned(), ByteString(text.as_bytes().to_vec()));
        };
        put(CA, &self.ca);
        put(CERTIFICATE, &self.tls.certificate);
        put(KEY, &self.tls.key);
        if let Some(next) = &self.next {
            put(NEXT_CERTIFICATE, &next.certificate);
            put(NEXT_KEY, &next.key);
        }
        secret.data = Some(data);
        secret
    }
}
