//! What the environment says.

use std::{str::FromStr, time::Duration};

use axum::http::StatusCode;

/// How the server begins. The crate's documentation names the variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where it listens.
    pub port: u16,
    /// What it answers as.
    pub version: String,
    /// The pod it answers as.
    pub hostname: String,
    /// How long it does not listen.
    pub start_delay: Duration,
    /// How long it listens without being ready.
    pub ready_delay: Duration,
    /// Whether it never gets ready by itself.
    pub fail_probe: bool,
    /// The status of `/`.
    pub status: StatusCode,
    /// When the process ends by itself.
    pub crash_after: Option<Duration>,
    /// What a crash exits with, where `/control` names no code.
    pub exit_code: u8,
    /// The last line on stderr before a crash.
    pub last_words: String,
}

/// A variable whose value means nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}={value} is not {wanted}")]
pub struct UnreadableSetting {
    name: &'static str,
    value: String,
    wanted: &'static str,
}

impl Settings {
    /// Reads the settings from variables, as `lookup` knows them. An empty one counts as not set.
    ///
    /// # Errors
    ///
    /// When a value can't be read: a fault that is not staged as meant would prove nothing.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, UnreadableSetting> {
        let text = |name, default: &str| {
            lookup(name)
                .filter(|value| !value.is_empty())
                .unwrap_or_else(|| default.to_owned())
        };
        let number = "a number that fits";
        Ok(Self {
            port: parse("PORT", text("PORT", "8080"), number)?,
            version: text("VERSION", "unversioned"),
            hostname: text("HOSTNAME", "unknown"),
            start_delay: seconds("START_DELAY", text("START_DELAY", "0"))?,
            ready_delay: seconds("READY_DELAY", text("READY_DELAY", "0"))?,
            fail_probe: parse("FAIL_PROBE", text("FAIL_PROBE", "false"), "true or false")?,
            status: parse("STATUS", text("STATUS", "200"), "an HTTP status")?,
            crash_after: match text("CRASH_AFTER", "never") {
                never if never == "never" => None,
                value => Some(seconds("CRASH_AFTER", value)?),
            },
            exit_code: parse("EXIT_CODE", text("EXIT_CODE", "1"), number)?,
            last_words: text("LAST_WORDS", "crashed as told"),
        })
    }
}

fn parse<T: FromStr>(
    name: &'static str,
    value: String,
    wanted: &'static str,
) -> Result<T, UnreadableSetting> {
    value.parse().map_err(|_| UnreadableSetting {
        name,
        value,
        wanted,
    })
}

fn seconds(name: &'static str, value: String) -> Result<Duration, UnreadableSetting> {
    let wanted = "a number of seconds";
    let number: f64 = parse(name, value.clone(), wanted)?;
    Duration::try_from_secs_f64(number).map_err(|_| UnreadableSetting {
        name,
        value,
        wanted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, UnreadableSetting> {
        Settings::read(|wanted| {
            variables
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_variables_it_is_healthy() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.port, 8080);
        assert_eq!(settings.status, StatusCode::OK);
        assert!(!settings.fail_probe);
        assert_eq!(settings.crash_after, None);
    }

    #[test]
    fn delays_are_seconds_and_may_be_fractions() {
        let settings = read(&[("START_DELAY", "1.5"), ("CRASH_AFTER", "0")]).unwrap();
        assert_eq!(settings.start_delay, Duration::from_millis(1500));
        assert_eq!(settings.crash_after, Some(Duration::ZERO));
    }

    #[test]
    fn an_unreadable_value_is_named() {
        let error = read(&[("READY_DELAY", "-1")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "READY_DELAY=-1 is not a number of seconds"
        );
        let error = read(&[("FAIL_PROBE", "yes")]).unwrap_err();
        assert_eq!(error.to_string(), "FAIL_PROBE=yes is not true or false");
        let error = read(&[("STATUS", "20")]).unwrap_err();
        assert_eq!(error.to_string(), "STATUS=20 is not an HTTP status");
    }
}
