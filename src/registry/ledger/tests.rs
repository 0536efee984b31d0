use super::*;

fn entry(n: u32, action: Action, version: u32) -> Entry {
    let moves = matches!(action, Action::Promote | Action::Rollback);
    Entry {
        v: VERSION,
        n,
        id: format!("{n}"),
        action,
        version,
        alias: moves.then(|| "production".to_owned()),
        previous: None,
        user: "user-a".into(),
        host: "host".into(),
        at: format!("2026-11-{n:02}T12:00:00.000Z"),
        reason: "because".into(),
        run: "7f3a21".into(),
        digest: String::new(),
        manifest: String::new(),
        before: String::new(),
        gate: None,
        overridden: None,
    }
}

fn ledger(moves: &[(Action, u32)]) -> Ledger {
    let entries = (1..).zip(moves).map(|(n, (action, version))| entry(n, *action, *version)).collect();
    Ledger { entries, head: String::new() }
}

#[test]
fn the_last_move_holds() {
    use Action::{Promote, Register};
    let ledger = ledger(&[(Register, 1), (Promote, 1), (Register, 2), (Promote, 2), (Register, 3)]);
    assert_eq!(ledger.holder("production").map(|e| e.n), Some(4));
    assert_eq!(ledger.before("production"), Some(1));
    assert_eq!((ledger.aliases_of(2), ledger.aliases_of(1)), (vec!["production"], vec![]));
    assert_eq!(ledger.holder("staging"), None);
    assert_eq!(ledger.last(), 5);
}

#[test]
fn rollbacks_lead_back_one_by_one() {
    use Action::{Promote, Rollback};
    let mut moves = vec![(Promote, 1), (Promote, 2), (Promote, 3)];
    for wanted in [Some(2), Some(1), None] {
        let back = ledger(&moves).before("production");
        assert_eq!(back, wanted);
        moves.extend(back.map(|version| (Rollback, version)));
    }
    // What was promoted after a rollback leads back to where that had led.
    moves.extend([(Promote, 4)]);
    assert_eq!(ledger(&moves).before("production"), Some(1));
}

#[test]
fn a_rollback_to_a_named_version_takes_off_what_came_after_it() {
    use Action::{Promote, Rollback};
    let ledger = ledger(&[(Promote, 1), (Promote, 2), (Promote, 3), (Rollback, 1)]);
    assert_eq!((ledger.holder("production").map(|e| e.version), ledger.before("production")), (Some(1), None));
    assert!(ledger.has_held("production", 3) && !ledger.has_held("production", 4));
}

#[test]
fn the_same_version_again_is_no_step_back() {
    use Action::Promote;
    assert_eq!(ledger(&[(Promote, 1), (Promote, 2), (Promote, 2)]).before("production"), Some(1));
}

#[test]
fn what_was_in_production_on_a_day() {
    use Action::{Promote, Rollback};
    let ledger = ledger(&[(Promote, 1), (Promote, 2), (Rollback, 1)]);
    let on = |at: &str| ledger.holder_at("production", at).map(|e| e.version);
    assert_eq!(on("2026-10-31T00:00:00.000Z"), None);
    assert_eq!(on("2026-11-01T23:59:59.999Z"), Some(1));
    assert_eq!(on("2026-11-02T12:00:00.000Z"), Some(2));
    assert_eq!(on("2026-12-01T00:00:00.000Z"), Some(1));
}

#[test]
fn a_day_is_meant_to_its_end() {
    let meant = |text: &str| until(text).ok();
    assert_eq!(meant("2026-11-03").as_deref(), Some("2026-11-03T23:59:59.999Z"));
    assert_eq!(meant("2026-11-03 18:00").as_deref(), Some("2026-11-03T18:00:59.999Z"));
    assert_eq!(meant("2026-11-03T18:00:00+01:00").as_deref(), Some("2026-11-03T17:00:00.000Z"));
    assert_eq!([meant("yesterday"), meant("2026-13-01"), meant("")], [None, None, None]);
}
