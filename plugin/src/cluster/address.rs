//! Addresses of API servers and proxies: read, and shown.

use crate::failure::Failure;

/// An address without a scheme is HTTPS where anything about certificates is said, as in kubectl.
pub(super) fn address(server: &str, secure: bool) -> Result<http::Uri, Failure> {
    let full = if server.contains("://") {
        server.to_owned()
    } else {
        format!("{}://{server}", if secure { "https" } else { "http" })
    };
    full.parse::<http::Uri>()
        .ok()
        .filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))
        .ok_or_else(|| {
            Failure::could_not(format!(
                "{:?} is no address of an API server",
                shown(server)
            ))
            .hint("give one such as https://10.0.0.1:6443")
        })
}

/// An address without the name and the password that may be in it.
pub(super) fn shown(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        let cases = [
            (
                "https://me:secret@10.0.0.1:6443/k8s",
                "https://10.0.0.1:6443/k8s",
            ),
            ("me:s@cret@10.0.0.1", "10.0.0.1"),
            ("https://[fd00::1]:6443/@", "https://[fd00::1]:6443/@"),
        ];
        for (address, expected) in cases {
            assert_eq!(shown(address), expected);
        }
        let failure = address("https://me:secret@", true).unwrap_err();
        assert!(!failure.message.contains("secret"), "{failure}");
    }
}
