//! The name and the password that a mail server knows us by.

use k8s_openapi::api::core::v1::Secret;
use lettre::transport::smtp::authentication::Credentials;

use crate::cluster::Cluster;
use crate::failure::Failure;

use super::flags::Flags;
use super::relay::Channel;

const USERNAME: &str = "BLUEGREEN_SMTP_USERNAME";
const PASSWORD: &str = "BLUEGREEN_SMTP_PASSWORD";

/// From the Secret that the flags name, else from the environment; `None` where neither says any.
///
/// # Errors
/// One comes without the other, or would go over the network for everybody to read.
pub(super) async fn find(
    flags: &Flags,
    environment: impl Fn(&str) -> Option<String>,
    cluster: &Cluster,
) -> Result<Option<Credentials>, Failure> {
    if flags.smtp.is_none() {
        return Ok(None);
    }
    let Some(name) = &flags.smtp_secret else {
        let found = from_environment(environment)?;
        return match found {
            Some(_) => kept_secret(flags, "the environment").map(|()| found),
            None => Ok(None),
        };
    };
    kept_secret(flags, "--smtp-secret")?;
    let secret = cluster.secret(name).await?;
    from_secret(&secret, name).map(Some)
}

/// That a password is sent only where nobody listens.
pub(super) fn kept_secret(flags: &Flags, from: &str) -> Result<(), Failure> {
    match &flags.smtp {
        Some(relay) if relay.channel == Channel::Plain && !relay.is_loopback() => {
            Err(Failure::usage(format!(
                "the password of {from} would go to {relay} for everybody to read"
            ))
            .hint("name the server as smtp://… or smtps://…, or leave the password out"))
        }
        _ => Ok(()),
    }
}

fn from_environment(
    value: impl Fn(&str) -> Option<String>,
) -> Result<Option<Credentials>, Failure> {
    let set = |name| value(name).filter(|value| !value.is_empty());
    match (set(USERNAME), set(PASSWORD)) {
        (Some(username), Some(password)) => Ok(Some(Credentials::new(username, password))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Failure::usage(format!(
            "{USERNAME} is set, and {PASSWORD} is not"
        ))),
        (None, Some(_)) => Err(Failure::usage(format!(
            "{PASSWORD} is set, and {USERNAME} is not"
        ))),
    }
}

fn from_secret(secret: &Secret, name: &str) -> Result<Credentials, Failure> {
    let value = |key: &str| {
        let bytes = secret.data.as_ref().and_then(|data| data.get(key));
        // A file that it was made from ends in a line break, which nobody means.
        let text = bytes.and_then(|bytes| std::str::from_utf8(&bytes.0).ok());
        text.map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .filter(|text| !text.is_empty())
            .ok_or_else(|| {
                Failure::could_not(format!("Secret/{name} has no text under the key {key}"))
                    .hint(format!("kubectl describe secret {name}"))
            })
    };
    Ok(Credentials::new(value("username")?, value("password")?))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::ByteString;

    use super::*;
    use crate::exit::Exit;

    fn secret(values: &[(&str, &[u8])]) -> Secret {
        let data = values
            .iter()
            .map(|(key, value)| ((*key).to_owned(), ByteString(value.to_vec())))
            .collect();
        Secret {
            data: Some(data),
            ..Secret::default()
        }
    }

    #[test]
    fn a_secret_made_of_files_is_read_without_their_line_breaks() {
        let secret = secret(&[("username", b"me"), ("password", b"p w\n")]);
        let expected = Credentials::new("me".to_owned(), "p w".to_owned());
        assert!(from_secret(&secret, "mail").unwrap() == expected);
    }

    #[test]
    fn a_key_that_is_missing_empty_or_no_text_is_named() {
        for (values, key) in [
            (vec![("username", &b"me"[..])], "password"),
            (vec![("password", b"x")], "username"),
            (vec![("username", b"\n"), ("password", b"x")], "username"),
            (vec![("username", b"me"), ("password", b"\xff")], "password"),
        ] {
            let failure = from_secret(&secret(&values), "mail").err().unwrap();
            assert_eq!(failure.exit, Exit::CouldNot);
            let words = format!("Secret/mail has no text under the key {key}");
            assert_eq!(failure.message, words);
        }
    }

    #[test]
    fn the_environment_has_both_or_none() {
        let found =
            |set: &[&str]| from_environment(|name| set.contains(&name).then(|| "x".to_owned()));
        assert!(found(&[]).unwrap().is_none());
        assert!(found(&[USERNAME, PASSWORD]).unwrap().is_some());
        for (set, missing) in [(USERNAME, PASSWORD), (PASSWORD, USERNAME)] {
            let failure = found(&[set]).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            assert!(failure.message.ends_with(&format!("{missing} is not")));
        }
    }
}
