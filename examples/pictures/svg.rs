//! A screen as an SVG picture. Lines, bars and Braille are drawn as shapes: no font is asked whether it has them.

use std::collections::BTreeMap;
use std::fmt::Write;
use vt100::{Cell, Color, Screen};

/// A cell's width and height, and the size of letters that are that wide.
const CELL: (f32, f32) = (9.0, 20.0);
const FONT: f32 = 15.0;
/// Where letters stand in a cell, from its top.
const BASE: f32 = 15.0;
/// Room around the screen.
const MARGIN: f32 = 12.0;
const BACKGROUND: &str = "#10141c";
const FOREGROUND: &str = "#d4d8de";

/// What is drawn in one colour.
#[derive(Default)]
struct Shapes {
    /// Filled.
    bars: String,
    /// Drawn as lines.
    lines: String,
    /// Drawn as dots.
    dots: String,
}

/// Draws a screen.
pub fn draw(screen: &Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (f32::from(columns) * CELL.0 + 2.0 * MARGIN, f32::from(rows) * CELL.1 + 2.0 * MARGIN);
    let mut grounds = String::new();
    let mut text = String::new();
    let mut shapes: BTreeMap<String, Shapes> = BTreeMap::new();
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let run = run(screen, row, column, columns);
            let Some(first) = screen.cell(row, column) else { break };
            let (ink, ground) = colours(first);
            let (x, y) = (MARGIN + f32::from(column) * CELL.0, MARGIN + f32::from(row) * CELL.1);
            let wide = f32::from(run.cells) * CELL.0;
            if ground != BACKGROUND {
                let _ = write!(grounds, "<rect x='{x}' y='{y}' width='{wide}' height='{}' fill='{ground}'/>", CELL.1);
            }
            let shape = shapes.entry(ink.clone()).or_default();
            let drawn = run.text.chars().next().filter(|_| run.cells == 1).is_some_and(|c| shape.add(c, x, y));
            if !drawn && !run.text.trim().is_empty() {
                letters(&mut text, &run, (x, y + BASE), first, &ink);
            }
            column += run.cells;
        }
    }
    let mut out = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' role='img'><title>{}</title>\
         <rect width='100%' height='100%' rx='8' fill='{BACKGROUND}'/><g shape-rendering='crispEdges'>{grounds}</g>",
        escaped(title)
    );
    for (ink, shape) in &shapes {
        for (data, how) in [
            (&shape.bars, format!("fill='{ink}'")),
            (&shape.lines, format!("fill='none' stroke='{ink}' stroke-width='1.2'")),
            (&shape.dots, format!("fill='none' stroke='{ink}' stroke-width='2.4' stroke-linecap='round'")),
        ] {
            if !data.is_empty() {
                let _ = write!(out, "<path d='{data}' {how}/>");
            }
        }
    }
    let _ = writeln!(
        out,
        "<g font-family='ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace' font-size='{FONT}' \
         fill='{FOREGROUND}' xml:space='preserve'>{text}</g></svg>"
    );
    out
}

/// Neighbouring cells of one look.
struct Run {
    text: String,
    cells: u16,
}

/// As many cells from here on as look the same. A sign outside ASCII stands alone, so that it is where it belongs
/// whatever the font makes of it.
fn run(screen: &Screen, row: u16, column: u16, columns: u16) -> Run {
    let mut run = Run { text: String::new(), cells: 0 };
    let Some(first) = screen.cell(row, column) else { return run };
    for at in column..columns {
        let Some(cell) = screen.cell(row, at) else { break };
        let content = if cell.has_contents() { cell.contents() } else { " " };
        if at > column && (look(cell) != look(first) || !content.is_ascii()) {
            break;
        }
        run.text.push_str(content);
        run.cells += 1;
        if !content.is_ascii() {
            run.cells += u16::from(cell.is_wide());
            break;
        }
    }
    run
}

fn look(cell: &Cell) -> (Color, Color, [bool; 5]) {
    (cell.fgcolor(), cell.bgcolor(), [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()])
}

/// The colours of the letters and of the ground.
fn colours(cell: &Cell) -> (String, String) {
    let (ink, ground) = (colour(cell.fgcolor(), FOREGROUND), colour(cell.bgcolor(), BACKGROUND));
    if cell.inverse() { (ground, ink) } else { (ink, ground) }
}

