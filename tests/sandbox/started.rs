//! A sandbox that has been started by a test.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use bluegreen_e2e::sandbox::PREFIX;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The program; `KUBERNETES` in the test's environment says which version it starts.
pub(crate) fn sandbox() -> Command {
    Command::new(env!("CARGO_BIN_EXE_sandbox"))
}

/// A sandbox that runs in a process group of its own, as in a terminal.
pub(crate) struct Started {
    child: Child,
    name: String,
    output: BufReader<ChildStdout>,
}

impl Started {
    /// Starts one that runs a script of the shell.
    pub(crate) fn new(script: &str) -> Self {
        Self::from(sandbox().args(["--bare", "--", "sh", "-c", script]))
    }

    /// Starts one with a command line of its own.
    pub(crate) fn from(command: &mut Command) -> Self {
        let mut child = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let name = format!("{PREFIX}{}", child.id());
        Self {
            child,
            name,
            output,
        }
    }

    /// What its folder and its cgroup are called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn folder(&self) -> PathBuf {
        env::temp_dir().join(&self.name)
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.child
            .stdin
            .as_mut()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    pub(crate) fn read_line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Closes its input, and gives its code: none if it was killed.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    pub(crate) fn wait_for_its_folder(&self) {
        let deadline = Instant::now() + Duration::from_mins(2);
        while !self.folder().join("order.json").exists() {
            assert!(
                Instant::now() < deadline,
                "{} did not appear",
                self.folder().display()
            );
            sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Ctrl-C reaches every process in the foreground.
    pub(crate) fn interrupt_as_a_terminal_does(&self) {
        kill_process_group(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// The janitor first: it would clean up.
    pub(crate) fn kill_with_its_janitor(&self) {
        let leader = self.child.id();
        let children =
            fs::read_to_string(format!("/proc/{leader}/task/{leader}/children")).unwrap();
        let janitor = children
            .split_whitespace()
            .find(|child| {
                let arguments = fs::read_to_string(format!("/proc/{child}/cmdline")).unwrap();
                arguments.split('\0').nth(1) == Some("janitor")
            })
            .unwrap();
        kill_process(
            Pid::from_raw(janitor.parse().unwrap()).unwrap(),
            Signal::KILL,
        )
        .unwrap();
        self.signal(Signal::KILL);
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // A failed test must not leave one running; the janitor cleans up.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
