//! Workloads by the values of their pods' labels, so that no question scans a big namespace.

use std::collections::{BTreeMap, HashMap};

use crate::selector::Labels;
use crate::words;
use crate::workload::Workload;

/// The workloads of a namespace in a fixed order, and where to find them.
pub(super) struct Index<'a> {
    workloads: Vec<&'a Workload>,
    /// Positions by label key and the value without its colour word.
    postings: HashMap<(&'a str, String), Vec<usize>>,
}

/// Workloads that carry the same values for the keys of a selector.
pub(super) type Groups<'a> = BTreeMap<Labels, Vec<&'a Workload>>;

impl<'a> Index<'a> {
    pub(super) fn new(workloads: &'a [Workload]) -> Self {
        let mut workloads: Vec<&Workload> = workloads.iter().collect();
        workloads.sort_by_key(|workload| (workload.name(), workload.kind()));
        let mut postings: HashMap<_, Vec<usize>> = HashMap::new();
        for (position, workload) in workloads.iter().enumerate() {
            for (key, value) in workload.pod_labels() {
                postings
                    .entry((key.as_str(), words::without_colour(value)))
                    .or_default()
                    .push(position);
            }
        }
        Self {
            workloads,
            postings,
        }
    }

    /// Those that carry all keys of the selector, each with its value or that value in another
    /// colour, by the values that they have.
    pub(super) fn alike(&self, selector: &Labels) -> Groups<'a> {
        let fixed: Vec<_> = selector.iter().collect();
        self.grouped(selector, &fixed, |workload| {
            selector.iter().all(|(key, value)| {
                workload.pod_labels().get(key).is_some_and(|other| {
                    other == value || words::without_colour(other) == words::without_colour(value)
                })
            })
        })
    }

    /// Those that carry all keys of the selector, with its values except for the free keys, by the
    /// values that they have.
    pub(super) fn carrying(&self, selector: &Labels, is_free: impl Fn(&str) -> bool) -> Groups<'a> {
        let fixed: Vec<_> = selector.iter().filter(|(key, _)| !is_free(key)).collect();
        self.grouped(selector, &fixed, |workload| {
            selector.iter().all(|(key, value)| {
                workload
                    .pod_labels()
                    .get(key)
                    .is_some_and(|other| other == value || is_free(key))
            })
        })
    }

    /// Those that a Service with this selector routes to.
    pub(super) fn matching(&self, selector: &Labels) -> Vec<&'a Workload> {
        self.carrying(selector, |_| false)
            .into_values()
            .next()
            .unwrap_or_default()
    }

    fn grouped(
        &self,
        selector: &Labels,
        fixed: &[(&String, &String)],
        belongs: impl Fn(&Workload) -> bool,
    ) -> Groups<'a> {
        let mut groups = Groups::new();
        if selector.is_empty() {
            return groups;
        }
        for workload in self.fewest(fixed) {
            if belongs(workload) {
                let values = workload
                    .pod_labels()
                    .iter()
                    .filter(|(key, _)| selector.contains_key(*key))
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                groups.entry(values).or_default().push(workload);
            }
        }
        groups
    }

    /// The workloads under the rarest of the values; all where nothing is fixed.
    fn fewest(&self, fixed: &[(&String, &String)]) -> Vec<&'a Workload> {
        let rarest = fixed
            .iter()
            .map(|(key, value)| {
                self.postings
                    .get(&(key.as_str(), words::without_colour(value)))
                    .map_or(&[] as &[usize], Vec::as_slice)
            })
            .min_by_key(|positions| positions.len());
        match rarest {
            Some(positions) => positions
                .iter()
                .filter_map(|position| self.workloads.get(*position).copied())
                .collect(),
            None => self.workloads.clone(),
        }
    }
}
