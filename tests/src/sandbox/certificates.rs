//! The certificates of a cluster: P-256, made anew for every sandbox.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};

use super::addresses::{API_SERVICE, MACHINE, NODE};

/// Makes certificates, and keeps them as PEM files in one folder.
pub(crate) struct Authority {
    folder: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// The files of a certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    /// A new authority, whose files are kept in that new folder.
    pub(crate) fn create(folder: PathBuf) -> Result<Self> {
        fs::create_dir(&folder)?;
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = name("bluegreen-sandbox", None);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
        fs::write(folder.join("ca.crt"), issuer.pem())?;
        Ok(Self { folder, issuer })
    }

    /// The file with the authority's own certificate.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// Says to a server who a client is.
    pub(crate) fn client(&self, user: &str, group: Option<&str>) -> Result<Files> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = name(user, group);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&user.replace(':', "-"), parameters)
    }

    /// Says to clients that a server is what they asked for.
    pub(crate) fn server(&self, file: &str) -> Result<Files> {
        let names = [
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "localhost",
        ];
        let addresses = ["127.0.0.1", API_SERVICE, MACHINE, NODE];
        let all = names
            .into_iter()
            .chain(addresses)
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let mut parameters = CertificateParams::new(all)?;
        parameters.distinguished_name = name(file, None);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(file, parameters)
    }

    fn sign(&self, file: &str, mut parameters: CertificateParams) -> Result<Files> {
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        let files = Files {
            certificate: self.folder.join(format!("{file}.crt")),
            key: self.folder.join(format!("{file}.key")),
        };
        fs::write(&files.certificate, certificate.pem())?;
        fs::write(&files.key, key.serialize_pem())?;
        Ok(files)
    }
}

/// A key that signs tokens. `certificate` is its public half.
pub(crate) fn signing_key(folder: &Path) -> Result<Files> {
    let key = KeyPair::generate()?;
    let files = Files {
        certificate: folder.join("tokens.pub"),
        key: folder.join("tokens.key"),
    };
    fs::write(&files.certificate, key.public_key_pem())?;
    fs::write(&files.key, key.serialize_pem())?;
    Ok(files)
}

fn name(user: &str, group: Option<&str>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, user);
    if let Some(group) = group {
        name.push(DnType::OrganizationName, group);
    }
    name
}
