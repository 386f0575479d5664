//! What is expensive to make and kept outside the checkout: compiled programs, images, downloads.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use sha2::{Digest, Sha256};

/// A folder whose entries are named by what they were made from, so that an entry that exists is right.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

/// Keeps every other maker of the same thing waiting until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Cache {
    /// Opens `$BLUEGREEN_CACHE`, else `kubectl-bluegreen` in `$XDG_CACHE_HOME` or `~/.cache`, and makes it if need be.
    ///
    /// # Errors
    /// No home is known, or the folder can't be made.
    pub fn open() -> Result<Self> {
        let variable = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let root = variable("BLUEGREEN_CACHE")
            .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("kubectl-bluegreen")))
            .or_else(|| Some(variable("HOME")?.join(".cache/kubectl-bluegreen")))
            .ok_or_else(|| {
                anyhow!("no place for the cache is known: set BLUEGREEN_CACHE to a folder")
            })?;
        Self::at(std::path::absolute(root)?)
    }

    /// Opens the cache in `root`, which is made if need be.
    ///
    /// # Errors
    /// The folder can't be made.
    pub fn at(root: PathBuf) -> Result<Self> {
        fs::create_dir_all(&root).with_context(|| {
            format!(
                "cannot make the cache {}: set BLUEGREEN_CACHE",
                root.display()
            )
        })?;
        Ok(Self { root })
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the entry `key` (a relative path) is or will be.
    #[must_use]
    pub fn entry(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// The entry `key`, made by `make` if it isn't there.
    ///
    /// `make` gets a path that does not exist and leaves a file or a folder there, which is then moved into place:
    /// an interrupted maker leaves no half entry, and its remains are removed by the next one.
    /// Two makers of one entry wait for each other.
    ///
    /// # Errors
    /// `make` failed, or the cache can't be written.
    pub fn get_or_make(
        &self,
        key: &str,
        make: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let entry = self.entry(key);
        if entry.exists() {
            return Ok(entry);
        }
        let _lock = self.lock(key)?;
        if entry.exists() {
            return Ok(entry);
        }
        let unfinished = self.root.join("unfinished").join(file_name(key));
        remove(&unfinished)?;
        for path in [&unfinished, &entry] {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
        }
        make(&unfinished)?;
        fs::rename(&unfinished, &entry).with_context(|| {
            format!(
                "cannot move {} to {}",
                unfinished.display(),
                entry.display()
            )
        })?;
        Ok(entry)
    }

    /// Removes what is beside the entry `key` under a name that begins as its own does, up to the last `-`,
    /// and was made longer ago than `age`: what it was made from has changed since, and is made again where a
    /// checkout still has it so.
    ///
    /// # Errors
    /// The cache can't be read or written.
    pub fn forget_older(&self, key: &str, age: Duration) -> Result<()> {
        let entry = self.entry(key);
        let (Some(folder), Some((prefix, _))) = (entry.parent(), key.rsplit_once('-')) else {
            return Ok(());
        };
        for other in fs::read_dir(folder)? {
            let path = other?.path();
            let name = path.to_str().and_then(|name| name.rsplit_once('-'));
            let is_like = name.is_some_and(|(like, _)| Path::new(like) == self.entry(prefix));
            if !is_like || path == entry {
                continue;
            }
            let made = fs::metadata(&path)?.modified()?;
            // A clock that was put back makes nothing old.
            if made.elapsed().is_ok_and(|elapsed| elapsed > age) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Waits until nobody else holds the lock of that name. It ends with the holder's process, however that ends.
    ///
    /// # Errors
    /// The lock's file can't be made.
    pub fn lock(&self, name: &str) -> Result<Lock> {
        let folder = self.root.join("locks");
        fs::create_dir_all(&folder)?;
        let path = folder.join(file_name(name));
        let file = File::create(&path)
            .with_context(|| format!("cannot make the lock {}", path.display()))?;
        file.lock()
            .with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(Lock { _file: file })
    }
}

/// A short name for everything that an entry is made from: 16 hexadecimal digits.
#[must_use]
pub fn digest<Part: AsRef<[u8]>>(parts: impl IntoIterator<Item = Part>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .take(8)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn file_name(key: &str) -> String {
    key.replace('/', "+")
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(name: &str) -> Cache {
        let root = std::env::temp_dir().join(format!(
            "bluegreen-cache-test-{name}-{}",
            std::process::id()
        ));
        remove(&root).unwrap();
        Cache::at(root).unwrap()
    }

    #[test]
    fn an_entry_is_made_once() {
        let cache = fresh("once");
        for content in ["first", "second"] {
            let entry = cache
                .get_or_make("folder/entry", |path| Ok(fs::write(path, content)?))
                .unwrap();
            assert_eq!(fs::read_to_string(entry).unwrap(), "first");
        }
        remove(cache.root()).unwrap();
    }

    #[test]
    fn an_interrupted_entry_is_made_again() {
        let cache = fresh("interrupted");
        let failed = cache.get_or_make("entry", |path| {
            fs::create_dir(path)?;
            fs::write(path.join("half"), "")?;
            Err(anyhow!("interrupted"))
        });
        assert!(failed.is_err());
        assert!(!cache.entry("entry").exists());
        let entry = cache
            .get_or_make("entry", |path| Ok(fs::create_dir(path)?))
            .unwrap();
        assert_eq!(fs::read_dir(entry).unwrap().count(), 0);
        remove(cache.root()).unwrap();
    }

    #[test]
    fn what_was_made_of_something_older_is_forgotten_in_time() {
        let cache = fresh("older");
        let make = |key: &str| {
            let made = cache.get_or_make(key, |path| Ok(fs::write(path, "")?));
            made.unwrap()
        };
        let (old, other) = (make("folder/web-1"), make("folder/web-like-1"));
        let new = make("folder/web-2");
        let is_there = || [&old, &other, &new].map(|path| path.exists());
        cache.forget_older("folder/web-2", Duration::MAX).unwrap();
        assert_eq!(is_there(), [true, true, true]);
        cache.forget_older("folder/web-2", Duration::ZERO).unwrap();
        assert_eq!(is_there(), [false, true, true]);
        remove(cache.root()).unwrap();
    }

    #[test]
    fn a_digest_tells_parts_apart() {
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
        assert_eq!(digest(["ab"]).len(), 16);
    }
}
