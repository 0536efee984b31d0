//! What is asked of a registry, done for real.

use super::super::super::effects::Effects;
use super::super::super::msg::models::{Answer, Ask, Challenger};
use super::super::super::msg::{self, Effect, JobId, Msg};
use crate::context::Context;
use netsec::settings::{Home, Layered};
use std::path::Path;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The effects of a console at a home, and where their answers come.
fn at(home: &Path, settings: &str) -> (Effects, UnboundedReceiver<Msg>) {
    std::fs::write(home.join("netsec.yaml"), settings).unwrap();
    let home = Home::locate(Some(home)).unwrap();
    let layered = Layered::load(&home, None, &|_| None, &Vec::new()).unwrap();
    let (out, answers) = unbounded_channel();
    (Effects::new(Context::open(home, layered, std::sync::Arc::new(|_| None)).unwrap(), out), answers)
}

/// The answer to a question, without what is told on the way.
async fn done((effects, answers): &mut (Effects, UnboundedReceiver<Msg>), ask: Ask) -> Answer {
    effects.run(Effect::Models(JobId(1), ask));
    loop {
        match answers.recv().await.unwrap() {
            Msg::Done(_, msg::Answer::Models(answer)) => return answer,
            Msg::Progress(..) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_empty_registry_is_read_and_verified_and_nothing_is_changed_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut console = at(dir.path(), "{}\n");
    let Answer::Read(Ok(overview)) = done(&mut console, Ask::Read).await else { panic!() };
    assert!(overview.versions.is_empty() && overview.ledger.last() == 0);
    let Answer::Verified(Ok(found)) = done(&mut console, Ask::Verify).await else { panic!() };
    assert!(found.problems.is_empty());
    let run = Challenger::Run("7f3a21".to_owned(), None);
    let Answer::Considered(Err(notice)) = done(&mut console, Ask::Consider(run, "production".to_owned())).await else {
        panic!()
    };
    assert!(notice.headline.contains("7f3a21"), "{notice:?}");
    let promote = Ask::Promote { judged: JobId(7), reason: "why".to_owned(), overridden: None };
    for ask in [promote, Ask::Retire(1, "why".to_owned()), Ask::Annotate(1, "why".to_owned())] {
        let answer = done(&mut console, ask).await;
        assert!(matches!(answer, Answer::Changed(Err(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_read_only_console_refuses_changes_where_they_are_done() {
    let dir = tempfile::tempdir().unwrap();
    let mut console = at(dir.path(), "read_only: true\n");
    for ask in [
        Ask::Promote { judged: JobId(7), reason: "why".to_owned(), overridden: None },
        Ask::Rollback { alias: "production".to_owned(), to: 1, reason: "why".to_owned() },
        Ask::Retire(1, "why".to_owned()),
        Ask::Annotate(1, "why".to_owned()),
    ] {
        let Answer::Changed(Err(notice)) = done(&mut console, ask).await else { panic!() };
        assert!(notice.headline.contains("read-only"), "{notice:?}");
    }
    assert!(matches!(done(&mut console, Ask::Read).await, Answer::Read(Ok(_))));
}
