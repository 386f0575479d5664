//! A Job in the cluster that checks the environment from there.

mod made;
mod told;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bluegreen_shared::job::{self, Run, State};
use k8s_openapi::api::core::v1::Service;
use serde_json::Value;
use tokio::time::{Instant, timeout};

use crate::cluster::{Cluster, Manifest};
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::look::{A_WHILE, patiently};

use super::finding::{Finding, Kind, Subject};
use super::side::{Address, Side};

pub(crate) use made::Made;

/// Bytes of a file at most; a Job that the API server takes is no larger.
const FILE_BYTES: u64 = 1024 * 1024;
/// Between two looks at a Job that runs.
const PAUSE: Duration = Duration::from_millis(500);
/// What is known of a Job whose time is up is asked for no longer.
const LAST_LOOK: Duration = Duration::from_secs(5);
/// Seconds after our own time is up until the Job ends by itself, where nobody is left to delete it.
const OVERTIME: u64 = 30;
/// Letters of a name that Kubernetes makes up: no vowels, and so no words.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
/// So many of them.
const SUFFIX: usize = 5;

/// A Job as its file has it.
#[derive(Clone, Debug)]
pub(crate) struct JobFile {
    path: PathBuf,
    name: String,
    object: Value,
}

impl JobFile {
    /// Reads the file.
    ///
    /// # Errors
    /// It can't be read, or holds anything but one Job.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let mut text = String::new();
        let read = std::fs::File::open(path)
            .and_then(|file| file.take(FILE_BYTES + 1).read_to_string(&mut text));
        read.map_err(|error| Failure::usage(format!("can't read the Job in {shown}: {error}")))?;
        if text.len() as u64 > FILE_BYTES {
            return Err(Failure::usage(format!(
                "{shown} is longer than {} KiB, which no Job is",
                FILE_BYTES / 1024
            )));
        }
        let mut documents: Vec<Value> = serde_saphyr::from_multiple(&text).map_err(|error| {
            let words = error.to_string();
            let first = words.lines().next().unwrap_or_default();
            Failure::usage(format!("{shown} is no YAML: {first}"))
        })?;
        // What stands between two lines of dashes may be a comment alone.
        documents.retain(|document| !document.is_null());
        let [object] = documents.as_slice() else {
            let count = documents.len();
            return Err(Failure::usage(format!(
                "{shown} holds {count} documents, and a check is one Job"
            )));
        };
        let name = job::name(object).map_err(|words| wrong(path, &words))?;
        Ok(Self {
            path: path.to_owned(),
            name: name.to_owned(),
            object: object.clone(),
        })
    }

    /// Its name, without what makes that of one run its own.
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            kind: Kind::Job,
            name: self.name.clone(),
        }
    }

    /// Creates it, with the environment's address in its variables, and waits for its end or until
    /// the time is up. It is noted in `made` before it is there.
    ///
    /// # Errors
    /// It can't be created here, or not be looked at.
    pub(crate) async fn run(
        &self,
        side: &Side<'_>,
        services: &[Service],
        tests: &[&Service],
        made: &Made,
        end: Option<Instant>,
    ) -> Result<Finding, Failure> {
        let subject = self.subject();
        let address = match &side.doors {
            Ok(doors) => doors.first().and_then(|door| Address::within(door, tests)),
            Err(words) => return Ok(subject.failed(words.clone())),
        };
        let Some(address) = address else {
            return Ok(subject.failed(format!("{} has no address yet", side.role)));
        };
        if let Some(service) = job::served_by(&self.object, services) {
            let words =
                format!("Service/{service} would route to its pods: give them other labels");
            return Err(wrong(&self.path, &words));
        }
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        let run = Run {
            namespace: side.cluster.namespace(),
            suffix: &suffix(),
            variables: &address.variables(side),
            deadline: left.map(|left| left.as_secs() + OVERTIME),
        };
        let object = job::prepare(&self.object, &run).map_err(|words| wrong(&self.path, &words))?;
        let manifest =
            Manifest::of(object).ok_or_else(|| wrong(&self.path, "it is no Kubernetes object"))?;
        // Before it is there: what is asked for may be there though nobody waited for the answer.
        made.note(&manifest);
        if let Err(failure) = side.cluster.create(&manifest, DryRun::None).await {
            if failure.server.is_some() {
                made.forget(&manifest);
            }
            return Err(failure);
        }
        let ending = ended(side.cluster, &manifest);
        let state = match end {
            Some(end) => tokio::time::timeout_at(end, ending).await.ok(),
            None => Some(ending.await),
        };
        let looked = |finding| timeout(LAST_LOOK, told::tell(side.cluster, &manifest, finding));
        let finding = match state.transpose()? {
            Some(State::Complete) => return Ok(subject.passed("complete")),
            Some(State::Failed(words)) => subject.failed(words),
            Some(State::Running) | None => subject.late("had not ended yet"),
        };
        Ok(looked(finding.clone()).await.unwrap_or(finding))
    }
}

fn wrong(path: &Path, words: &str) -> Failure {
    Failure::usage(format!("can't run the Job in {}: {words}", path.display()))
}

/// Looks at it until it has ended.
async fn ended(cluster: &Cluster, manifest: &Manifest) -> Result<State, Failure> {
    loop {
        let found = patiently(A_WHILE, async || cluster.fetch(manifest).await).await?;
        let Some(found) = found else {
            return Ok(State::Failed("somebody has deleted it".to_owned()));
        };
        let state = serde_json::to_value(&found).map(|found| job::state(&found));
        match state {
            Ok(State::Running) | Err(_) => {}
            Ok(ended) => return Ok(ended),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Letters that no other run has.
fn suffix() -> String {
    // Its keys are random, which is all that is wanted of it.
    let mut random = RandomState::new().build_hasher().finish();
    let count = LETTERS.len() as u64;
    (0..SUFFIX)
        .filter_map(|_| {
            let place = usize::try_from(random % count).ok()?;
            random /= count;
            LETTERS.get(place).copied().map(char::from)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<JobFile, Failure> {
        let folder = std::env::temp_dir().join(format!("bluegreen-job-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        let read = JobFile::read(&path);
        std::fs::remove_file(&path).unwrap();
        read
    }

    #[test]
    fn a_file_holds_one_job() {
        let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: smoke}\n";
        let file = read("job.yaml", &format!("---\n# smoke\n---\n{job}---\n")).unwrap();
        assert_eq!(file.subject().to_string(), "job smoke");
        for (name, text, words) in [
            ("two.yaml", format!("{job}---\n{job}"), "holds 2 documents"),
            ("none.yaml", String::new(), "holds 0 documents"),
            ("yaml.yaml", "a: [".to_owned(), "is no YAML"),
            (
                "kind.yaml",
                "kind: Pod\napiVersion: v1\n".to_owned(),
                "but a Pod of v1",
            ),
            (
                "long.yaml",
                "#".repeat(1024 * 1024 + 1),
                "longer than 1024 KiB",
            ),
        ] {
            let failure = read(name, &text).unwrap_err();
            assert!(failure.message.contains(words), "{failure}");
            assert_eq!(failure.exit, crate::exit::Exit::Usage);
        }
        let missing = JobFile::read(Path::new("/nonexistent/job.yaml")).unwrap_err();
        assert!(
            missing.message.contains("/nonexistent/job.yaml"),
            "{missing}"
        );
    }

    #[test]
    fn the_name_of_a_run_is_its_own() {
        let (one, other) = (suffix(), suffix());
        assert_eq!(one.len(), 5);
        assert_ne!(one, other);
    }
}
