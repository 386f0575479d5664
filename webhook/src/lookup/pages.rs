//! A list that is read page by page.

use kube::api::ListParams;

use crate::cannot_look::CannotLook;

/// Objects of one page. Those of 32 KiB each fit into the largest answer that is read.
const PAGE: u32 = 250;
/// Objects of one list in memory. More pods than this behind one selector, or workloads or Services in a
/// namespace, are more than could be judged within a review's five seconds.
pub(crate) const MOST: usize = 5_000;

/// How fresh the answer to a list must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// The newest there is: every verdict on what serves, and every refusal, is reached on that.
    Live,
    /// What the API server has at hand (`resourceVersion=0`), for what is only written down or announced:
    /// an intent whose flip is judged anew, and how much serves then, which lowers no bar. Such a
    /// list does not keep the live ones that may follow it waiting: those are answered from the same
    /// memory once it has caught up, up to 100 ms later where it has done so just before. It comes in one
    /// page (the API server takes no limit for it); what is too large for one answer is read live.
    Recent,
}

/// What was read so far, and what is to be asked for next.
pub(super) struct Pages<T> {
    /// Everything that was read.
    pub(super) all: Vec<T>,
    resource: &'static str,
    next: Option<ListParams>,
    labels: Option<String>,
    fresh: Freshness,
}

impl<T> Pages<T> {
    /// A list of the objects that a label selector finds; of all of them without one.
    pub(super) fn new(resource: &'static str, labels: Option<String>, fresh: Freshness) -> Self {
        let mut pages = Self {
            all: Vec::new(),
            resource,
            next: None,
            labels,
            fresh,
        };
        pages.next = Some(pages.params(None));
        pages
    }

    /// The same list, live and page by page; `None` if it is read so already.
    pub(super) fn by_pages(&self) -> Option<Self> {
        let is_one_page = self.fresh == Freshness::Recent;
        is_one_page.then(|| Self::new(self.resource, self.labels.clone(), Freshness::Live))
    }

    /// What to ask for; `None` after the last page.
    pub(super) fn next(&mut self) -> Option<ListParams> {
        self.next.take()
    }

    /// Takes in a page, with the token that came with it.
    pub(super) fn add(
        &mut self,
        (token, items): (Option<String>, Vec<T>),
    ) -> Result<(), CannotLook> {
        self.all.extend(items);
        if self.all.len() > MOST {
            let resource = self.resource;
            return Err(CannotLook::TooMany { resource });
        }
        let token = token.filter(|token| !token.is_empty());
        self.next = token.map(|token| self.params(Some(token)));
        Ok(())
    }

    fn params(&self, token: Option<String>) -> ListParams {
        let params = ListParams {
            label_selector: self.labels.clone(),
            continue_token: token,
            ..ListParams::default()
        };
        match self.fresh {
            Freshness::Live => params.limit(PAGE),
            Freshness::Recent => params.match_any(),
        }
    }
}
