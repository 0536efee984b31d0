//! A virtual environment of Python for the other side of a benchmark.

use netsec::error::IoContext;
use netsec::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes an environment with these packages in the target directory, unless it is there. Returns its interpreter.
///
/// # Errors
/// When there is no usable Python, or a package cannot be installed.
pub fn install(name: &str, requirements: &str) -> Result<PathBuf> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-venv"));
    let program = place.join("bin/python");
    // Written last: an environment without it was never finished.
    let installed = place.join("requirements.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == requirements) {
        return Ok(program);
    }
    eprintln!("making a virtual environment for {name}, once");
    let hint = "install Python 3.11 or newer with its venv module (apt install python3 python3-venv)";
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place), hint)?;
    let list = place.join("wanted.txt");
    std::fs::write(&list, requirements).at("writing", &list)?;
    run(
        Command::new(&program).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&list),
        "the packages come from the Python Package Index: check the connection, and that Python is 3.11 or newer",
    )?;
    std::fs::rename(&list, &installed).at("writing", &installed)?;
    Ok(program)
}

fn run(command: &mut Command, hint: &str) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|e| Error::user(format!("{name} cannot be started")).hint(hint.to_owned()).caused_by(e))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Error::user(format!("{name} failed: {}", String::from_utf8_lossy(&said).trim())).hint(hint.to_owned()))
}