fn colour(colour: Color, default: &str) -> String {
    /// The sixteen of xterm.
    const NAMED: [u32; 16] = [
        0x000000, 0xcd3131, 0x0dbc79, 0xe5e510, 0x2472c8, 0xbc3fbc, 0x11a8cd, 0xe5e5e5, 0x666666, 0xf14c4c, 0x23d18b,
        0xf5f543, 0x3b8eea, 0xd670d6, 0x29b8db, 0xffffff,
    ];
    match colour {
        Color::Default => default.to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Idx(index @ 0..16) => format!("#{:06x}", NAMED[usize::from(index)]),
        Color::Idx(index @ 16..232) => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let index = index - 16;
            format!("#{:02x}{:02x}{:02x}", level(index / 36), level(index / 6 % 6), level(index % 6))
        }
        Color::Idx(index) => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

fn letters(out: &mut String, run: &Run, (x, y): (f32, f32), cell: &Cell, ink: &str) {
    let mut look = String::new();
    for (on, attribute) in [
        (ink != FOREGROUND, format!(" fill='{ink}'")),
        (cell.bold(), " font-weight='bold'".to_owned()),
        (cell.italic(), " font-style='italic'".to_owned()),
        (cell.underline(), " text-decoration='underline'".to_owned()),
        (cell.dim(), " opacity='.6'".to_owned()),
    ] {
        if on {
            look += &attribute;
        }
    }
    // Words that stand apart are placed one by one: columns stay columns also where the length of a text is ignored.
    let mut at = 0;
    for words in run.text.split("  ") {
        let text = words.trim();
        if !text.is_empty() {
            let blanks = words.len() - words.trim_start().len();
            let _ = write!(out, "<text x='{}' y='{y}'{look}", x + (at + blanks) as f32 * CELL.0);
            if text.is_ascii() && text.len() > 1 {
                let _ = write!(out, " textLength='{}'", text.len() as f32 * CELL.0);
            }
            let _ = write!(out, ">{}</text>", escaped(text));
        }
        at += words.len() + 2;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Shapes {
    /// Draws a sign in the cell at this place; false when it is a letter.
    fn add(&mut self, sign: char, x: f32, y: f32) -> bool {
        let (wide, high) = CELL;
        let eighth = |from: char| (sign as u32 - from as u32 + 1) as f32 / 8.0;
        match sign {
            '▁'..='█' => self.bar(x, y + high * (1.0 - eighth('▁')), wide, high * eighth('▁')),
            // From seven eighths down to one.
            '▉'..='▏' => self.bar(x, y, wide * (1.0 - eighth('▉')), high),
            '▐' => self.bar(x + wide / 2.0, y, wide / 2.0, high),
            '▀' => self.bar(x, y, wide, high / 2.0),
            '\u{2800}'..='\u{28ff}' => self.braille(sign as u32 - 0x2800, x, y),
            _ => return self.line(sign, x, y),
        }
        true
    }

    fn bar(&mut self, x: f32, y: f32, wide: f32, high: f32) {
        let _ = write!(self.bars, "M{x} {y}h{wide}v{high}h-{wide}z");
    }

    /// Dots 1 to 3 and 7 stand in the left column, 4 to 6 and 8 in the right one.
    fn braille(&mut self, dots: u32, x: f32, y: f32) {
        const PLACES: [(u8, u8); 8] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];
        for (_, (column, row)) in (0u32..).zip(PLACES).filter(|(i, _)| dots & (1 << i) != 0) {
            let place = |cells: f32, n: u8, of: f32| (cells * (f32::from(n) + 0.5) / of * 100.0).round() / 100.0;
            let _ = write!(self.dots, "M{} {}h0", x + place(CELL.0, column, 2.0), y + place(CELL.1, row, 4.0));
        }
    }

    /// Arms of a line from the middle of the cell: left, right, up, down.
    fn line(&mut self, sign: char, x: f32, y: f32) -> bool {
        let [left, right, up, down] = match sign {
            '─' => [true, true, false, false],
            '│' => [false, false, true, true],
            '┌' => [false, true, false, true],
            '┐' => [true, false, false, true],
            '└' => [false, true, true, false],
            '┘' => [true, false, true, false],
            '├' => [false, true, true, true],
            '┤' => [true, false, true, true],
            '┬' => [true, true, false, true],
            '┴' => [true, true, true, false],
            '┼' => [true; 4],
            _ => return false,
        };
        let (half, middle) = (CELL.0 / 2.0, CELL.1 / 2.0);
        let (from, to) = (if left { x } else { x + half }, if right { x + CELL.0 } else { x + half });
        let (above, below) = (if up { y } else { y + middle }, if down { y + CELL.1 } else { y + middle });
        if from < to {
            let _ = write!(self.lines, "M{from} {}h{}", y + middle, to - from);
        }
        if above < below {
            let _ = write!(self.lines, "M{} {above}v{}", x + half, below - above);
        }
        true
    }
}
