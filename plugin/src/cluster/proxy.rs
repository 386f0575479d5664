//! Which proxy leads to the API server, decided as Go programs decide it.
//!
//! The client library compares `NO_PROXY` with the proxy's own address and fails on an empty entry,
//! so it is never asked.

use std::net::IpAddr;

/// The proxy's address; `None` for none.
///
/// `configured` is the kubeconfig's own, which no variable overrides.
pub(super) fn choose(
    server: &http::Uri,
    configured: Option<&str>,
    environment: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    if let Some(proxy) = configured.filter(|proxy| !proxy.is_empty()) {
        return Some(proxy.to_owned());
    }
    let either = |upper: &str, lower: &str| {
        environment(upper)
            .filter(|value| !value.is_empty())
            .or_else(|| environment(lower).filter(|value| !value.is_empty()))
    };
    let proxy = if server.scheme_str() == Some("http") {
        either("HTTP_PROXY", "http_proxy")
    } else {
        either("HTTPS_PROXY", "https_proxy")
    }?;
    let host = server.host()?.trim_matches(['[', ']']);
    let port = server
        .port_u16()
        .unwrap_or(if server.scheme_str() == Some("http") {
            80
        } else {
            443
        });
    let exceptions = either("NO_PROXY", "no_proxy").unwrap_or_default();
    if is_local(host)
        || exceptions
            .split(',')
            .any(|entry| excepts(entry.trim(), host, port))
    {
        return None;
    }
    Some(if proxy.contains("://") {
        proxy
    } else {
        format!("http://{proxy}")
    })
}

fn is_local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether one entry of `NO_PROXY` speaks of the host: `*`, an address, a range, a domain, each with
/// a port or without.
fn excepts(entry: &str, host: &str, port: u16) -> bool {
    if entry.is_empty() {
        return false;
    }
    if entry == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        if let Some((network, bits)) = entry.split_once('/') {
            return in_range(address, network, bits);
        }
        if entry.trim_matches(['[', ']']).parse() == Ok(address) {
            return true;
        }
    }
    let (name, wanted) = match entry.rsplit_once(':') {
        Some((name, digits)) => match digits.parse::<u16>() {
            Ok(number) => (name, Some(number)),
            Err(_) => (entry, None),
        },
        None => (entry, None),
    };
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    let name = name.trim_matches(['[', ']']).trim_start_matches('*');
    let host = host.to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    match name.strip_prefix('.') {
        Some(domain) => host.ends_with(&name) && host != domain,
        None => host == name || host.ends_with(&format!(".{name}")),
    }
}

fn in_range(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) if bits <= 32 => {
            let shift = 32 - bits;
            address.to_bits().checked_shr(shift).unwrap_or(0)
                == network.to_bits().checked_shr(shift).unwrap_or(0)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) if bits <= 128 => {
            let shift = 128 - bits;
            address.to_bits().checked_shr(shift).unwrap_or(0)
                == network.to_bits().checked_shr(shift).unwrap_or(0)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(server: &str, variables: &[(&str, &str)]) -> Option<String> {
        choose(&server.parse().unwrap(), None, |name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_exception_is_matched_against_the_server_and_not_the_proxy() {
        let proxied = |exceptions| {
            with(
                "https://api.shop.example:6443",
                &[
                    ("HTTPS_PROXY", "http://10.0.0.1:3128"),
                    ("NO_PROXY", exceptions),
                ],
            )
            .is_some()
        };
        assert!(proxied(""));
        assert!(proxied("10.0.0.1:3128,other.example"));
        assert!(proxied("shop.example:443"));
        assert!(proxied("op.example"));
        for exception in [
            "*",
            "shop.example",
            ".shop.example",
            "*.shop.example",
            "API.shop.example:6443",
            "x, api.shop.example,",
        ] {
            assert!(!proxied(exception), "{exception}");
        }
    }

    #[test]
    fn addresses_and_ranges_are_exceptions_too() {
        let proxied = |exceptions| {
            with(
                "https://10.96.0.1",
                &[("https_proxy", "proxy:3128"), ("no_proxy", exceptions)],
            )
        };
        assert_eq!(
            proxied("10.97.0.0/16,"),
            Some("http://proxy:3128".to_owned())
        );
        assert_eq!(proxied("10.96.0.0/12"), None);
        assert_eq!(proxied("0.0.0.0/0"), None);
        assert_eq!(proxied("10.96.0.1"), None);
    }

    #[test]
    fn this_machine_is_never_asked_through_a_proxy_unless_the_kubeconfig_says_so() {
        let variables = [("HTTPS_PROXY", "http://10.0.0.1:3128")];
        assert_eq!(with("https://127.0.0.1:6443", &variables), None);
        assert_eq!(with("https://[::1]:6443", &variables), None);
        let server = "https://127.0.0.1:6443".parse().unwrap();
        assert_eq!(
            choose(&server, Some("http://p:1"), |_| None),
            Some("http://p:1".to_owned())
        );
    }
}
