//! The command line of looking at documents and writing them to files.

use clap::Args;
use netsec::export::Format;
use std::path::PathBuf;

/// Which documents.
#[derive(Debug, Args)]
pub struct Which {
    /// The collection, or DATABASE/COLLECTION [default: the default collection]
    #[arg(value_name = "COLLECTION")]
    pub collection: Option<String>,
    /// Only those that match: 'Result=-1 URL_Length>=0', or MongoDB's form, '{"Result": -1}'
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Sort by these fields, separated by commas, the largest first behind a -; else the oldest come first
    #[arg(long, value_name = "FIELD,-FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Only these fields, separated by commas; a path such as _netsec.source leads into a document
    #[arg(long, value_name = "FIELD,FIELD", value_delimiter = ',')]
    pub columns: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Comparisons are joined by spaces: = != < <= > >=, ~ for text that contains, !~ for text that does not. Values are
numbers, true, false, null, words, days (2026-11-01), or \"text in quotes\".

Examples:
  netsec-tui find --filter 'Result=-1 URL_Length>=0' --limit 5
  netsec-tui find NetworkData --filter '_netsec.pushed_at>=2026-11-01' --sort -_netsec.pushed_at --json
  netsec-tui find --filter '{\"$or\": [{\"Result\": 1}, {\"URL_Length\": {\"$in\": [0, 1]}}]}' --count
  netsec-tui find --filter Result=-1 --sort -URL_Length --explain     which index of the server serves this")]
pub struct Find {
    #[command(flatten)]
    pub which: Which,
    /// How many documents at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// How many there are, instead of the documents
    #[arg(long, conflicts_with_all = ["sort", "columns", "limit"])]
    pub count: bool,
    /// How the server would find them and by which index, instead of the documents
    #[arg(long, conflicts_with_all = ["count", "columns"])]
    pub explain: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The file is there whole or not at all. Without --columns, CSV and Parquet have all fields of all documents; what netsec
adds stands in columns of its own, and push leaves it out again. JSON lines hold the documents as they are.

Examples:
  netsec-tui export --out rows.parquet
  netsec-tui export NetworkData --filter 'Result=-1' --sort -URL_Length --columns URL_Length,Result --out phishing.csv
  netsec-tui export --format jsonl --out - | gzip > rows.jsonl.gz")]
pub struct Export {
    #[command(flatten)]
    pub which: Which,
    /// csv, jsonl or parquet [default: by the file's ending]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The file; - is standard output, for CSV and JSON lines
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Write over a file that is there already
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
SOURCE and TARGET are [STORE:][DATABASE/]COLLECTION; STORE is embedded, a connection of the settings, or MONGODB_URI, and
where none is named the store of the command. Documents keep their _id: what is there already stays, and a copy that was
cut is completed by repeating it. At the end the target is read, and every document compared by its content.

Examples:
  netsec-tui copy embedded:NetworkData production:phishing/NetworkData
  netsec-tui copy production:NetworkData embedded:NetworkData --json")]
pub struct Copy {
    /// The collection
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// Where it is copied to
    #[arg(value_name = "TARGET")]
    pub target: String,
}
