//! How a comparison is drawn: the verdict first, then a pane at a time; all panes at once where there is room.
//!
//! ```text
//! ── 7f3a21 against 5be0c4 ──────────── same data, same hold-out: 1,139 vectors ──
//!  = Not distinguishable: F1 +.004 (-.006 to +.014), recall +.006 (-.007 to +.019)
//! ── ▸what differs · scores · errors · curves · trials · importance ──────────────
//! ```

use super::legend::tag;
use super::{Compare, Part, curves, differs, errors, export, importance, trials};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{short_id, signed};
use crate::console::screen::runs::report::shows_all;
use crate::console::widget::table::mark;
use crate::console::widget::{below, put, rule, split_left, split_top, unready, width, wrap};
use netsec::compare::{Comparison, Several, Verdict};
use netsec::metrics::PairedDifference;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, compare: &Compare, buffer: &mut Buffer, area: Rect) {
    let again = compare.found.ready().is_some() && compare.found.job.is_some();
    let right = match compare.shown() {
        _ if again => "comparing again".to_owned(),
        Some(pair) => pair.basis(),
        None => String::new(),
    };
    let body = rule(buffer, area, &title(compare), &right, true, &app.theme);
    let n = compare.entrants.len();
    let what = format!("scoring {n} models on the vectors that none was trained on");
    if unready(buffer, body, &compare.found.load, &what, (app.now, app.spin), &app.theme) {
        if compare.found.is_loading() {
            let line = Line::from(vec![
                Span::styled("   x", app.theme.key()),
                Span::styled(" stops it  ", app.theme.dim()),
                Span::styled("esc", app.theme.key()),
                Span::styled(" goes back", app.theme.dim()),
            ]);
            put(buffer, body, 1, &line);
        }
    } else if let (Some(all), Some(pair)) = (compare.found.ready(), compare.shown()) {
        let rest = verdicts(app, compare, all, pair, buffer, body);
        if shows_all(app) {
            draw_all(app, compare, all, pair, buffer, rest);
        } else {
            put(buffer, rest, 0, &tabs(app, compare.part, rest.width));
            draw_part(app, compare, (all, pair), compare.part, buffer, below(rest, 1));
        }
    }
    if let Some(prompt) = &compare.prompt {
        export::draw(app, prompt, buffer, area);
    }
}

/// What is held against what.
fn title(compare: &Compare) -> String {
    if let (Some(all), Some(pair)) = (compare.found.ready(), compare.shown()) {
        let [base, new] = pair.names();
        return match all.pairs.len() {
            1 => format!("{new} against {base}"),
            n => format!("{n} against {}", all.names()[0]),
        };
    }
    let name = |(id, family): &(String, Option<netsec::event::Family>)| {
        let family = family.map_or_else(String::new, |f| format!(" {}", f.code()));
        format!("{}{family}", short_id(id))
    };
    let names: Vec<String> = compare.entrants.iter().map(name).collect();
    match names.split_first() {
        Some((base, others)) => format!("{} against {base}", others.join(", ")),
        None => "compare".to_owned(),
    }
}

/// The glyph, the word and the colour of a verdict.
fn told(app: &App, verdict: Verdict) -> (&'static str, &'static str, Style) {
    match verdict {
        Verdict::Better => ("▲", "better", app.theme.good()),
        Verdict::Worse => ("▼", "worse", app.theme.bad()),
        Verdict::NotDistinguishable => ("=", "not distinguishable", app.theme.bold()),
    }
}

fn difference(what: &str, of: &PairedDifference) -> String {
    format!("{what} {} ({} to {})", signed(of.value), signed(of.interval[0]), signed(of.interval[1]))
}

/// The answer: a line for each of the others, what the shown one means, what to know. Returns the rest of the area.
fn verdicts(app: &App, compare: &Compare, all: &Several, pair: &Comparison, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let wide = usize::from(area.width.saturating_sub(2)).max(10);
    let mut row = 0;
    if all.pairs.len() == 1 {
        let (glyph, _, style) = told(app, pair.verdict);
        // The longest headline fits a line of 80 cells as it is.
        for (i, part) in wrap(&clean(&pair.headline), wide).into_iter().enumerate() {
            let lead = if i == 0 { glyph } else { " " };
            put(buffer, area, row, &Line::styled(format!("{lead} {part}"), style));
            row += 1;
        }
    } else {
        // The shown one stays in view.
        let room = usize::from(area.height / 3).max(1);
        let top = (compare.pair + 1).saturating_sub(room);
        for (nth, other) in all.pairs.iter().enumerate().skip(top).take(room) {
            put(buffer, area, row, &verdict_line(app, compare, all, nth, other, area.width));
            row += 1;
        }
    }
    // Where there is room for one pane, the other panes have the room of these words.
    if !shows_all(app) && compare.part != Part::Differs {
        return below(area, row);
    }
    let most = (area.height / 2).max(row + 2);
    let mut say = |text: &str, lead: &str, style: Style| {
        for (i, part) in wrap(text, wide.saturating_sub(width(lead)).max(8)).into_iter().enumerate() {
            if row < most {
                let lead = if i == 0 { lead.to_owned() } else { " ".repeat(width(lead)) };
                put(buffer, area, row, &Line::styled(format!(" {lead}{part}"), style));
                row += 1;
            }
        }
    };
    say(&clean(&pair.sentence), "", theme.plain());
    pair.notes.iter().chain(&all.notes).for_each(|note| say(&clean(note), "· ", theme.dim()));
    below(area, row)
}

