//! The one list of the Kubernetes versions that the tests run on.

use std::path::PathBuf;

use anyhow::{Result, bail};

/// Every version that is supported; the first is the default. Its folder `cluster/VERSION` pins all that it is made of.
pub const SUPPORTED: &[Kubernetes] = &[
    Kubernetes { version: "1.37.2" },
    Kubernetes { version: "1.35.4" },
];

/// A version of Kubernetes that is compiled and tested on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kubernetes {
    /// Major, minor and patch, without a `v`.
    pub version: &'static str,
}

impl Kubernetes {
    /// The supported version of that name; the default one where none is named.
    ///
    /// # Errors
    /// It isn't supported: the message lists those that are.
    pub fn named(version: Option<&str>) -> Result<Self> {
        let Some(version) = version.filter(|version| !version.is_empty()) else {
            return Ok(SUPPORTED[0]);
        };
        let plain = version.strip_prefix('v').unwrap_or(version);
        match SUPPORTED.iter().find(|known| known.version == plain) {
            Some(known) => Ok(*known),
            None => bail!(
                "Kubernetes {version} is not supported: choose {}",
                choices()
            ),
        }
    }

    /// The folder with the `go.mod` and `go.sum` of its programs.
    #[must_use]
    pub fn folder(self) -> PathBuf {
        cluster_folder().join(self.version)
    }

    /// Major and minor version, as the programs report them.
    #[must_use]
    pub fn major_and_minor(self) -> (&'static str, &'static str) {
        let mut numbers = self.version.split('.');
        (
            numbers.next().unwrap_or_default(),
            numbers.next().unwrap_or_default(),
        )
    }
}

/// Where the pins of all programs are: `tests/cluster` of the checkout that this was compiled in.
#[must_use]
pub fn cluster_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cluster")
}

fn choices() -> String {
    let versions: Vec<_> = SUPPORTED.iter().map(|known| known.version).collect();
    versions.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_version_is_refused_by_name() {
        let refusal = Kubernetes::named(Some("1.99.0")).unwrap_err().to_string();
        assert_eq!(
            refusal,
            "Kubernetes 1.99.0 is not supported: choose 1.37.2 or 1.35.4"
        );
    }

    #[test]
    fn every_version_has_its_pins() {
        for known in SUPPORTED {
            let pins = std::fs::read_to_string(known.folder().join("go.mod")).unwrap();
            assert!(pins.contains(&format!("k8s.io/kubernetes v{}", known.version)));
            assert!(known.folder().join("go.sum").exists());
        }
    }

    #[test]
    fn without_a_name_it_is_the_first() {
        assert_eq!(Kubernetes::named(None).unwrap(), SUPPORTED[0]);
        assert_eq!(Kubernetes::named(Some("")).unwrap(), SUPPORTED[0]);
        assert_eq!(Kubernetes::named(Some("v1.35.4")).unwrap(), SUPPORTED[1]);
    }
}
