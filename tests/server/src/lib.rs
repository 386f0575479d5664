//! An HTTP server that can be told to misbehave, so that a test can stage every fault a release meets.
//!
//! Told by environment variables, from the start:
//!
//! | variable | default | meaning |
//! | --- | --- | --- |
//! | `PORT` | 8080 | where it listens |
//! | `VERSION` | unversioned | what it answers as |
//! | `HOSTNAME` | unknown | the pod it answers as (a container runtime sets it) |
//! | `START_DELAY` | 0 | seconds before it listens |
//! | `READY_DELAY` | 0 | seconds of listening before `/healthz` answers 200 |
//! | `FAIL_PROBE` | false | `/healthz` answers 503, until `/control` says otherwise |
//! | `STATUS` | 200 | the status of `/` |
//! | `CRASH_AFTER` | never | seconds from the start of the process to its crash; 0 never listens |
//! | `EXIT_CODE` | 1 | the code that it crashes with |
//! | `LAST_WORDS` | crashed as told | the last line on stderr before it crashes |
//!
//! Told over HTTP, while it runs: `POST /control?status=500`, `?ready=false`, `?crash=3` (the exit code),
//! or several joined by `&`. The change holds for this process only: a restarted container begins anew.
//!
//! | path | answer |
//! | --- | --- |
//! | `/` | `version VERSION pod HOSTNAME`, with the header `X-Version` |
//! | `/healthz` | 200 or 503, for a readiness probe |
//! | `/count` | how many requests `/` has answered |

mod behaviour;
mod routes;
mod settings;

pub use behaviour::Behaviour;
pub use routes::router;
pub use settings::{Settings, UnreadableSetting};
