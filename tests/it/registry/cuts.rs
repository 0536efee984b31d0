//! A promotion that is cut off at each of its requests.

use super::cutting::Cutting;
use super::*;
use crate::http_proxy::When;
use netsec::registry::verify;

/// Promotions that are tried side by side.
const SIDE_BY_SIDE: usize = 6;

/// What must hold after any cut: the old or the new champion is in production, whole; and promoting again finishes.
async fn holds_and_is_finished(case: &Case, new: &RunDir, what: &str) {
    let now = case.production().await;
    assert!(matches!(now, Some(1 | 2)), "{what}: v1 or v2, not {now:?}");
    let done = case.promote(new, "again").await.unwrap_or_else(|e| panic!("{what}: {:?}", e.chain()));
    assert_eq!((done.version, case.production().await), (2, Some(2)), "{what}");
    assert_eq!(done.already, now == Some(2), "{what}");
    let all = case.registry.overview().await.unwrap();
    assert_eq!((all.versions.len(), all.ledger.entries.len(), all.stale), (2, 4, Vec::new()), "{what}");
    let found = verify(&case.registry, &|_, _| {}).await.unwrap();
    assert_eq!((found.problems, found.leftovers), (Vec::new(), Vec::new()), "{what}");
}

/// Runs `one` for n = 1, 2, ... side by side, until one of them says that there are no more requests.
async fn for_each_request<F: Future<Output = bool> + Send + 'static>(one: impl Fn(usize) -> F) -> usize {
    let mut tried = 0;
    loop {
        let mut batch = tokio::task::JoinSet::new();
        for _ in 0..SIDE_BY_SIDE {
            tried += 1;
            batch.spawn(one(tried));
        }
        if batch.join_all().await.contains(&true) {
            return tried;
        }
    }
}

/// With the server gone from the n-th call on. True when the promotion came through before that.
async fn gone(n: usize, carried_out: bool) -> bool {
    let case = Case::new(Place::local());
    let (old, new) = (case.run(0.5), case.run(0.51));
    case.promote(&old, "before").await.unwrap();
    let store = Cutting::new(Arc::clone(&case.place.store), n, carried_out);
    let registry = open(store.clone(), &case.place.dir.path().join("cache of the one who is cut off"));
    let came_through = promote(&registry, &new, "cut off").await.is_ok() && store.seen() < n;
    holds_and_is_finished(&case, &new, &format!("gone from call {n} on, itself carried out: {carried_out}")).await;
    came_through
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_goes_away_at_any_call_leaves_one_champion() {
    for carried_out in [false, true] {
        let calls = for_each_request(move |n| gone(n, carried_out)).await;
        assert!(calls > 20, "a promotion takes more than {calls} calls");
    }
}

mod s3 {
    use super::*;

    /// How a promotion is cut off.
    #[derive(Debug, Clone, Copy)]
    enum How {
        /// One request, which the client repeats.
        Once(When),
        /// All from there on.
        Gone,
    }

    async fn cut(n: usize, how: How) -> bool {
        let case = Case::new(Place::s3());
        let (old, new) = (case.run(0.5), case.run(0.51));
        case.promote(&old, "before").await.unwrap();
        let proxy = case.place.proxy.as_ref().unwrap();
        let registry = case.colleague("the one who is cut off");
        let before = proxy.requests().len();
        match how {
            How::Once(when) => proxy.cut(n, when),
            How::Gone => proxy.gone_from(n),
        }
        let done = promote(&registry, &new, "cut off").await;
        let came_through = proxy.requests().len() - before < n;
        proxy.calm();
        assert!(done.is_ok() || !came_through, "{how:?} {n}: {done:?}");
        holds_and_is_finished(&case, &new, &format!("{how:?} at request {n}")).await;
        case.place.end().await;
        came_through
    }

    /// Each request of a promotion, in each way.
    async fn all(how: How) {
        let requests = for_each_request(move |n| cut(n, how)).await;
        assert!(requests > 20, "a promotion takes more than {requests} requests");
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs S3"]
    async fn a_request_that_never_arrives_leaves_one_champion() {
        all(How::Once(When::BeforeForwarding)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs S3"]
    async fn an_answer_that_is_lost_leaves_one_champion() {
        all(How::Once(When::AfterForwarding)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs S3"]
    async fn an_answer_that_ends_in_its_middle_leaves_one_champion() {
        all(How::Once(When::MidAnswer)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs S3"]
    async fn a_server_that_goes_away_leaves_one_champion() {
        all(How::Gone).await;
    }
}
