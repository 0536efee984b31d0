//! Generated rows as a file of codes, for measurements on more rows than anyone has collected.

use crate::split::values;
use netsec::error::IoContext;
use netsec::schema::{BUILT_IN, Column, MISSING, Schema, Value as Cell};
use netsec::source::{Cells, Row};
use netsec::{Error, Result, sample};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Rows read at a time. The most frequent value of each feature among the first of them stands for missing ones.
const CHUNK: usize = 20_000;

/// Rows on disk: a byte per feature, row by row, and a byte per label.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Generated {
    /// The codes.
    pub codes: PathBuf,
    /// The labels: 1 is positive.
    pub labels: PathBuf,
    /// The number behind each code of each feature.
    pub values: Vec<Vec<f64>>,
}

impl Generated {
    /// Writes rows of `netsec sample`. Fewer rows are a prefix of more.
    ///
    /// # Errors
    /// When the disk refuses them.
    pub fn write(scratch: &Path, count: usize) -> Result<Self> {
        let schema = Schema::parse(BUILT_IN, "built-in schema.yaml")?;
        let (codes, labels) = (scratch.join("generated.codes"), scratch.join("generated.labels"));
        let mut code_file = BufWriter::new(File::create(&codes).at("writing", &codes)?);
        let mut label_file = BufWriter::new(File::create(&labels).at("writing", &labels)?);
        let mut rows = sample::rows(count as u64, crate::SEED, &[])?;
        let mut fill = Vec::new();
        loop {
            let chunk = rows.next_chunk(CHUNK)?;
            if chunk.is_empty() {
                break;
            }
            let mut block = chunk.par_iter().map(|row| encode(&schema, row)).collect::<Result<Vec<_>>>()?;
            if fill.is_empty() {
                fill = (0..schema.features.len()).map(|f| mode(&block, f)).collect();
            }
            for row in &mut block {
                for (code, fill) in row.iter_mut().zip(&fill).filter(|(code, _)| **code == MISSING) {
                    *code = *fill;
                }
                let (label, features) = row.split_last().ok_or_else(|| Error::internal("a row without columns"))?;
                code_file.write_all(features).at("writing", &codes)?;
                label_file.write_all(&[*label]).at("writing", &labels)?;
            }
        }
        code_file.flush().at("writing", &codes)?;
        label_file.flush().at("writing", &labels)?;
        Ok(Self { codes, labels, values: values(&schema)? })
    }

    /// Number of codes of each feature.
    pub fn levels(&self) -> Vec<u16> {
        self.values.iter().map(|values| values.len() as u16).collect()
    }
}

/// The codes of a row, its label last.
fn encode(schema: &Schema, row: &Row) -> Result<Vec<u8>> {
    let odd = |reason: &str| Error::internal(format!("generated row {}: {reason}", row.line));
    let Ok(Cells::Positional(cells)) = &row.cells else { return Err(odd("it has no cells")) };
    let code = |(column, text): (&Column, &String)| match schema.parse_cell(column, text) {
        Ok(Cell::Level(code)) => Ok(code),
        Ok(Cell::Missing) => Ok(MISSING),
        Ok(Cell::Number(_)) => Err(odd("a number without levels")),
        Err(reason) => Err(odd(&reason)),
    };
    schema.columns().zip(cells).map(code).collect()
}

/// The most frequent code of a feature.
fn mode(rows: &[Vec<u8>], feature: usize) -> u8 {
    let mut counts = [0usize; MISSING as usize];
    for row in rows.iter().filter(|row| row[feature] != MISSING) {
        counts[row[feature] as usize] += 1;
    }
    (0..MISSING).max_by_key(|code| counts[*code as usize]).unwrap_or(0)
}
