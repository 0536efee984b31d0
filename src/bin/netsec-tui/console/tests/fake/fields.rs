//! Made-up rows, read and judged as real ones are.

use super::schema;
use crate::console::msg::data::{Fields, Sampled};
use netsec::profile::Profiler;
use netsec::schema::Schema;
use netsec::source::{Cells, Row, Rows};
use netsec::typed::Typed;
use netsec::validation::{Quality, judge};
use std::path::PathBuf;

fn told(schema: Schema, names: &[String], rows: &[Row], unknown: &[&str]) -> Fields {
    let mut profiler = Profiler::new(&schema);
    profiler.add(&Typed::of_rows(&schema, names, rows));
    let mut profile = profiler.finish();
    profile.summary.unknown = unknown.iter().map(|name| (*name).to_owned()).collect();
    let validation = judge(&schema, &profile.summary, &Quality::load(None).unwrap().checks);
    Fields::new(schema, &profile, validation)
}

/// Sample rows; `spoil` gets each of them with its number.
fn sample(absent: Option<usize>, unknown: &[&str], spoil: impl Fn(usize, &mut Vec<String>)) -> Fields {
    let mut rows = netsec::sample::rows(2_000, 1, &[]).unwrap();
    let mut names = rows.columns().to_vec();
    absent.iter().for_each(|at| names[*at].push_str("_renamed"));
    let mut chunk = rows.next_chunk(2_000).unwrap();
    for (i, row) in chunk.iter_mut().enumerate() {
        let Ok(Cells::Positional(cells)) = &mut row.cells else { panic!() };
        spoil(i, cells);
    }
    told(schema(), &names, &chunk, unknown)
}

/// Rows with a little of everything that is worth a look, and hostile text in it.
pub fn warned() -> Fields {
    sample(None, &["note", "\u{1b}[2J\u{202e}"], |i, cells| {
        match i % 400 {
            7 => cells[1] = "7".to_owned(),
            9 => cells[1] = "\u{1b}[31mred\u{202e}".to_owned(),
            11 => (cells[0], cells[1]) = ("2".to_owned(), "x".to_owned()),
            _ => {}
        }
        if i % 4 == 0 {
            cells[13] = String::new();
        }
        if i % 50 == 3 {
            cells[30] = String::new();
        }
        cells[9] = "1".to_owned();
    })
}

/// Rows that are not fit to be trained on.
pub fn failed() -> Fields {
    sample(Some(5), &["Prefix_Suffix_renamed"], |i, cells| {
        if i % 7 == 0 {
            cells[6] = "several".to_owned();
        }
        cells[4] = String::new();
        cells[30] = if i % 3 == 0 { "1" } else { "" }.to_owned();
    })
}

/// Rows with numbers in them, all or a sample of more.
pub fn numbers(sampled: Option<u64>) -> Fields {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let schema = Schema::read(&fixtures.join("flows.yaml")).unwrap();
    let mut rows = Rows::open(&fixtures.join("flows.csv"), None).unwrap();
    let names = rows.columns().to_vec();
    let sampled = sampled.map(|rows| Sampled { rows, is_random: true });
    Fields { sampled, ..told(schema, &names, &rows.next_chunk(1_000).unwrap(), &[]) }
}

/// Rows as a server counts them.
pub fn counted() -> Fields {
    Fields { validation: None, ..warned() }
}

/// Many rows with numbers in them, as a server counts them; some of them were drawn.
pub fn drawn(is_random: bool) -> Fields {
    let sampled = Some(Sampled { rows: 100_000, is_random });
    Fields { rows: 1_200_000, sampled, validation: None, ..numbers(None) }
}

/// Rows of which the schema knows nothing.
pub fn unfit() -> Fields {
    let mut rows = netsec::sample::rows(20, 1, &[]).unwrap();
    let chunk = rows.next_chunk(20).unwrap();
    let names: Vec<String> = (0..31).map(|i| format!("c{i}")).collect();
    let unknown: Vec<&str> = names.iter().map(String::as_str).collect();
    told(schema(), &names, &chunk, &unknown)
}

/// No row at all.
pub fn empty() -> Fields {
    told(schema(), &[], &[], &[])
}
