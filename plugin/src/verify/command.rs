//! A program on this machine that checks the environment, such as `./smoke.sh`.

use std::cell::RefCell;
use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command as Program};
use tokio::time::{Instant, timeout};

use crate::failure::Failure;

use super::engine::plain;
use super::finding::{Finding, Kind, Subject};
use super::lines::{LastLines, Open};
use super::local::LocalPort;
use super::side::{Address, Side};

/// What a program is given to put away after itself when its time is up.
const GRACE: Duration = Duration::from_secs(2);
/// What is still in the pipes of a program that has ended is waited for no longer.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A program, and what it is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command<'a> {
    program: &'a OsString,
    arguments: &'a [OsString],
}

/// The processes of one program. They are killed when this is dropped.
struct Group(Option<Pid>);

impl<'a> Command<'a> {
    /// The first word is the program; `None` where there is none.
    pub(crate) fn of(words: &'a [OsString]) -> Option<Self> {
        let (program, arguments) = words.split_first()?;
        Some(Self { program, arguments })
    }

    /// The program alone: arguments may hold secrets, and what is checked is recorded.
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            kind: Kind::Command,
            name: self.program.to_string_lossy().into_owned(),
        }
    }

    /// Runs it, with the environment's address in its variables, until it ends or the time is up.
    ///
    /// The address is a port of this machine, which leads to the ready pods in turn for as long as
    /// the program runs. Whatever the program leaves running is killed at its end.
    ///
    /// # Errors
    /// There is no such program, or no pod can be reached: the user may not forward ports.
    pub(crate) async fn run(
        &self,
        side: &Side<'_>,
        end: Option<Instant>,
    ) -> Result<Finding, Failure> {
        let subject = self.subject();
        let doors = match &side.doors {
            Ok(doors) => doors,
            Err(words) => return Ok(subject.failed(words.clone())),
        };
        let port = LocalPort::open().await?;
        let address = Address {
            host: "127.0.0.1".to_owned(),
            port: port.number(),
            secure: doors.first().is_some_and(|door| door.secure),
        };
        let mut child = self.start(&address.variables(side))?;
        let mut group = Group::of(&child);
        let lines = RefCell::new(LastLines::default());
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let reading = async { tokio::join!(read(out, &lines), read(err, &lines)) };
        let serving = port.serve(side.cluster, doors);
        tokio::pin!(reading, serving);
        let mut read_all = false;
        let ended = loop {
            tokio::select! {
                status = child.wait() => break Some(status),
                () = time_is_up(end) => break None,
                failure = &mut serving => return Err(failure),
                _ = &mut reading, if !read_all => read_all = true,
            }
        };
        if ended.is_none() {
            group.send(Signal::TERM);
            // It has had its time; how it ends does not matter any more.
            let _ = timeout(GRACE, child.wait()).await;
        }
        // What it has left running holds its output open.
        group.kill();
        if !read_all {
            let _ = timeout(LAST_WORDS, &mut reading).await;
        }
        let mut finding = match ended {
            Some(Ok(status)) if status.success() => return Ok(subject.passed("exit code 0")),
            Some(Ok(status)) => subject.failed(words(status)),
            Some(Err(error)) => subject.failed(format!("how it ended is not known: {error}")),
            None => subject.late("was still running, and was killed"),
        };
        finding.output = lines.borrow_mut().take();
        if let Some(fault) = port.fault() {
            finding.output.push(fault);
        }
        Ok(finding)
    }

    fn start(&self, variables: &[(&'static str, String)]) -> Result<Child, Failure> {
        Program::new(self.program)
            .args(self.arguments)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                let name = self.program.to_string_lossy();
                let why = plain(&error.to_string());
                Failure::could_not(format!("can't run {name}: {why}")).hint(
                    "name a program of this machine behind --, by its path or one on the PATH",
                )
            })
    }
}

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    fn send(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // Where all of them have ended there is nobody to be told.
            let _ = kill_process_group(group, signal);
        }
    }

    /// Once: its number may be another's after that.
    fn kill(&mut self) {
        self.send(Signal::KILL);
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn read(stream: Option<impl AsyncRead + Unpin>, lines: &RefCell<LastLines>) {
    let Some(mut stream) = stream else {
        return;
    };
    let mut open = Open::default();
    let mut buffer = vec![0; 8192];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        let bytes = buffer.get(..read).unwrap_or_default();
        lines.borrow_mut().write(&mut open, bytes);
    }
    lines.borrow_mut().close(&mut open);
}

async fn time_is_up(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

fn words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
