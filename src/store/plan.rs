//! How a store would find the documents of a query, as far as it tells.

use crate::form::count;
use std::fmt;

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name, as the server has it: `IXSCAN`, `FETCH`, `SORT`.
    pub name: String,
    /// The index that it goes along.
    pub index: Option<String>,
    /// Whether it goes along the whole of the index.
    pub whole: bool,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.index {
            Some(index) if self.whole => write!(f, " {index}, the whole of it"),
            Some(index) => write!(f, " {index}"),
            None => Ok(()),
        }
    }
}

/// The steps by which documents are found, those that read before those that use what was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The steps.
    pub stages: Vec<Stage>,
    /// Whether the query has a filter.
    pub filtered: bool,
}

impl Plan {
    /// Whether every document of the collection is read, one after the other.
    pub fn reads_all(&self) -> bool {
        self.stages.iter().any(|stage| stage.name == "COLLSCAN")
    }

    /// Whether what was found is sorted before the first document is there.
    pub fn sorts(&self) -> bool {
        self.stages.iter().any(|stage| stage.name == "SORT")
    }

    /// The indexes that are gone along, each once.
    pub fn indexes(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.stages.iter().filter_map(|stage| stage.index.as_deref()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Whether an index leads to the documents: not one that is only gone along for its order while there is a filter.
    pub fn is_served(&self) -> bool {
        let leads = |stage: &Stage| stage.index.is_some() && !(self.filtered && stage.whole);
        !self.reads_all() && self.stages.iter().any(leads)
    }

    /// The plan in a line, given how many documents the collection has.
    pub fn summary(&self, documents: Option<u64>) -> String {
        let all = documents.map_or_else(|| "all documents".to_owned(), |n| format!("all {} documents", count(n)));
        let sorted = if self.sorts() { " and sorted in memory" } else { "" };
        let indexes = self.indexes().join(", ");
        match (self.reads_all(), indexes.is_empty()) {
            (true, _) => format!("no index serves this: {all} are read{sorted}"),
            (false, true) => {
                let names: Vec<&str> = self.stages.iter().map(|stage| stage.name.as_str()).collect();
                format!("no index is used: {}", names.join(", "))
            }
            (false, false) if !self.is_served() => {
                format!("no index serves the filter: up to {all} are read along {indexes}{sorted}")
            }
            (false, false) if self.sorts() => format!("index {indexes}, then sorted in memory"),
            (false, false) => format!("index {indexes}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(filtered: bool, stages: &[(&str, &str, bool)]) -> Plan {
        let stage = |(name, index, whole): &(&str, &str, bool)| Stage {
            name: (*name).to_owned(),
            index: (!index.is_empty()).then(|| (*index).to_owned()),
            whole: *whole,
        };
        Plan { stages: stages.iter().map(stage).collect(), filtered }
    }

    #[test]
    fn a_line_tells_whether_an_index_serves() {
        for (plan, expected) in [
            (plan(true, &[("COLLSCAN", "", false)]), "no index serves this: all 1,200,000 documents are read"),
            (
                plan(false, &[("COLLSCAN", "", false), ("SORT", "", false)]),
                "no index serves this: all 1,200,000 documents are read and sorted in memory",
            ),
            (plan(true, &[("IXSCAN", "a_1", false), ("FETCH", "", false)]), "index a_1"),
            (plan(false, &[("IXSCAN", "a_1", true), ("FETCH", "", false)]), "index a_1"),
            (
                plan(true, &[("IXSCAN", "_id_", true), ("FETCH", "", false)]),
                "no index serves the filter: up to all 1,200,000 documents are read along _id_",
            ),
            (
                plan(
                    true,
                    &[("IXSCAN", "a_1", false), ("IXSCAN", "b_1", false), ("OR", "", false), ("SORT", "", false)],
                ),
                "index a_1, b_1, then sorted in memory",
            ),
            (plan(true, &[("EOF", "", false)]), "no index is used: EOF"),
        ] {
            assert_eq!(plan.summary(Some(1_200_000)), expected);
        }
        assert!(plan(true, &[("COLLSCAN", "", false)]).summary(None).ends_with(": all documents are read"));
    }
}
