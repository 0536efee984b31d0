//! What is shown, screen by screen.

use crate::{Desk, Result};

/// The size of the pictures: room enough to tell something, small enough to be read in a page.
const SIZE: (u16, u16) = (100, 28);

/// Fills the home and draws every screen.
pub fn walk(desk: &Desk) -> Result<()> {
    let welcome = desk.console(SIZE.0, SIZE.1)?;
    welcome.wait("nothing here yet")?.picture("welcome", "The first start")?;
    drop(welcome);

    let (rows, recent) = (desk.file("phishing.csv"), desk.file("november.csv"));
    desk.run(&["sample", "--rows", "10000", "--seed", "1", "--out", &rows])?;
    desk.run(&["push", &rows])?;
    let drift = ["--drift", "SSLfinal_State=-1:0.3", "--drift", "web_traffic=na:0.1", "--drift", "Request_URL=0.25"];
    let sample = [&["sample", "--rows", "2000", "--seed", "7", "--out", &recent][..], &drift].concat();
    desk.run(&sample)?;
    desk.run(&["push", "--collection", "November", &recent])?;
    desk.run(&["train", "--space", "quick"])?;
    desk.run(&["train", "--space", "seed_grid", "--family", "gradient_boosting", "--family", "decision_tree"])?;

    models(desk)?;
    data(desk)?;
    drifted(desk)?;
    predict(desk)?;
    train(desk)?;
    runs(desk)
}

/// Two runs in production, one after the other, and back again.
fn models(desk: &Desk) -> Result<()> {
    let runs = desk.run(&["runs", "--format", "csv", "--columns", "id", "--sort", "started:asc"])?;
    for (run, reason) in runs.lines().skip(1).zip(["monthly retrain", "wider grids"]) {
        desk.run(&["promote", run, "--reason", reason, "--yes"])?;
    }
    desk.run(&["annotate", "v2", "--reason", "seen by the auditors"])?;
    desk.run(&["rollback", "--reason", "false alarms since noon", "--yes"])?;
    let console = desk.console(SIZE.0, SIZE.1)?;
    console.wait("NetworkData")?.keys("5")?.wait("000006")?.picture("models", "What is in production, and why")?;
    Ok(())
}

fn data(desk: &Desk) -> Result<()> {
    let console = desk.console(SIZE.0, SIZE.1)?;
    console.wait("NetworkData")?.keys("\r")?.wait("documents · page 1")?;
    console.keys("/")?.keys("Result=-1 URL_Length>=0")?.keys("\r")?.wait("page 1 ──")?.keys("jjj")?;
    console.picture("data", "Documents of a collection that match a filter")?;
    console.keys("v")?.wait("SSLfinal_State")?.keys("jjjj")?.picture("fields", "What is in the fields")?;
    Ok(())
}

fn drifted(desk: &Desk) -> Result<()> {
    let console = desk.console(SIZE.0, SIZE.1)?;
    console.wait("NetworkData")?.keys("2")?.wait("of 31 drifted")?;
    // The field holds the current rows: all of it is replaced.
    console.keys("w")?.keys("\x0c")?.keys("November")?.keys("\r")?.wait("2,000 rows")?.wait("of 31 drifted")?;
    console.picture("drift", "Drift of a collection")?;
    Ok(())
}

fn train(desk: &Desk) -> Result<()> {
    let console = desk.console(160, 50)?;
    console.wait("NetworkData")?.keys("3")?.wait("netsec-tui train")?;
    console.picture("launch", "What a run is to be")?;
    console.keys("\r")?.wait("cancel")?;
    // Most families are under way by then.
    std::thread::sleep(std::time::Duration::from_secs(20));
    console.picture("train", "A run while it is training")?;
    console.keys("x")?.keys("y")?.wait("cancelled")?;
    Ok(())
}

fn runs(desk: &Desk) -> Result<()> {
    let console = desk.console(SIZE.0, SIZE.1)?;
    console.wait("NetworkData")?.keys("4")?.wait("finished")?.picture("runs", "The runs")?;
    console.keys("j")?.keys("\r")?.wait("test F1")?.picture("report", "The report of a run")?;
    drop(console);
    let console = desk.console(160, 50)?;
    // The cancelled run has no model to compare.
    console.wait("NetworkData")?.keys("4")?.wait("finished")?.keys("/")?.keys("status=finished")?.keys("\r")?;
    console.keys("A")?.keys("=")?.wait("importance")?.wait("McNemar")?.picture("compare", "Two runs compared")?;
    Ok(())
}

fn predict(desk: &Desk) -> Result<()> {
    let console = desk.console(SIZE.0, SIZE.1)?;
    console.wait("NetworkData")?.keys("6")?.wait("Predict")?;
    console.paste("SSLfinal_State=-1 URL_of_Anchor=-1 Prefix_Suffix=-1 having_IP_Address=-1")?.keys("\r")?;
    console.wait("probability")?.picture("predict", "A verdict")?;
    Ok(())
}
