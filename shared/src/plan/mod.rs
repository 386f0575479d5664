//! What to write, as values; the shells apply it.

pub mod adopt;
pub mod ahead;
pub mod flip;
pub mod goal;
pub mod idle;
pub mod init;
pub mod kept;
pub mod mark;
pub mod minimum;
mod plain;
pub mod retire;
pub mod rollback;
pub mod rolling;
pub mod stage;
pub mod switch;
pub mod sync;
pub mod takedown;
mod twin;
pub mod way_out;

/// Why there is nothing to judge: the request itself is declined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declined {
    /// The kind of reason, which decides the exit code.
    pub why: Why,
    /// One sentence.
    pub message: String,
    /// What to do instead.
    pub hint: String,
}

/// The kinds of reason for which a request is declined before any judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The role must be named.
    Ambiguous,
    /// The application has no such role.
    NoSuchRole,
    /// It would go back, and only `rollback` or a named role does that.
    ForwardOnly,
    /// Nothing is recorded that could be taken back, or it is not there any more.
    NoWayBack,
    /// Production selects both sides or neither.
    NothingIdle,
    /// A switch to the idle side is under way.
    UnderWay,
    /// What is wanted is more than an autoscaler allows.
    NoRoom,
    /// What it is asked for is not there.
    NotFound,
    /// What is there can't become what is asked for without requests being lost.
    Unfit,
    /// What is wanted does not fit the containers, or says two things at once.
    Usage,
}
