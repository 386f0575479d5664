//! One layer of an image: the files that it adds.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tar::{EntryType, Header};

use super::archive::Blob;

/// Files by their path in the image, without the leading slash. Folders above them come by themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    entries: BTreeMap<PathBuf, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    mode: u32,
    owner: u64,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Folder,
    Text(String),
    Copy(PathBuf),
}

impl Layer {
    /// What every image of ours has: a place for temporary files, and a name for the user that it runs as.
    pub(super) fn base(user: u64) -> Self {
        let mut layer = Self::default();
        layer.folder("tmp", 0o1777, 0);
        layer.text(
            "etc/passwd",
            &format!("root:x:0:0:root:/:/none\napp:x:{user}:{user}:app:/tmp:/none\n"),
        );
        layer.text("etc/group", &format!("root:x:0:\napp:x:{user}:\n"));
        layer
    }

    /// Adds a folder with a mode and an owner of its own.
    pub(super) fn folder(&mut self, path: impl AsRef<Path>, mode: u32, owner: u64) {
        self.add(path.as_ref(), mode, owner, Content::Folder);
    }

    /// Adds a file with this content, readable by all.
    pub(super) fn text(&mut self, path: impl AsRef<Path>, content: &str) {
        self.add(path.as_ref(), 0o644, 0, Content::Text(content.to_owned()));
    }

    /// Adds a copy of a file of this machine, readable by all, and executable by all where its owner may execute it.
    pub(super) fn copy(&mut self, path: impl AsRef<Path>, from: &Path) -> Result<()> {
        let status = fs::metadata(from).with_context(|| cannot_read(from))?;
        if !status.is_file() {
            bail!("cannot put {} into an image: not a file", from.display());
        }
        let mode = if is_executable(&status.permissions()) {
            0o755
        } else {
            0o644
        };
        self.add(path.as_ref(), mode, 0, Content::Copy(from.to_owned()));
        Ok(())
    }

    /// Adds a copy of a folder of this machine with all that is in it.
    pub(super) fn tree(&mut self, path: impl AsRef<Path>, from: &Path) -> Result<()> {
        let path = path.as_ref();
        self.folder(path, 0o755, 0);
        for entry in fs::read_dir(from).with_context(|| cannot_read(from))? {
            let (from, path) = {
                let entry = entry.with_context(|| cannot_read(from))?;
                (entry.path(), path.join(entry.file_name()))
            };
            if from.is_dir() {
                self.tree(path, &from)?;
            } else {
                self.copy(path, &from)?;
            }
        }
        Ok(())
    }

    /// The layer as a tar.
    pub(super) fn blob(&self) -> Result<Blob> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, entry) in &self.entries {
            entry
                .append(path, &mut tar)
                .with_context(|| format!("cannot put {} into an image", path.display()))?;
        }
        Ok(Blob::new(tar.into_inner()?))
    }

    fn add(&mut self, path: &Path, mode: u32, owner: u64, content: Content) {
        let above = path
            .ancestors()
            .skip(1)
            .filter(|folder| !folder.as_os_str().is_empty());
        for folder in above {
            self.entries.entry(folder.to_owned()).or_insert(Entry {
                mode: 0o755,
                owner: 0,
                content: Content::Folder,
            });
        }
        self.entries.insert(
            path.to_owned(),
            Entry {
                mode,
                owner,
                content,
            },
        );
    }
}

impl Entry {
    fn append(&self, path: &Path, tar: &mut tar::Builder<Vec<u8>>) -> io::Result<()> {
        match &self.content {
            Content::Folder => {
                tar.append_data(&mut self.header(EntryType::Directory, 0), path, io::empty())
            }
            Content::Text(text) => {
                let mut header = self.header(EntryType::Regular, text.len() as u64);
                tar.append_data(&mut header, path, text.as_bytes())
            }
            Content::Copy(from) => {
                let bytes = fs::read(from)?;
                let mut header = self.header(EntryType::Regular, bytes.len() as u64);
                tar.append_data(&mut header, path, bytes.as_slice())
            }
        }
    }

    fn header(&self, kind: EntryType, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(self.mode);
        header.set_uid(self.owner);
        header.set_gid(self.owner);
        header.set_mtime(0);
        header.set_size(size);
        header
    }
}

fn is_executable(permissions: &Permissions) -> bool {
    permissions.mode() & 0o100 != 0
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(layer: &Layer) -> Vec<(String, u32, u64, u64)> {
        let blob = layer.blob().unwrap();
        let mut tar = tar::Archive::new(blob.bytes());
        let entries = tar.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let header = entry.header();
            (
                entry.path().unwrap().display().to_string(),
                header.mode().unwrap(),
                header.uid().unwrap(),
                header.mtime().unwrap(),
            )
        });
        entries.collect()
    }

    #[test]
    fn the_folders_above_a_file_come_by_themselves_and_before_it() {
        let mut layer = Layer::default();
        layer.text("opt/app/notes", "hello");
        layer.folder("opt/app/work", 0o755, 10001);
        let expected = [
            ("opt", 0o755, 0, 0),
            ("opt/app", 0o755, 0, 0),
            ("opt/app/notes", 0o644, 0, 0),
            ("opt/app/work", 0o755, 10001, 0),
        ];
        assert_eq!(
            listing(&layer),
            expected.map(|(path, mode, owner, time)| (path.to_owned(), mode, owner, time))
        );
    }

    #[test]
    fn the_order_of_making_does_not_matter() {
        let (mut one, mut other) = (Layer::default(), Layer::default());
        one.text("a", "1");
        one.text("b/c", "2");
        other.text("b/c", "2");
        other.text("a", "1");
        assert_eq!(one.blob().unwrap().bytes(), other.blob().unwrap().bytes());
    }

    #[test]
    fn a_copy_keeps_nothing_of_this_machine_but_what_may_be_executed() {
        let mut layer = Layer::default();
        layer
            .copy("bin/self", &std::env::current_exe().unwrap())
            .unwrap();
        layer
            .copy(
                "etc/manifest",
                Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
            )
            .unwrap();
        let modes: Vec<_> = listing(&layer)
            .into_iter()
            .map(|(path, mode, ..)| (path, mode))
            .collect();
        assert!(modes.contains(&("bin/self".to_owned(), 0o755)));
        assert!(modes.contains(&("etc/manifest".to_owned(), 0o644)));
    }

    #[test]
    fn a_path_of_more_than_a_hundred_characters_survives() {
        let path = format!("opt/{}/file", "deep/".repeat(40));
        let mut layer = Layer::default();
        layer.text(&path, "");
        assert!(
            listing(&layer)
                .iter()
                .any(|(found, ..)| Path::new(found) == Path::new(&path))
        );
    }
}
