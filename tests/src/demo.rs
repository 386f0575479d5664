//! The story that `make demo` tells: Tomcat 7 is replaced by Tomcat 8 and comes back, on a real
//! cluster and under load. Every line that claims something is asserted.

mod acts;
mod screen;
mod traffic;

use std::path::Path;

use anyhow::{Context, Result, bail};

use screen::Screen;

/// Begins and ends the part of a document that a demo's screen replaces.
const MARKS: [&str; 2] = ["<!-- demo: begin -->", "<!-- demo: end -->"];

/// Tells the whole story, and fails when a claim of it does not hold.
///
/// `cast` is a document in which the screen is to stand, between its marks.
///
/// # Errors
/// A claim failed, or the story could not go on.
pub async fn tell(cast: Option<&Path>) -> Result<()> {
    let mut screen = Screen::new();
    let told = acts::all(&mut screen).await;
    let failed = screen.failed();
    if let Err(error) = told {
        bail!("the story ended early: {error:#} (claims that failed before: {failed})");
    }
    if failed > 0 {
        bail!("{failed} of {} claims failed", screen.claims());
    }
    screen.say(&format!("{} of {0} claims hold.", screen.claims()));
    if let Some(document) = cast {
        paste(document, screen.text())?;
    }
    Ok(())
}

fn paste(document: &Path, screen: &str) -> Result<()> {
    let text = std::fs::read_to_string(document)
        .with_context(|| format!("cannot read {}", document.display()))?;
    let [begin, end] = MARKS;
    let (head, rest) = text
        .split_once(begin)
        .with_context(|| format!("{} has no {begin}", document.display()))?;
    let (_, tail) = rest
        .split_once(end)
        .with_context(|| format!("{} has no {end}", document.display()))?;
    let pasted = format!("{head}{begin}\n```console\n{screen}```\n{end}{tail}");
    std::fs::write(document, pasted).with_context(|| format!("cannot write {}", document.display()))
}
