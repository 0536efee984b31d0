//! How the server would answer a query: its `explain` command, without running anything.

use super::{MongoStore, failure, query};
use crate::Result;
use crate::store::{Namespace, Plan, Query, Stage};
use bson::{Bson, Document, doc};

/// Where stages stand in stages: of the classic engine, of the slot-based one, and of a sharded cluster.
const INSIDE: [&str; 9] = [
    "winningPlan",
    "queryPlan",
    "shards",
    "inputStage",
    "inputStages",
    "outerStage",
    "innerStage",
    "thenStage",
    "elseStage",
];

impl MongoStore {
    /// The plan for the first page of a query; none where the server has no such command.
    pub(super) async fn explain(&self, namespace: &Namespace, query: &Query) -> Result<Option<Plan>> {
        let database = self.client().await?.database(&namespace.database);
        let find = doc! {
            "find": &namespace.collection,
            "filter": query::filter(&query.filter),
            "sort": query::sort(&query.sort),
            "limit": i64::try_from(query.limit.saturating_add(1)).unwrap_or(i64::MAX),
        };
        let mut command = doc! { "explain": find, "verbosity": "queryPlanner" };
        if let Some(within) = self.bounds.within {
            command.insert("maxTimeMS", i64::try_from(within.as_millis()).unwrap_or(i64::MAX));
        }
        match self.told(database.run_command(command).into_future()).await? {
            Ok(reply) => Ok(Some(Plan { stages: stages(&reply), filtered: !query.filter.is_all() })),
            // CommandNotFound.
            Err(e) if failure::code(&e) == Some(59) => Ok(None),
            Err(e) => Err(self.failed("asking for the plan", &e)),
        }
    }
}

/// The stages of the plan that won, the innermost first.
fn stages(reply: &Document) -> Vec<Stage> {
    let mut found = Vec::new();
    // A view and a time series are read by an aggregation, which begins with the query of what is below it.
    let below = || {
        let first = reply.get_array("stages").ok()?.first()?.as_document()?;
        first.get_document("$cursor").ok()?.get_document("queryPlanner").ok()
    };
    if let Some(planner) = reply.get_document("queryPlanner").ok().or_else(below) {
        collect(planner, &mut found);
    }
    found
}

fn collect(of: &Document, found: &mut Vec<Stage>) {
    for name in INSIDE {
        match of.get(name) {
            Some(Bson::Document(inner)) => collect(inner, found),
            Some(Bson::Array(all)) => all.iter().filter_map(Bson::as_document).for_each(|inner| collect(inner, found)),
            _ => {}
        }
    }
    if let Ok(name) = of.get_str("stage") {
        let index = match of.get_str("indexName") {
            Ok(index) => Some(index),
            Err(_) if name == "IDHACK" => Some("_id_"),
            Err(_) if name.contains("CLUSTERED_IXSCAN") => Some("_id_ (clustered)"),
            Err(_) => None,
        };
        found.push(Stage { name: name.to_owned(), index: index.map(str::to_owned), whole: is_whole(name, of) });
    }
}

/// Whether an index is gone along from one end to the other.
fn is_whole(name: &str, stage: &Document) -> bool {
    if name == "CLUSTERED_IXSCAN" {
        return !stage.contains_key("minRecord") && !stage.contains_key("maxRecord");
    }
    let ends = ["[MinKey, MaxKey]", "[MaxKey, MinKey]"];
    let is_open = |bounds: &Bson| {
        let bounds = bounds.as_array().map_or(&[][..], Vec::as_slice);
        matches!(bounds, [one] if one.as_str().is_some_and(|one| ends.contains(&one)))
    };
    stage.get_document("indexBounds").is_ok_and(|bounds| !bounds.is_empty() && bounds.values().all(is_open))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(winning: Document, filtered: bool) -> String {
        let reply = doc! { "queryPlanner": { "winningPlan": winning }, "ok": 1.0 };
        Plan { stages: stages(&reply), filtered }.summary(Some(1_000))
    }

    fn along(index: &str, bounds: &str) -> Document {
        doc! { "stage": "IXSCAN", "indexName": index, "indexBounds": { "a": [bounds] } }
    }

    #[test]
    fn the_classic_shape() {
        let fetch = |input: Document| doc! { "stage": "FETCH", "inputStage": input };
        assert_eq!(told(fetch(along("a_1", "[1.0, 1.0]")), true), "index a_1");
        assert_eq!(
            told(fetch(along("_id_", "[MinKey, MaxKey]")), true),
            "no index serves the filter: up to all 1,000 documents are read along _id_"
        );
        let sorted = doc! { "stage": "SORT", "inputStage": { "stage": "COLLSCAN", "direction": "forward" } };
        assert_eq!(told(sorted, false), "no index serves this: all 1,000 documents are read and sorted in memory");
        let or = doc! { "stage": "OR", "inputStages": [along("a_1", "[1, 1]"), along("b_1", "[2, 2]")] };
        assert_eq!(told(fetch(or), true), "index a_1, b_1");
        assert_eq!(told(doc! { "stage": "IDHACK" }, true), "index _id_");
    }

    #[test]
    fn the_shapes_of_newer_servers_of_clusters_and_of_views() {
        let slots = doc! {
            "isCached": false,
            "queryPlan": { "stage": "FETCH", "planNodeId": 2, "inputStage": along("a_1", "[1.0, 1.0]") },
            "slotBasedPlan": { "slots": "", "stages": "[2] nlj ..." },
        };
        assert_eq!(told(slots.clone(), true), "index a_1");
        let cluster = doc! { "stage": "SHARD_MERGE", "shards": [
            { "shardName": "s1", "winningPlan": slots },
            { "shardName": "s2", "winningPlan": { "stage": "COLLSCAN" } },
        ] };
        assert_eq!(told(cluster, true), "no index serves this: all 1,000 documents are read");
        assert_eq!(told(doc! { "stage": "EXPRESS_IXSCAN", "indexName": "_id_" }, true), "index _id_");
        let view = doc! { "stages": [{ "$cursor": { "queryPlanner": { "winningPlan": along("a_1", "[1, 2]") } } }] };
        assert_eq!(stages(&view)[0].index.as_deref(), Some("a_1"));
        assert_eq!(stages(&doc! { "ok": 1.0 }), []);
    }
}
