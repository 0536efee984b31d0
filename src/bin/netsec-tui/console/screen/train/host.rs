//! What the host and the worker are using, beside the run.

use super::Live;
use crate::console::app::App;
use crate::console::format::bytes;
use crate::console::theme::Theme;
use crate::console::widget::bar;
use netsec::host::{Figures, Memory};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// From this share on there is little left.
const SCARCE: f64 = 0.9;

fn percent(share: f64) -> String {
    format!("{:>3.0} %", share * 100.0)
}

fn share(memory: Memory) -> f64 {
    memory.used as f64 / memory.total.max(1) as f64
}

/// Memory that runs out is worth a colour; its number says it as well.
fn style(memory: Memory, theme: &Theme) -> Style {
    if share(memory) >= SCARCE { theme.warn() } else { theme.plain() }
}

/// In one row: ` cpu ■■■■■■■□  97 %  memory 12 %  worker 212 MB`; nothing before the first look.
pub fn row(app: &App, live: &Live) -> Vec<Span<'static>> {
    let (theme, Some(figures)) = (&app.theme, live.figures) else { return Vec::new() };
    let mut spans = Vec::new();
    if let Some(cpu) = figures.cpu {
        spans.push(Span::styled(" cpu ", theme.dim()));
        spans.push(Span::raw(format!("{} {}", bar(cpu, 6), percent(cpu))));
    }
    if let Some(memory) = figures.memory {
        spans.push(Span::styled("  memory", theme.dim()));
        spans.push(Span::styled(percent(share(memory)), style(memory, theme)));
    }
    if let Some(worker) = figures.process {
        spans.push(Span::styled("  worker ", theme.dim()));
        spans.push(Span::raw(bytes(worker.memory)));
    }
    spans
}

/// In three rows, for a pane of their own: processors, memory, the worker. A host without figures says so.
pub fn lines(app: &App, live: &Live) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let Some(Figures { cpu, memory, process }) = live.figures else {
        let text = if live.alive { " not looked at yet" } else { " no worker" };
        return vec![Line::styled(text, theme.dim())];
    };
    let label = |text: &str| Span::styled(format!(" {text:<7}"), theme.dim());
    let mut lines = Vec::new();
    if let Some(cpu) = cpu {
        lines.push(Line::from(vec![label("cpu"), Span::raw(format!("{} {}", bar(cpu, 12), percent(cpu)))]));
    }
    if let Some(memory) = memory {
        let text = format!("{} {}", bar(share(memory), 12), percent(share(memory)));
        let of = format!("  {} of {}", bytes(memory.used), bytes(memory.total));
        lines.push(Line::from(vec![
            label("memory"),
            Span::styled(text, style(memory, theme)),
            Span::styled(of, theme.dim()),
        ]));
    }
    lines.push(match process {
        Some(worker) => {
            let cpu = worker.cpu.map_or_else(String::new, |cpu| format!("  {} of the cpu", percent(cpu).trim()));
            let memory = Span::raw(bytes(worker.memory));
            Line::from(vec![label("worker"), memory, Span::styled(cpu, theme.dim())])
        }
        None => Line::from(vec![label("worker"), Span::styled("on another host, or not found", theme.dim())]),
    });
    lines
}
