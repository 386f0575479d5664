//! The examples of `manifests/pipelines`, run as they are but for what a test changes by name, against real Tomcats.

mod github;
mod gitlab;
mod jenkins;
mod shell;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bluegreen_e2e::kubectl::{Output, kubectl};
use tokio::process::Command;
use tokio::time::timeout;

use crate::fixture::folder::Folder;
use crate::shop::{Shop, says};

/// No pipeline may take longer than this, on two slow cores.
const PATIENCE: Duration = Duration::from_mins(5);
/// A version that starts, and one that never does.
const GOOD: &str = "8";
const BROKEN: &str = "8.5.100-broken";

/// A copy of the examples beside an application in a namespace of its own, as a user has them.
struct Checkout {
    shop: Shop,
    folder: Folder,
}

impl Checkout {
    /// Tomcat 7 on both sides, blue serves.
    async fn of(name: &str) -> Self {
        let shop = Shop::unguarded(name).await;
        let init = ["init", "tomcat", "--image", "tomcat:7", "--port", "8080"];
        shop.expect(&init, 0, &[]).await;
        let folder = Folder::of(&shop, &[]);
        for made in ["repository", "home"] {
            std::fs::create_dir(folder.file(made)).unwrap();
        }
        let checkout = Self { shop, folder };
        for entry in std::fs::read_dir(examples()).unwrap() {
            let example = entry.unwrap();
            let copy = checkout.file(&example.file_name().into_string().unwrap());
            std::fs::copy(example.path(), copy).unwrap();
        }
        checkout.write_kubeconfig().await;
        checkout
    }

    /// What a pipeline has as its secret: an own kubeconfig, whose context names the namespace.
    async fn write_kubeconfig(&self) {
        let view = ["config", "view", "--raw", "--flatten"];
        let content = kubectl(&view).await.unwrap().succeeded().unwrap().stdout;
        let file = self.kubeconfig();
        std::fs::write(&file, content).unwrap();
        let namespace = format!("--namespace={}", self.shop.namespace.name);
        let set = ["config", "set-context", "--current", "--kubeconfig", &file];
        let set = [&set[..], &[&namespace]].concat();
        kubectl(&set).await.unwrap().succeeded().unwrap();
    }

    /// Where a service has an example lie, and all of it committed: services take nothing else.
    async fn commit(&self, example: &str, place: &str) {
        let place = PathBuf::from(self.file(place));
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::rename(self.file(example), place).unwrap();
        for arguments in [
            &["init", "--quiet", "--initial-branch", "main"][..],
            &[
                "remote",
                "add",
                "origin",
                "https://git.example.com/shop/tomcat.git",
            ],
            &["config", "user.name", "somebody"],
            &["config", "user.email", "somebody@example.com"],
            &["add", "--all"],
            &["commit", "--quiet", "--message", "A release"],
        ] {
            ends(self.command("git", arguments), 0, &[]).await;
        }
    }

    /// A file of the repository.
    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.folder.file("repository"))
    }

    fn kubeconfig(&self) -> String {
        self.folder.file("kubeconfig")
    }

    /// Changes an example's copy; what is changed must be in it.
    fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.file(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "no {from:?} in {file}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// A command in the repository, which knows no cluster but that of its kubeconfig, and nobody's home.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.file("repository"))
            .env("HOME", self.folder.file("home"))
            .env_remove("XDG_CACHE_HOME")
            .env("KUBECONFIG", self.kubeconfig());
        command
    }

    /// The version that production runs.
    async fn serves(&self) -> String {
        let role = self.shop.role("tomcat-service").await;
        let deployment = format!("tomcat-deployment-{role}");
        let image = "jsonpath={.spec.template.spec.containers[0].image}";
        let image = ["get", "deployment", &deployment, "-o", image];
        self.shop.kubectl(&image).await
    }
}

/// Runs it to its end, which must be this exit code after all of these words.
async fn ends(command: Command, code: i32, words: &[&str]) -> Output {
    let output = run(command).await;
    says(&["pipeline"], &output, code, words);
    output
}

/// Runs it to its end, with nobody at its terminal.
async fn run(mut command: Command) -> Output {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await.unwrap();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

fn examples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../manifests/pipelines")
}
