//! `validate`: judges rows before they are trained on.

use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::monitor::{self, What};
use netsec::validation::Status;
use netsec::{Error, Result};
use serde_json::json;
use std::process::ExitCode;

/// Refused rows that are shown one by one.
const SHOWN: usize = 20;

/// Judges a file or a collection.
pub async fn validate(context: &Context, global: &cli::Global, args: &cli::Validate) -> Result<ExitCode> {
    let what = match &args.file {
        Some(path) => What::File(path.clone()),
        None => context.rows_of(args.collection.as_deref()).await?,
    };
    let schema = context.schema_of(&what)?;
    let quality = context.quality()?;
    let (profile, validation) = monitor::validate(context.store.as_ref(), &schema, &what, &quality).await?;
    if let Some(path) = &args.out {
        let text = serde_yaml::to_string(&validation)
            .map_err(|e| Error::internal("the findings cannot be written as YAML").caused_by(e))?;
        netsec::files::write_atomic(path, text.as_bytes())?;
        eprintln!("wrote {}", path.display());
    }
    for note in &profile.summary.notes {
        eprintln!("{}", output::clean(note));
    }
    let refused = &profile.summary.refused_rows;
    if global.json {
        let mut value = serde_json::to_value(&validation)
            .map_err(|e| Error::internal("the findings cannot be written as JSON").caused_by(e))?;
        value["what"] = json!(what.to_string());
        value["refused_rows"] = refused.iter().map(|row| json!({"line": row.row, "reason": row.reason})).collect();
        output::print_json(&value)?;
    } else {
        let mut text = format!("{what}: {}\n", validation.page());
        if !refused.is_empty() {
            text.push_str("refused rows\n");
            for row in refused.iter().take(SHOWN) {
                text.push_str(&format!("  {} {}: {}\n", place(&what), row.row, row.reason));
            }
            let more = validation.refused - refused.len().min(SHOWN) as u64;
            if more > 0 {
                text.push_str(&format!("  and {more} more\n"));
            }
        }
        output::print(&output::clean(&text))?;
    }
    Ok(if validation.status == Status::Failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn place(what: &What) -> &'static str {
    if matches!(what, What::File(_)) { "line" } else { "document" }
}
