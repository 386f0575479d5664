//! Makes a CA and the one certificate that it ever signs.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};

use super::identity::Identity;
use super::names::Names;

/// Clocks differ: a certificate holds from a little before it was made.
pub(super) const BACKDATED: SignedDuration = SignedDuration::from_mins(5);

/// A CA and its certificate.
pub(super) struct Issued {
    /// The CA, PEM.
    pub(super) ca: String,
    /// What is served.
    pub(super) identity: Identity,
}

/// Makes both, on the curve P-256, for these names alone.
pub(super) fn issue(names: &Names, now: Timestamp, lifetime: Duration) -> Result<Issued, Error> {
    let there = |at: Timestamp| {
        let since_1970 = at.duration_since(Timestamp::UNIX_EPOCH);
        date_time_ymd(1970, 1, 1) + Duration::try_from(since_1970).unwrap_or_default()
    };
    let mut params = CertificateParams::default();
    params.not_before = there(now - BACKDATED);
    params.not_after = there(now + lifetime);

    let mut ca = params.clone();
    // Two CAs are trusted for a while; the time tells them apart.
    let title = format!("bluegreen-webhook CA {now:.0}");
    ca.distinguished_name = DistinguishedName::default();
    ca.distinguished_name.push(DnType::CommonName, title);
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    ca.name_constraints = Some(NameConstraints {
        permitted_subtrees: names
            .all
            .iter()
            .cloned()
            .map(GeneralSubtree::DnsName)
            .collect(),
        excluded_subtrees: Vec::new(),
    });
    let ca_key = KeyPair::generate()?;
    let ca_certificate = ca.self_signed(&ca_key)?;

    let mut leaf = params;
    leaf.distinguished_name = DistinguishedName::default();
    let [_, _, called, _] = &names.all;
    leaf.distinguished_name
        .push(DnType::CommonName, called.as_str());
    leaf.subject_alt_names = CertificateParams::new(names.all.to_vec())?.subject_alt_names;
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &Issuer::from_params(&ca, &ca_key))?;

    Ok(Issued {
        ca: ca_certificate.pem(),
        identity: Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        },
    })
}
