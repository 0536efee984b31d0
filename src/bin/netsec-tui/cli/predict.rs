//! What the commands about models in use take: thresholds, verdicts, reasons, and what was predicted.

use clap::Args;
use netsec::event::Family;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Without a choice it shows the present threshold. It is chosen on the cross-validation folds; what it gives on the
hold-out is shown beside it. The threshold is stored with the model: predict and the console use it from then on.

Examples:
  netsec-tui threshold 7f3a21                            show the winner's
  netsec-tui threshold 7f3a21 --recall 0.95              find 95 % of the positive rows
  netsec-tui threshold 7f3a21 --family svm --default     back to 0.5")]
pub struct Threshold {
    /// The run's id, or the beginning of it
    pub run: String,
    /// The model of this family instead of the winner's
    #[arg(long, value_name = "FAMILY")]
    pub family: Option<Family>,
    #[command(flatten)]
    pub choice: ThresholdChoice,
}

/// What is asked of a threshold.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct ThresholdChoice {
    /// At least this recall, with as much precision as it allows
    #[arg(long, value_name = "R")]
    pub recall: Option<f64>,
    /// At least this precision, with as much recall as it allows
    #[arg(long, value_name = "P")]
    pub precision: Option<f64>,
    /// This probability
    #[arg(long, value_name = "T")]
    pub at: Option<f64>,
    /// Back to 0.5
    #[arg(long)]
    pub default: bool,
}

impl ThresholdChoice {
    /// Whether anything is chosen: otherwise it is only shown.
    pub fn is_any(&self) -> bool {
        self.recall.is_some() || self.precision.is_some() || self.at.is_some() || self.default
    }
}

/// Which model is asked.
#[derive(Debug, Args)]
pub struct Model {
    /// The version of the registry that is asked: an alias (production), v3, or either as NAME@v3 [default: production;
    /// before the first promotion the newest finished run]
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["run", "family"])]
    pub model: Option<String>,
    /// The run whose model is asked instead
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// The run's model of this family instead of the winner
    #[arg(long, value_name = "FAMILY")]
    pub family: Option<Family>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
From a URL those features are computed that its text tells, by the rules published with the UCI phishing data; nothing is
looked up. All others (the certificate, the page, WHOIS, ...) are filled in as any missing value is, and marked.

With --to each row has a document in that collection: `source` and `row` (where it is from: its _id, or its line),
`prediction`, `verdict`, `probability`, or `error`; `taken_as_missing`; `run`, `family`, `threshold`, `model` (the SHA-256
of the model's file), `version` (as in `phishing v4`, or null), `netsec` (its version), and `at`. The same command again adds nothing and completes what was cut
off; a changed row, another model or another threshold gives other results beside those. The collection is the record:
what goes there is not logged as well.

Examples:
  netsec-tui predict new.csv > scored.csv
  netsec-tui predict --from NetworkData@2026-11-01.. --to Scored
  netsec-tui predict new.csv --to Scored --run 7f3a21
  netsec-tui predict new.csv --model staging                    what the version in staging says
  netsec-tui predict --url 'hxxp://paypal-login[.]example/a' --nearest 5
  netsec-tui predict --json --url https://a.example/ https://b.example/")]
pub struct Predict {
    /// The rows; - is standard input
    #[arg(default_value = "-", value_name = "FILE")]
    pub file: PathBuf,
    /// Score the rows of this collection instead: COLLECTION or DATABASE/COLLECTION, @FROM..TO for those stored in that time
    #[arg(long, value_name = "COLLECTION", conflicts_with_all = ["file", "url"])]
    pub from: Option<String>,
    /// Store the results in this collection (or DATABASE/COLLECTION) instead of printing them
    #[arg(long, value_name = "COLLECTION", conflicts_with = "url")]
    pub to: Option<String>,
    /// Score these URLs instead; defanged ones (hxxp://, [.]) are understood
    #[arg(long, value_name = "URL", num_args = 1.., conflicts_with = "file")]
    pub url: Vec<String>,
    /// Show the nearest training vectors of each URL, at most this many
    #[arg(long, value_name = "K", requires = "url")]
    pub nearest: Option<usize>,
    #[command(flatten)]
    pub model: Model,
    /// Do not append to the log of predictions; what goes into a collection is never logged
    #[arg(long)]
    pub no_log: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Each distinct vector of the run has a document: the features under their names, missing values as the models saw them
(null where missing is a level of its own), and
  _split       train, or holdout
  _fold        the fold of cross-validation, from 0; null in the hold-out
  _negative    how many rows with the negative label have this vector
  _positive    how many with the positive one
  _imputed     the features that were filled in, or null
  _vector      the vector's salted hash
  _run         the run
The same command again adds nothing and completes what was cut off.

Examples:
  netsec-tui transform 7f3a21 --to Transformed
  netsec-tui find Transformed --filter '_split=holdout _positive>0' --count")]
pub struct Transform {
    /// The run's id, or the beginning of it
    pub run: String,
    /// The collection, or DATABASE/COLLECTION
    #[arg(long, value_name = "COLLECTION")]
    pub to: String,
}

#[derive(Debug, Args)]
pub struct Predictions {
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Only those that have all of these words: of the verdict, the URL, the user, the run, or FEATURE=VALUE
    #[arg(long, value_name = "WORDS")]
    pub find: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Contributions are Shapley values against up to 100 training vectors: of the log-odds for logistic regression, AdaBoost
and gradient boosting, of the probability for a decision tree and a random forest. For the other families it is what
the probability changes by when one value is replaced by those of the training vectors.

Examples:
  netsec-tui explain 'SSLfinal_State=-1 URL_of_Anchor=0'        the rest is filled in
  tail -1 rows.csv | netsec-tui explain --top 30                a row of values in schema order
  netsec-tui explain --family logistic_regression '{\"URL_Length\": 1}'")]
pub struct Explain {
    /// One row: values in schema order, a header and a row, name=value, a JSON object; - is standard input
    #[arg(default_value = "-", value_name = "ROW", allow_hyphen_values = true)]
    pub row: String,
    /// Explain this URL instead: the features that its text tells are computed, the others filled in
    #[arg(long, value_name = "URL", conflicts_with = "row")]
    pub url: Option<String>,
    /// Show the nearest training vectors too, at most this many
    #[arg(long, value_name = "K")]
    pub nearest: Option<usize>,
    #[command(flatten)]
    pub model: Model,
    /// How many features are shown one by one; JSON has them all
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
}
