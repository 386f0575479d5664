//! The audit log, followed to its end across the files that it is divided into.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result};

use crate::audit::{self, Event};

/// A reader of the log, for one namespace.
pub(super) struct Trail {
    log: File,
    mark: String,
    rest: String,
}

impl Trail {
    /// From the end of the log on.
    pub(super) fn follow(namespace: &str) -> Result<Self> {
        let mut log = open()?;
        log.seek(SeekFrom::End(0))?;
        Ok(Self {
            log,
            mark: format!(r#""namespace":"{namespace}""#),
            rest: String::new(),
        })
    }

    /// What has been answered since the last call.
    pub(super) fn more(&mut self) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        loop {
            let mut bytes = Vec::new();
            self.log.read_to_end(&mut bytes)?;
            self.rest.push_str(&String::from_utf8_lossy(&bytes));
            // The last line may be under way.
            let end = self.rest.rfind('\n').map_or(0, |end| end + 1);
            let rest = self.rest.split_off(end);
            let whole = std::mem::replace(&mut self.rest, rest);
            for line in whole.lines().filter(|line| line.contains(&self.mark)) {
                let event = serde_json::from_str(line);
                events.push(event.with_context(|| format!("not an event: {line}"))?);
            }
            // A log that grew too large goes on in a new file of the same name.
            let newest = open()?;
            if newest.metadata()?.ino() == self.log.metadata()?.ino() {
                return Ok(events);
            }
            self.log = newest;
        }
    }
}

fn open() -> Result<File> {
    let path = audit::path()?;
    File::open(&path).with_context(|| format!("no audit log {}", path.display()))
}
