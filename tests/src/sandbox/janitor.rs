//! Cleans up after a sandbox whose owner was killed.

use std::path::Path;

use anyhow::Result;

use super::{folder, leftovers};

/// Waits until the owner of the folder is gone, and removes what it has not removed itself.
///
/// # Errors
/// Something can't be removed.
pub fn janitor(path: &Path) -> Result<()> {
    match folder::inherit(path) {
        Some(_owner) => leftovers::remove(path),
        None => Ok(()),
    }
}
