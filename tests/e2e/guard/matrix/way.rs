//! What somebody may try, said once for all clients.

use serde_json::Value;

/// One row: a change of one object, and what the guard makes of it.
pub(super) struct Way {
    pub(super) name: &'static str,
    /// Such as `service/web`; `pod/?` is any of those that serve.
    pub(super) object: &'static str,
    pub(super) change: Change,
    pub(super) expected: Expected,
    /// A merge patch of an object before it is tried, by an administrator.
    pub(super) after: Option<(&'static str, Value)>,
    /// Who tries it; an administrator if nobody is named.
    pub(super) user: Option<&'static str>,
    /// kubectl's verbs for just this: name and command.
    pub(super) verbs: Vec<(&'static str, &'static str)>,
    /// Whether the object's subresource `status` takes it as well.
    pub(super) by_status: bool,
    /// The revision of Helm's release that says the same.
    pub(super) revision: Option<&'static str>,
}

pub(super) enum Change {
    /// A merge patch, which each client says in its own form.
    Update(Value),
    Delete,
}

#[derive(Clone, Copy)]
pub(super) enum Expected {
    /// With this code among those of the refusal.
    Refused(&'static str),
    /// By design, for this reason.
    Allowed(&'static str),
}

pub(super) fn refused(
    name: &'static str,
    code: &'static str,
    object: &'static str,
    patch: Value,
) -> Way {
    way(name, object, Change::Update(patch), Expected::Refused(code))
}

pub(super) fn allowed(
    name: &'static str,
    reason: &'static str,
    object: &'static str,
    patch: Value,
) -> Way {
    let change = Change::Update(patch);
    way(name, object, change, Expected::Allowed(reason))
}

/// Nobody may delete it.
pub(super) fn kept(name: &'static str, object: &'static str) -> Way {
    let expected = Expected::Refused("Protected");
    way(name, object, Change::Delete, expected)
}

/// Whoever may delete such objects at all may delete it.
pub(super) fn deletable(name: &'static str, reason: &'static str, object: &'static str) -> Way {
    way(name, object, Change::Delete, Expected::Allowed(reason))
}

fn way(name: &'static str, object: &'static str, change: Change, expected: Expected) -> Way {
    Way {
        name,
        object,
        change,
        expected,
        after: None,
        user: None,
        verbs: Vec::new(),
        by_status: false,
        revision: None,
    }
}

impl Way {
    pub(super) fn after(mut self, object: &'static str, patch: Value) -> Self {
        self.after = Some((object, patch));
        self
    }

    pub(super) fn by(mut self, user: &'static str) -> Self {
        self.user = Some(user);
        self
    }

    pub(super) fn verb(mut self, name: &'static str, command: &'static str) -> Self {
        self.verbs.push((name, command));
        self
    }

    pub(super) fn or_by_status(mut self) -> Self {
        self.by_status = true;
        self
    }

    pub(super) fn or_by_rollback(mut self, revision: &'static str) -> Self {
        self.revision = Some(revision);
        self
    }
}
