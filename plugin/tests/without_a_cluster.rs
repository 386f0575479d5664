//! The program itself, where no cluster is needed.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Runs the program with no environment but what is given.
fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kubectl-bluegreen"))
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn printed(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn told(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// A kubeconfig that names this server, in a folder of the test's own.
fn kubeconfig(folder: &str, server: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("config");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: shop\n\
         clusters: [{{name: c, cluster: {{server: \"{server}\"}}}}]\n\
         contexts: [{{name: shop, context: {{cluster: c, user: u, namespace: shop}}}}]\n\
         users: [{{name: u, user: {{token: t}}}}]\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

/// A port that nobody listens on.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn the_version_is_printed_without_a_cluster() {
    let output = run(&["version"], &[]);
    assert_eq!(code(&output), 0);
    assert_eq!(
        printed(&output),
        concat!("kubectl-bluegreen ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let output = run(&["version", "-o", "jsonpath={.clientVersion.version}"], &[]);
    assert_eq!(printed(&output), env!("CARGO_PKG_VERSION"));
}

#[test]
fn without_arguments_it_helps() {
    let output = run(&[], &[]);
    assert_eq!(code(&output), 0);
    assert!(printed(&output).contains("Usage: kubectl bluegreen"));
    assert_eq!(told(&output), "");
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for wrong in [
        &["nonsense"][..],
        &["status"],
        &["status", "tomcat", "--nonsense"],
        &["status", "tomcat", "-o", "xml"],
        &["status", "tomcat", "-o", "jsonpath={.a"],
        &["status", "tomcat", "--request-timeout", "soon"],
        &["init", "tomcat", "--image", "tomcat:7", "--port", "70000"],
        &["init", "Tomcat", "--image", "tomcat:7", "--port", "80"],
        &["mark", "web", "--test", "--production"],
    ] {
        let output = run(wrong, &[]);
        assert_eq!(code(&output), 2, "{wrong:?}");
        assert_eq!(printed(&output), "", "{wrong:?}");
        assert!(told(&output).starts_with("error: "), "{wrong:?}");
    }
}

#[test]
fn a_check_that_can_not_be_meant_is_told_before_anything_is_asked() {
    let asked = ["--prometheus", "http://127.0.0.1:9", "--query", "up"];
    let expected = [&asked[..], &["--expect", "> 0"]].concat();
    for (arguments, word) in [
        (vec!["--expect-body", "version (2"], "unclosed group"),
        (vec!["--expect-header", "X Version: 2"], "no header's name"),
        (vec!["--header", "X-User"], "NAME: VALUE"),
        (vec!["--header", "TE: x"], "belongs to the connection"),
        (vec!["--scheme", "ftp"], "ftp"),
        (vec!["--http=false"], "nothing is left to check"),
        (vec!["--http=false", "--"], "nothing is left to check"),
        (
            vec!["--job", "/nonexistent/job.yaml"],
            "/nonexistent/job.yaml",
        ),
        (vec!["--query", "up", "--expect", "> 0"], "--prometheus"),
        (vec!["--prometheus", "http://127.0.0.1:9"], "--query"),
        (asked.to_vec(), "--expect"),
        (
            [&asked[..], &["--expect", "high"]].concat(),
            "no comparison",
        ),
        (
            [&expected[..], &["--query", "up"]].concat(),
            "2 --query and 1",
        ),
        ([&expected[..], &["--for", "2m"]].concat(), "--timeout 1m"),
        (
            [&expected[..], &["--prometheus-token-file", "/nonexistent"]].concat(),
            "can't read the token in /nonexistent",
        ),
        (
            vec![
                "--prometheus",
                "127.0.0.1:9",
                "--query",
                "up",
                "--expect",
                "> 0",
            ],
            "is no address",
        ),
        (
            vec![
                "--prometheus",
                "http://p/?a=b",
                "--query",
                "up",
                "--expect",
                "> 0",
            ],
            "has a query of its own",
        ),
    ] {
        let output = run(&[&["verify", "web"], &arguments[..]].concat(), &[]);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", told(&output));
        assert!(told(&output).contains(word), "{word}: {}", told(&output));
    }
}

#[test]
fn manifests_are_read_before_a_cluster_is_asked() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("manifests");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let text = "role: $TARGET_ROLE\nimage: web:${VERSION}\nother: ${NONE}\n";
    let web = write("web.yaml", text);
    let env = write("prod.env", "NONE=1\n");
    let wrong = write("wrong.env", "NONE\n");
    let says = |arguments: &[&str], expected: i32, words: &str| {
        let all = [&["stage", "web", "-f", &web], arguments].concat();
        let output = run(&all, &[]);
        assert_eq!(code(&output), expected, "{all:?}: {}", told(&output));
        assert!(told(&output).contains(words), "{all:?}: {}", told(&output));
    };
    says(
        &[],
        2,
        &format!(
            "{web}:2:12: undefined variable VERSION\n  {web}:3:8: undefined variable NONE\nhint: "
        ),
    );
    says(&["--set", "VERSION=2"], 2, "undefined variable NONE");
    says(&["--env-file", &wrong], 2, "wrong.env:1: no VAR=VALUE");
    says(
        &["--env-file", "/nonexistent/env"],
        1,
        "can't read /nonexistent/env: ",
    );
    // All of it has a value: the next thing is the cluster.
    says(
        &["--set", "VERSION=2", "--env-file", &env],
        1,
        "no kubeconfig",
    );
    says(&["--substitute=false"], 1, "no kubeconfig");
    for wrong in [
        &["--set", "VERSION"][..],
        &["--set", "1=2"],
        &["--substitute=false", "--set", "VERSION=2"],
        &["--image", "web:2"],
        &["--match-active", "--replicas", "2"],
    ] {
        says(wrong, 2, "error: ");
    }
    let output = run(&["stage", "web", "-f", "/nonexistent/web.yaml"], &[]);
    assert_eq!(code(&output), 1);
    assert!(told(&output).starts_with("error: can't read /nonexistent/web.yaml: "));
    for wrong in [
        &["stage", "web"][..],
        &["stage", "web", "--image", "a", "--convert"],
    ] {
        assert_eq!(code(&run(wrong, &[])), 2, "{wrong:?}");
    }
}

#[test]
fn without_a_kubeconfig_it_says_so() {
    let output = run(&["status", "tomcat"], &[]);
    assert_eq!(code(&output), 1);
    assert_eq!(
        told(&output),
        "error: no kubeconfig: neither KUBECONFIG nor ~/.kube/config names a cluster\n\
         hint: name a file with --kubeconfig, or set KUBECONFIG\n"
    );
}

#[test]
fn a_kubeconfig_that_is_named_must_be_there() {
    let output = run(
        &["status", "tomcat", "--kubeconfig", "/nonexistent/config"],
        &[],
    );
    assert_eq!(code(&output), 1);
    assert!(
        told(&output).starts_with("error: can't read the kubeconfig /nonexistent/config: "),
        "{}",
        told(&output)
    );
}

#[test]
fn of_several_kubeconfigs_those_that_are_missing_are_left_out() {
    let port = closed_port();
    let path = kubeconfig("several", &format!("http://127.0.0.1:{port}"));
    let list = format!("/nonexistent/config:{}", path.display());
    let output = run(&["status", "tomcat"], &[("KUBECONFIG", &list)]);
    assert_eq!(code(&output), 1);
    assert_eq!(
        told(&output),
        format!(
            "error: can't reach the API server http://127.0.0.1:{port} (context \"shop\" of {}): Connection refused\n\
             hint: check that the server runs and that the kubeconfig names the right one: kubectl cluster-info\n",
            path.display()
        )
    );
}

#[test]
fn a_proxy_is_no_hindrance_on_the_way_to_this_machine() {
    let port = closed_port();
    let path = kubeconfig("proxy", &format!("https://127.0.0.1:{port}"));
    let proxy = format!("http://127.0.0.1:{}", closed_port());
    let output = run(
        &["status", "tomcat"],
        &[
            ("KUBECONFIG", path.to_str().unwrap()),
            ("HTTPS_PROXY", &proxy),
            ("NO_PROXY", "localhost,127.0.0.1,"),
        ],
    );
    assert_eq!(code(&output), 1);
    assert!(
        told(&output).contains(&format!("127.0.0.1:{port}")),
        "{}",
        told(&output)
    );
    assert!(
        told(&output).contains("Connection refused"),
        "{}",
        told(&output)
    );
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let output = run(
        &[
            "status",
            "tomcat",
            "-n",
            "shop",
            "--server",
            &server,
            "--request-timeout",
            "300ms",
        ],
        &[],
    );
    assert_eq!(code(&output), 1);
    assert!(
        told(&output).contains("no answer from"),
        "{}",
        told(&output)
    );
    assert!(
        told(&output).contains("--request-timeout"),
        "{}",
        told(&output)
    );
}

#[test]
fn objects_are_printed_without_a_cluster() {
    let output = run(
        &[
            "init",
            "tomcat",
            "--image",
            "tomcat:7",
            "--port",
            "8080",
            "--dry-run=client",
            "-o",
            "yaml",
        ],
        &[],
    );
    assert_eq!(code(&output), 0);
    assert_eq!(printed(&output).matches("\nkind: ").count(), 5);
    assert_eq!(printed(&output).matches("---\n").count(), 4);
    let output = run(&["install", "-o", "name"], &[]);
    assert_eq!(code(&output), 0);
    assert!(printed(&output).starts_with("namespace/bluegreen-system\n"));
}

#[test]
fn completion_is_printed_for_every_shell_and_for_kubectl() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = run(&["completion", shell], &[]);
        assert_eq!(code(&output), 0);
        assert!(printed(&output).contains("kubectl-bluegreen"), "{shell}");
    }
    let link = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kubectl_complete-bluegreen");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kubectl-bluegreen"), &link).unwrap();
    let output = Command::new(&link).args(["stat"]).output().unwrap();
    assert_eq!(
        printed(&output),
        "status\tShow which side of an application serves, and whether the other one may\n:4\n"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kubectl-bluegreen"))
        .args(["completion", "bash"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(told(&output), "");
    assert_eq!(code(&output), 0);
}

#[test]
fn a_time_that_nothing_lasts_for_is_told_with_what_is_allowed() {
    let deploy = ["deploy", "web", "--image", "web:2", "--yes"];
    for verb in [&["switch", "web"][..], &["rollback", "web"], &deploy] {
        for (time, words) in [
            ("0s", "more than no time, such as 30s"),
            ("5", "write 5s or 5m"),
        ] {
            let all = [verb, &["--overlap", time]].concat();
            let output = run(&all, &[]);
            assert_eq!(code(&output), 2, "{all:?}");
            assert!(told(&output).contains(words), "{all:?}: {}", told(&output));
        }
        let help = run(&[verb[0], "--help"], &[]);
        assert!(printed(&help).contains("0 waits for ever"), "{verb:?}");
    }
}

#[test]
fn nobody_to_ask_is_told_with_the_flags_of_the_strategy() {
    let deploy = ["deploy", "web", "--image", "web:2"];
    for (more, approvals) in [(&[][..], true), (&["--strategy", "rolling"][..], false)] {
        let output = run(&[&deploy[..], more].concat(), &[]);
        assert_eq!(code(&output), 2, "{more:?}");
        let told = told(&output);
        assert!(told.contains("hint: add --yes"), "{told}");
        assert_eq!(told.contains("--approvals"), approvals, "{told}");
        let sized = ["deploy", "web", "--yes", "--replicas", "3"];
        let unnamed = run(&[&sized[..], more].concat(), &[]);
        let told = std::str::from_utf8(&unnamed.stderr).unwrap();
        assert_eq!(told.contains("kubectl scale"), !approvals, "{told}");
    }
}
