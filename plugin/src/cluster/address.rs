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
        .filter(|uri| uri.host().is_some_and(|host| !host.is_empty()) && has_a_port(uri))
        .ok_or_else(|| {
            Failure::could_not(format!(
                "{:?} is no address of an API server",
                shown(server)
            ))
            .hint("give one such as https://10.0.0.1:6443")
        })
}

/// An address without the name and the password that may be in it. What is no address may hold them
/// anywhere before its last `@`.
pub(super) fn shown(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    let end = match address.parse::<http::Uri>() {
        Ok(uri) if has_a_port(&uri) => rest.find(['/', '?', '#']).unwrap_or(rest.len()),
        _ => rest.len(),
    };
    let (authority, path) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{path}")
}

/// Whether what stands for a port is one, where one is named: the library takes anything.
fn has_a_port(uri: &http::Uri) -> bool {
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => port.parse::<u16>().is_ok(),
        _ => true,
    }
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
            ("https://me:se/cret@10.0.0.1", "https://10.0.0.1"),
            ("https://me:se#cret@10.0.0.1", "https://10.0.0.1"),
        ];
        for (address, expected) in cases {
            assert_eq!(shown(address), expected);
        }
        let failure = address("https://me:secret@", true).unwrap_err();
        assert!(!failure.message.contains("secret"), "{failure}");
    }
}
