//! Images that no run has asked for in a while. Each change of the webhook makes a new one.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use super::Archive;
use crate::cache::Cache;

/// Long enough for a branch that somebody comes back to.
const KEPT_UNUSED: Duration = Duration::from_hours(7 * 24);

/// Notes that these are in use, and removes what has not been for a week.
pub(super) fn remove(cache: &Cache, in_use: &[Archive]) -> Result<()> {
    let now = SystemTime::now();
    for archive in in_use {
        File::open(&archive.tar)
            .and_then(|file| file.set_modified(now))
            .with_context(|| format!("cannot touch {}", archive.tar.display()))?;
    }
    let folder = cache.entry("images");
    for entry in
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        let unused = fs::metadata(&path)
            .and_then(|status| status.modified())
            .is_ok_and(|used| now.duration_since(used).is_ok_and(|age| age > KEPT_UNUSED));
        if unused && path.extension().is_some_and(|end| end == "tar") {
            // Somebody else may have removed it meanwhile, which is as good.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_what_is_not_goes_after_a_week() {
        let root =
            std::env::temp_dir().join(format!("bluegreen-stale-test-{}", std::process::id()));
        let cache = Cache::at(root.clone()).unwrap();
        fs::create_dir_all(cache.entry("images")).unwrap();
        let long_ago = SystemTime::now() - KEPT_UNUSED - Duration::from_secs(1);
        for (name, time) in [
            ("old.tar", long_ago),
            ("used.tar", long_ago),
            ("new.tar", SystemTime::now()),
        ] {
            let file = File::create(cache.entry("images").join(name)).unwrap();
            file.set_modified(time).unwrap();
        }
        let used = Archive {
            images: Vec::new(),
            tar: cache.entry("images/used.tar"),
        };
        remove(&cache, &[used]).unwrap();
        let mut left: Vec<_> = fs::read_dir(cache.entry("images"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["new.tar", "used.tar"]);
        fs::remove_dir_all(root).unwrap();
    }
}
