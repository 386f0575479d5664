//! Values that can't be what they stand for, refused before anything is asked.

use http::HeaderValue;
use http::uri::PathAndQuery;

/// A namespace's name (a label of RFC 1123); empty is the context's, as for kubectl.
pub(super) fn namespace(text: &str) -> Result<String, &'static str> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = text.len() <= 63
        && text.bytes().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-');
    is_name
        .then(|| text.to_owned())
        .ok_or("it is no namespace's name")
}

/// What may follow `Bearer` in a header.
pub(crate) fn token(text: &str) -> Result<String, &'static str> {
    HeaderValue::from_str(text)
        .map(|_| text.to_owned())
        .map_err(|_| "it holds characters that no token has")
}

/// The path of a request, with or without its first slash.
pub(crate) fn path(text: &str) -> Result<String, &'static str> {
    let slash = if text.starts_with('/') { "" } else { "/" };
    let path = format!("{slash}{text}");
    let is_path = !text.is_empty() && !text.contains('#');
    PathAndQuery::try_from(path.as_str())
        .ok()
        .filter(|_| is_path)
        .map(|_| path)
        .ok_or("it is no path of an HTTP request")
}

/// A text that says something.
pub(crate) fn reason(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("it must say why"),
        reason => Ok(reason.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_no_token_no_path_and_no_reason_is_refused() {
        for wrong in ["x/../shop", "Shop", "-a", "a-", &"a".repeat(64), "a b"] {
            assert!(namespace(wrong).is_err(), "{wrong}");
        }
        for wrong in ["a\nb", "x\u{1}", "ü\u{7f}"] {
            assert!(token(wrong).is_err(), "{wrong:?}");
        }
        for wrong in ["", "x y", "/?a=b#c", "/\n"] {
            assert!(path(wrong).is_err(), "{wrong:?}");
        }
        assert!(reason(" ").is_err());
    }

    #[test]
    fn what_they_are_is_taken() {
        assert_eq!(namespace("").as_deref(), Ok(""));
        assert_eq!(namespace("shop-1").as_deref(), Ok("shop-1"));
        assert_eq!(token("abc.DEF-_").as_deref(), Ok("abc.DEF-_"));
        assert_eq!(path("health?deep=1").as_deref(), Ok("/health?deep=1"));
        assert_eq!(reason(" late ").as_deref(), Ok("late"));
    }
}
