//! What the outside tells the inside.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// What to start, and what to run there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// The folder of the sandbox.
    pub folder: PathBuf,
    /// Where the cluster's programs are.
    pub programs: Vec<PathBuf>,
    /// The images to load, as tar files: the pause image first.
    pub images: Vec<PathBuf>,
    /// What to run; a shell where it is empty.
    pub command: Vec<String>,
    /// Without the webhook, and without an application.
    pub bare: bool,
}

impl Order {
    /// Writes the order into its folder.
    pub(crate) fn write(&self) -> Result<()> {
        Ok(fs::write(file(&self.folder), serde_json::to_vec(self)?)?)
    }

    /// Reads the order in that folder.
    ///
    /// # Errors
    /// There is none.
    pub fn read(folder: &Path) -> Result<Self> {
        let content = fs::read(file(folder))
            .with_context(|| format!("{} is not the folder of a sandbox", folder.display()))?;
        Ok(serde_json::from_slice(&content)?)
    }

    /// The program of that name; a distribution's own is found by its name alone.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let compiled = self
            .programs
            .iter()
            .map(|folder| folder.join(name))
            .find(|path| path.exists());
        compiled.unwrap_or_else(|| PathBuf::from(name))
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("order.json")
}