fn verdict_line(
    app: &App,
    compare: &Compare,
    all: &Several,
    nth: usize,
    pair: &Comparison,
    wide: u16,
) -> Line<'static> {
    let (glyph, word, style) = told(app, pair.verdict);
    let family = all.models.get(nth + 1).map_or("", |m| m.family.code());
    let mut spans = vec![
        mark(nth == compare.pair, true, &app.theme),
        tag(app, nth + 1),
        Span::raw(format!(" {} {family}  ", short_id(&pair.new.run))),
        Span::styled(format!("{glyph} {word:<20}"), style),
    ];
    if pair.holdout.vectors == 0 {
        spans.push(Span::styled("no vector that neither was trained on", app.theme.warn()));
        return Line::from(spans);
    }
    spans.push(Span::raw(difference("F1", &pair.f1)));
    if wide >= 110 {
        spans.push(Span::styled(format!("   {}", difference("recall", &pair.recall)), app.theme.dim()));
    }
    Line::from(spans)
}

/// The names of the panes as a rule; the one that is shown is marked.
fn tabs(app: &App, part: Part, wide: u16) -> Line<'static> {
    let theme = &app.theme;
    let mut spans = vec![Span::styled("── ", theme.dim())];
    let mut used = 3;
    for (i, other) in Part::ALL.into_iter().enumerate() {
        let here = other == part;
        let lead = if i == 0 { "" } else { " · " };
        let name = format!("{}{}", if here { "▸" } else { "" }, other.name());
        used += width(lead) + width(&name);
        spans.push(Span::styled(lead, theme.dim()));
        spans.push(Span::styled(name, theme.title(here)));
    }
    spans.push(Span::styled(format!(" {}", "─".repeat(usize::from(wide).saturating_sub(used + 1))), theme.dim()));
    Line::from(spans)
}

fn draw_part(
    app: &App,
    compare: &Compare,
    (all, pair): (&Several, &Comparison),
    part: Part,
    buffer: &mut Buffer,
    area: Rect,
) {
    match part {
        Part::Differs => differs::draw(app, compare, pair, buffer, area),
        Part::Scores => differs::draw_scores(app, all, pair, buffer, area),
        Part::Errors => errors::draw(app, all, pair, buffer, area),
        Part::Curves => curves::draw(app, compare, all, buffer, area),
        Part::Trials => trials::draw(app, compare, all, buffer, area),
        Part::Importance => importance::draw(app, compare, all, buffer, area),
    }
}

/// Every pane beside the others.
fn draw_all(app: &App, compare: &Compare, all: &Several, pair: &Comparison, buffer: &mut Buffer, area: Rect) {
    let (left, right) = split_left(buffer, area, area.width / 2, &app.theme);
    let mut titled = |part: Part, right: &str, area: Rect| {
        let focused = part == compare.part;
        let name = if focused { format!("▸{}", part.name()) } else { part.name().to_owned() };
        let body = rule(buffer, area, &name, right, focused, &app.theme);
        draw_part(app, compare, (all, pair), part, buffer, body);
    };
    let [base, new] = pair.names();
    let scores = differs::SCORES + 2;
    let matrices = errors::rows(all, left.width) + 1;
    let (differing, rest) = split_top(left, left.height.saturating_sub(scores + matrices));
    titled(Part::Differs, &format!("{base} → {new}"), differing);
    let (place, rest) = split_top(rest, scores);
    titled(Part::Scores, &format!("of {}", clean(&all.positive)), place);
    titled(Part::Errors, "", rest);
    let third = right.height / 3;
    let (place, rest) = split_top(right, right.height - 2 * third);
    titled(Part::Curves, "", place);
    let (place, rest) = split_top(rest, third);
    titled(Part::Trials, "", place);
    titled(Part::Importance, "hold-out F1 lost when shuffled", rest);
}
