//! What verbs that release have in common: who may release, flips that are carried out and followed, what
//! becomes of production that fails, and of the side that is left.

mod ahead;
mod announce;
mod approved;
mod attempt;
mod back;
mod busy;
mod drain;
mod exclusive;
mod finish;
mod flip;
mod follow;
mod grow;
mod growing;
mod held;
mod idle;
mod lost;
mod minimum;
mod order;
mod overlap;
mod overlapping;
mod put_back;
mod rehearse;
mod run;
mod view;

pub(crate) use ahead::try_ahead;
pub(crate) use announce::withdraw_all;
pub(crate) use approved::{Asked, not_confirmed};
pub(crate) use attempt::Attempt;
pub(crate) use back::{go_back, may_not, take_back};
pub(crate) use busy::Others;
pub(crate) use drain::Drain;
pub(crate) use exclusive::{
    exclusively, exclusively_where, goes_back, is_settled, nobody_else_releases, nobody_releases,
    release_under_way, renewed,
};
pub(crate) use finish::judged;
pub(crate) use flip::flip;
pub(crate) use grow::{enlarge, growth_may_mend, waiting};
pub(crate) use growing::Growing;
pub(crate) use held::Held;
pub(crate) use idle::Idle;
pub(crate) use minimum::lower_minimums;
pub(crate) use order::{Conflicts, Followed, Order};
pub(crate) use put_back::insist;
pub(crate) use run::Run;
pub(crate) use view::Release;
