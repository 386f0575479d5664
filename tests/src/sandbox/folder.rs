//! The folder of a sandbox. Whoever holds the lock of its `owner` file is responsible for it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::leftovers;

/// What the name of every sandbox's folder and cgroup begins with.
pub const PREFIX: &str = "bluegreen-sandbox-";
const UNFINISHED: &str = ".bluegreen-sandbox-";

/// The folder of a sandbox that runs. The lock ends with this process, however that ends.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    _owner: File,
}

impl Folder {
    /// Makes a folder, and removes those whose owner has died.
    pub(crate) fn create() -> Result<Self> {
        let place = std::env::temp_dir();
        sweep(&place);
        let process = std::process::id();
        // Locked before it gets its name: nobody may take it for one whose owner has died.
        let unfinished = place.join(format!("{UNFINISHED}{process}"));
        fs::create_dir(&unfinished)
            .with_context(|| format!("cannot make {}: set TMPDIR", unfinished.display()))?;
        let owner = File::create(owner_file(&unfinished))?;
        owner.lock()?;
        let path = place.join(format!("{PREFIX}{process}"));
        fs::rename(&unfinished, &path)?;
        Ok(Self {
            path,
            _owner: owner,
        })
    }
}

/// Waits until nobody is responsible for the folder any more, then is.
pub(crate) fn inherit(path: &Path) -> Option<File> {
    let owner = File::open(owner_file(path)).ok()?;
    owner.lock().ok()?;
    path.exists().then_some(owner)
}

/// Removes what dead sandboxes have left. What can't be removed is left to the next start.
fn sweep(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if !path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX))
        {
            continue;
        }
        let Ok(owner) = File::open(owner_file(&path)) else {
            continue;
        };
        if owner.try_lock().is_ok() {
            let _ = leftovers::remove(&path);
        }
    }
}

fn owner_file(folder: &Path) -> PathBuf {
    folder.join("owner")
}
