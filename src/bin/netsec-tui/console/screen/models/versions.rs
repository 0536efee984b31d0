//! The versions: those that are complete, newest first, and those that were begun.

use super::ledger::time;
use super::{Focus, ModelsScreen};
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{interval, plural, score, short_id};
use crate::console::widget::table::{Column, Table, choose};
use crate::console::widget::{put, rule, width};
use netsec::registry::{Made, Version};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// A row of the list.
pub enum Row<'a> {
    Complete(&'a Version),
    Unfinished(u32, &'a Made),
}

impl Row<'_> {
    pub fn n(&self) -> u32 {
        match self {
            Row::Complete(version) => version.n,
            Row::Unfinished(n, _) => *n,
        }
    }
}

pub fn rows(models: &ModelsScreen) -> Vec<Row<'_>> {
    let Some(overview) = models.overview.ready() else { return Vec::new() };
    let complete = overview.versions.iter().map(Row::Complete);
    complete.chain(overview.unfinished.iter().map(|(n, made)| Row::Unfinished(*n, made))).collect()
}

/// What is said of a version in a word or two: its aliases, or that it is retired.
pub fn standing(version: &Version) -> String {
    let mut parts: Vec<String> = version.aliases.iter().map(|alias| clean_short(alias, 20)).collect();
    if version.retired.is_some() {
        parts.push("retired".to_owned());
    }
    parts.join(", ")
}

/// The selected row as text with tabs between.
pub fn text(app: &App) -> Option<String> {
    let all = rows(&app.models);
    let cells = match all.get(app.models.versions.at)? {
        Row::Unfinished(n, made) => vec![format!("v{n}"), "unfinished".to_owned(), who(made), made.at.clone()],
        Row::Complete(version) => match &version.manifest {
            Err(why) => vec![format!("v{}", version.n), why.clone(), standing(version)],
            Ok(manifest) => vec![
                format!("v{}", version.n),
                manifest.family.name().to_owned(),
                manifest.run.clone(),
                score(manifest.scores.test.f1),
                interval(manifest.scores.test.f1_ci),
                score(manifest.scores.test.recall),
                standing(version),
                manifest.registered.at.clone(),
                who(&manifest.registered),
                manifest.digest.clone(),
            ],
        },
    };
    Some(cells.iter().map(|cell| clean(cell)).collect::<Vec<_>>().join("\t"))
}

pub fn who(made: &Made) -> String {
    clean_short(&format!("{}@{}", made.user, made.host), 40)
}

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let (theme, models) = (&app.theme, &app.models);
    let all = rows(models);
    let focused = models.focus == Focus::Versions && models.open.is_none();
    let complete = all.iter().filter(|row| matches!(row, Row::Complete(_))).count();
    let begun = all.len() - complete;
    let right = if begun > 0 { format!("{begun} unfinished") } else { String::new() };
    let body = rule(buffer, area, &plural(complete as u64, "version"), &right, focused, theme);
    if all.is_empty() {
        put(buffer, body, 0, &Line::raw(" none yet: P on a finished run registers it and promotes it"));
        return;
    }
    let standings = all.iter().map(|row| match row {
        Row::Complete(version) => width(&standing(version)),
        Row::Unfinished(..) => width("unfinished"),
    });
    let by = all.iter().map(|row| match row {
        Row::Complete(version) => version.manifest.as_ref().map_or(0, |manifest| width(&who(&manifest.registered))),
        Row::Unfinished(_, made) => width(&who(made)),
    });
    let columns = [
        Column::left("", 5, 0),
        Column::left("model", 5, 1),
        Column::left("run", 6, 4),
        Column::left("F1", 16, 2),
        Column::right("recall", 6, 5),
        Column::left("in use as", standings.max().unwrap_or(0).clamp(9, 24) as u16, 3),
        Column::left("registered", 16, 6),
        Column::left("by", by.max().unwrap_or(0).clamp(2, 24) as u16, 7),
        Column::left("collection", 16, 9),
        Column::right("threshold", 9, 8),
    ];
    let table = Table { columns: &columns, rows: all.len(), cursor: &models.versions, focused, marked: None };
    table.draw(buffer, body, theme, |row, column| match &all[row] {
        Row::Unfinished(n, made) => {
            let text = match column {
                0 => format!("v{n}"),
                5 => "unfinished".to_owned(),
                6 => time(&made.at),
                7 => who(made),
                _ => String::new(),
            };
            (text, theme.dim())
        }
        Row::Complete(version) => cell(app, version, column),
    });
    // Why a manifest cannot be read takes the room of what it would tell.
    let rows = crate::console::widget::below(body, 1);
    let first = choose(&columns, body.width).first().map_or(0, |i| columns[*i].width + 3);
    for (line, row) in all.iter().enumerate().skip(models.versions.top.get()).take(usize::from(rows.height)) {
        if let Row::Complete(version) = row
            && let Err(why) = &version.manifest
        {
            let x = first.min(rows.width);
            let place = Rect { x: rows.x + x, width: rows.width - x, ..rows };
            let standing = match standing(version) {
                text if text.is_empty() => text,
                text => format!("{text}: "),
            };
            let told = Line::styled(format!("✗ {standing}{}", clean(why)), theme.bad());
            put(buffer, place, (line - models.versions.top.get()) as u16, &told);
        }
    }
}

fn cell(app: &App, version: &Version, column: usize) -> (String, ratatui::style::Style) {
    let theme = &app.theme;
    let holds = !version.aliases.is_empty();
    let plain = if version.retired.is_some() { theme.dim() } else { theme.plain() };
    let Ok(manifest) = &version.manifest else {
        return if column == 0 { (format!("v{}", version.n), theme.plain()) } else { (String::new(), plain) };
    };
    let test = &manifest.scores.test;
    match column {
        0 => (format!("v{}", version.n), if holds { theme.bold() } else { plain }),
        1 => (format!("{} {}", manifest.family.code(), theme.marker(manifest.family)), theme.family(manifest.family)),
        2 => (short_id(&manifest.run), theme.dim()),
        3 => (format!("{} {}", score(test.f1), interval(test.f1_ci)), plain),
        4 => (score(test.recall), plain),
        5 => (standing(version), if holds { theme.good() } else { theme.dim() }),
        6 => (time(&manifest.registered.at), theme.dim()),
        7 => (who(&manifest.registered), theme.dim()),
        8 => (clean_short(&manifest.data.collection, 40), theme.dim()),
        _ => (crate::console::format::threshold(manifest.threshold), theme.dim()),
    }
}
