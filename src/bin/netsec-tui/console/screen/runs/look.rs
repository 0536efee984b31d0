//! How the table is looked at: which runs, in which order and groups, which are marked, and what stands on which line.

use super::RunsScreen;
use super::bin::Bin;
use super::edit::Prompt;
use super::filter::Bar;
use crate::console::load::Pane;
use crate::console::msg::runs::{Edited, RunRow};
use crate::console::widget::Cursor;
use netsec::run::query::{Field, RunFilter};
use netsec::run::table::{self, Sort};
use std::collections::BTreeSet;

/// How it is looked at.
#[derive(Debug)]
pub struct Look {
    /// The filter as it is written, and as it is meant.
    pub text: String,
    pub filter: RunFilter,
    pub sort: Sort,
    pub group: Option<Field>,
    /// The groups whose runs are not shown.
    pub folded: BTreeSet<Option<String>>,
    /// The selected column.
    pub column: Field,
    /// The filter that is being typed.
    pub bar: Option<Bar>,
    /// A note, tags or a file's name that are being typed.
    pub prompt: Option<Prompt>,
    /// The list of columns, while they are chosen.
    pub choosing: Option<Cursor>,
    /// The trash, while it is looked at.
    pub bin: Option<Bin>,
    /// The last change of a note, of tags or of what is there. One is made at a time: none is lost unseen.
    pub edited: Pane<Edited>,
    /// What the last deletion has moved to the trash.
    pub deleted: Vec<String>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            text: String::new(),
            filter: RunFilter::default(),
            sort: Sort::default(),
            group: None,
            folded: BTreeSet::new(),
            column: Field::Started,
            bar: None,
            prompt: None,
            choosing: None,
            bin: None,
            edited: Pane::default(),
            deleted: Vec::new(),
        }
    }
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq)]
pub enum Line<'a> {
    /// The baseline, which stands on top whatever the filter says.
    Base(&'a RunRow),
    Heading(Heading),
    Run(&'a RunRow),
}

/// The line over a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    pub name: Option<String>,
    /// Its runs.
    pub ids: Vec<String>,
    /// The best test F1 among them.
    pub best: Option<f64>,
    pub folded: bool,
}

impl<'a> Line<'a> {
    pub fn run(&self) -> Option<&'a RunRow> {
        match self {
            Line::Base(run) | Line::Run(run) => Some(run),
            Line::Heading(_) => None,
        }
    }
}

impl RunsScreen {
    pub fn all(&self) -> &[RunRow] {
        self.rows.ready().map_or(&[], Vec::as_slice)
    }

    /// The runs that the filter means, in the table's order.
    pub fn shown(&self) -> Vec<&RunRow> {
        table::arrange(self.all(), &self.look.filter, &[self.look.sort])
    }

    /// The run that others are held against.
    pub fn base(&self) -> Option<&RunRow> {
        let id = self.baseline.as_ref()?;
        self.all().iter().find(|run| run.id == *id)
    }

    /// What stands in the table, line by line.
    pub fn lines(&self) -> Vec<Line<'_>> {
        let base = self.base();
        let mut lines: Vec<Line<'_>> = base.map(Line::Base).into_iter().collect();
        let rest = self.shown().into_iter().filter(|run| base.is_none_or(|base| base.id != run.id));
        let Some(by) = self.look.group else {
            lines.extend(rest.map(Line::Run));
            return lines;
        };
        for group in table::group(rest.collect(), by) {
            let folded = self.look.folded.contains(&group.name);
            let best = group.rows.iter().filter_map(|run| run.test).map(|test| test.0).reduce(f64::max);
            let ids = group.rows.iter().map(|run| run.id.clone()).collect();
            lines.push(Line::Heading(Heading { name: group.name, ids, best, folded }));
            lines.extend(group.rows.into_iter().filter(|_| !folded).map(Line::Run));
        }
        lines
    }

    /// What is selected in the table.
    pub fn line(&self) -> Option<Line<'_>> {
        self.lines().into_iter().nth(self.cursor.at)
    }

    /// Puts the cursor where the selected run is now. It stays where it is on the screen, unless the top of the table is
    /// shown: there, what is new comes into view.
    pub fn follow_selected(&mut self) {
        let lines = self.lines();
        let len = lines.len();
        let of = |line: &Line<'_>| line.run().is_some_and(|run| Some(&run.id) == self.selected.as_ref());
        if let Some(at) = lines.iter().position(of) {
            let top = self.cursor.top.get();
            if top > 0 {
                self.cursor.top.set((top + at).saturating_sub(self.cursor.at));
            }
            self.cursor.at = at;
        }
        self.cursor.step(0, len);
    }

    /// Remembers which run is selected.
    pub fn note_selected(&mut self) {
        self.selected = self.line().and_then(|line| line.run().map(|run| run.id.clone()));
    }

    /// Marks runs, or takes the marks away where all of them have one.
    pub fn toggle_marks(&mut self, ids: &[String]) {
        if ids.iter().all(|id| self.marked.contains(id)) {
            self.marked.retain(|id| !ids.contains(id));
        } else {
            let new: Vec<String> = ids.iter().filter(|id| !self.marked.contains(id)).cloned().collect();
            self.marked.extend(new);
        }
    }

    /// The runs that an action on the selected one is about: all marked ones where it is marked.
    pub fn meant(&self, id: &str) -> Vec<String> {
        if self.marked.iter().any(|marked| marked == id) { self.marked.clone() } else { vec![id.to_owned()] }
    }

    /// Marks and baseline of runs that are gone go too.
    pub fn forget_gone(&mut self) {
        let Some(rows) = self.rows.ready() else { return };
        let there: BTreeSet<&str> = rows.iter().map(|run| run.id.as_str()).collect();
        self.marked.retain(|id| there.contains(id.as_str()));
        self.baseline = self.baseline.take().filter(|id| there.contains(id.as_str()));
    }
}
