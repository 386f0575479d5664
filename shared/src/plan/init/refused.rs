//! Why nothing is made: what the cluster, or later the discovery, would not take.

use std::fmt;

use super::Init;
use crate::words;

/// The longest name that still is a DNS label (63 characters) with `-deployment-green` behind it.
const LONGEST: usize = 63 - "-deployment-green".len();

/// Why nothing is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitRefused {
    /// One sentence.
    pub message: String,
    /// What to do instead.
    pub hint: String,
}

impl fmt::Display for InitRefused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for InitRefused {}

pub(super) fn check(init: &Init) -> Result<(), InitRefused> {
    let name = &init.name;
    if !is_service_name(name) {
        return refuse(
            format!("{name:?} can't be the name of Services"),
            "take lower-case letters, digits and hyphens, a letter first and no hyphen last",
        );
    }
    if name.len() > LONGEST {
        return refuse(
            format!(
                "{name:?} has {} characters, and {LONGEST} leave room for -deployment-green",
                name.len()
            ),
            "take a shorter name",
        );
    }
    if words::has_colour(name) {
        return refuse(
            format!("{name:?} has a colour in it, which would name a side and not the application"),
            "take a name without the words blue and green",
        );
    }
    for image in [Some(&init.image), init.idle_image.as_ref()]
        .into_iter()
        .flatten()
    {
        if image.is_empty() || !image.chars().all(|c| c.is_ascii_graphic()) {
            return refuse(format!("{image:?} is no image"), "such as tomcat:8");
        }
    }
    if !init.probe_path.starts_with('/') || !init.probe_path.chars().all(|c| c.is_ascii_graphic()) {
        return refuse(
            format!("{:?} is no path for a readiness probe", init.probe_path),
            "begin it with /",
        );
    }
    Ok(())
}

fn refuse(message: String, hint: &str) -> Result<(), InitRefused> {
    Err(InitRefused {
        message,
        hint: hint.to_owned(),
    })
}

/// Whether every supported API server takes it as a Service's name (`IsDNS1035Label`), but for its length.
fn is_service_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
