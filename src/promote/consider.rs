//! Holding a challenger against the champion, before anything is written.

use super::gate::{self, Drift, Rival, judge};
use super::holdout::{ChampionSide, common};
use super::{Candidate, Judgement, Policy, Step, Subject};
use crate::dataset::{Vectors, is_holdout};
use crate::pipeline::read_split;
use crate::predict::Predictor;
use crate::registry::{self, Bundle, BundleManifest, Draft, Entry, Gate, Judged, Registry};
use crate::stop::Stop;
use crate::{Error, Result};
use std::path::PathBuf;
use std::sync::Arc;

/// A challenger that was held against the champion of its time, ready to be promoted.
#[derive(Debug)]
pub struct Considered {
    /// What the gate says.
    pub judgement: Judgement,
    challenger: Challenger,
    /// Whether the alias is on it already.
    there: bool,
}

/// What is to be promoted, at hand.
#[derive(Debug, Clone)]
enum Challenger {
    /// Packed, whether or not the registry has the same bundle.
    Packed(Arc<Draft>),
    /// A version.
    Version(Box<Bundle>),
}

impl Challenger {
    fn files(&self) -> Files {
        match self {
            Self::Packed(draft) => Files { dir: draft.path().to_owned(), manifest: draft.manifest().clone() },
            Self::Version(bundle) => Files { dir: bundle.path().to_owned(), manifest: bundle.manifest.clone() },
        }
    }
}

impl Considered {
    /// Whether the alias was on it already when it was considered.
    pub fn is_there(&self) -> bool {
        self.there
    }

    /// The entry that registered the challenger, which is registered where it is not, and verified.
    pub(super) async fn registered(
        &self,
        registry: &Registry,
        reason: &str,
        tell: &(dyn Fn(Step) + Send + Sync),
    ) -> Result<Entry> {
        match &self.challenger {
            Challenger::Packed(draft) => Ok(registry.register(draft, reason, tell).await?.entry),
            Challenger::Version(bundle) => {
                tell(Step::Verify);
                registry.verified(bundle.manifest.version).await?.predictor()?;
                registry.registration(bundle.manifest.version).await
            }
        }
    }
}

/// A bundle's files, wherever they are.
struct Files {
    dir: PathBuf,
    manifest: BundleManifest,
}

impl Files {
    fn predictor(&self) -> Result<Predictor> {
        registry::predictor(&self.dir, &self.manifest)
    }

    /// The vectors of its hold-out.
    fn holdout(&self, predictor: &Predictor) -> Result<Vectors> {
        let all = read_split(&self.dir.join(registry::REFERENCE), &predictor.schema)?.vectors;
        let share = self.manifest.holdout.share;
        let held: Vec<usize> = (0..all.len()).filter(|i| is_holdout(&all.hash[*i], share)).collect();
        Ok(all.take(&held))
    }
}

/// Packs a candidate and holds it against the version that the alias is on. Nothing is written into the registry.
///
/// # Errors
/// When the run is not finished, there is no such version, the champion's files cannot be had or do not fit the
/// challenger's, or `stop` was set.
pub async fn consider(
    registry: &Registry,
    candidate: &Candidate,
    alias: &str,
    policy: &Policy,
    stop: &Stop,
) -> Result<Considered> {
    registry::check_alias(alias)?;
    let challenger = match candidate {
        Candidate::Run(dir, family) => {
            let (dir, family, cache) = (dir.clone(), *family, registry.cache().to_owned());
            Challenger::Packed(Arc::new(blocking(move || Draft::pack(&dir, family, &cache)).await?))
        }
        Candidate::Version(n) => Challenger::Version(Box::new(registry.bundle(*n).await?)),
    };
    stop.check()?;
    let ledger = registry.ledger().await?;
    let own = challenger.files();
    let digest = own.manifest.digest.clone();
    let holder = ledger.holder(alias);
    let there = holder.filter(|entry| entry.digest == digest);
    let subject = Subject {
        run: own.manifest.run.clone(),
        family: own.manifest.family,
        version: ledger.registered_as(&digest).map(|entry| entry.version),
        scores: own.manifest.scores.clone(),
    };
    let gate = match there.and_then(|entry| entry.gate.clone()) {
        // It was held against the champion of its time, and is the champion now.
        Some(gate) => gate,
        None => {
            let champion = match holder {
                Some(entry) => Some(champion(registry, entry).await?),
                None => None,
            };
            stop.check()?;
            let policy = *policy;
            blocking(move || held_against(&policy, &own, champion.as_ref())).await?
        }
    };
    stop.check()?;
    let judgement = Judgement {
        name: registry.name().to_owned(),
        alias: alias.to_owned(),
        subject,
        champion: holder.map(|entry| entry.version),
        gate,
    };
    Ok(Considered { there: there.is_some(), judgement, challenger })
}

async fn champion(registry: &Registry, entry: &Entry) -> Result<Files> {
    let bundle = registry.bundle(entry.version).await.map_err(|e| match e.kind() {
        crate::Kind::Data | crate::Kind::Config => {
            Error::data(format!("the champion, v{}, cannot be held against anything", entry.version))
                .hint("netsec-tui verify tells what is damaged; netsec-tui rollback leads to a version that is whole")
                .caused_by(e)
        }
        _ => e,
    })?;
    Ok(Files { dir: bundle.path().to_owned(), manifest: bundle.manifest })
}

fn held_against(policy: &Policy, own: &Files, champion: Option<&Files>) -> Result<Gate> {
    let predictor = own.predictor()?;
    let test = own.holdout(&predictor)?;
    let challenger = gate::Challenger {
        scores: &own.manifest.scores.test,
        vectors: test.len() as u64,
        positive_vectors: test.counts.iter().filter(|[_, positive]| *positive > 0).count() as u64,
        accepted_by: own.manifest.judged.accepted_by.as_deref(),
        drift: drift(&own.manifest.judged),
    };
    let positive = &own.manifest.labels[1];
    let Some(champion) = champion else { return Ok(judge(policy, positive, &challenger, None)) };
    let rival = champion.predictor()?;
    let side = ChampionSide {
        name: &format!("version {}", champion.manifest.version),
        schema: &rival.schema,
        salt: &champion.manifest.holdout.salt,
        holdout: champion.manifest.holdout.share,
    };
    let both = common(&side, &format!("run {}", own.manifest.run), &predictor.schema, &test)?;
    let verdicts = |predictor: &Predictor, vectors: &Vectors| -> Vec<bool> {
        let threshold = predictor.threshold();
        predictor.score_vectors(vectors).into_iter().map(|p| p >= threshold).collect()
    };
    let rival = Rival {
        version: champion.manifest.version,
        counts: &both.challenger.counts,
        champion: &verdicts(&rival, &both.champion),
        challenger: &verdicts(&predictor, &both.challenger),
        left_out: both.left_out,
    };
    Ok(judge(policy, positive, &challenger, Some(&rival)))
}

fn drift(judged: &Judged) -> Drift {
    match (&judged.reference, judged.drifted) {
        (None, _) => Drift::None,
        (Some(_), Some(true)) => Drift::Drifted,
        (Some(_), Some(false)) => Drift::Steady,
        (Some(_), None) => Drift::Undecided,
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::internal("the gate panicked").caused_by(e))?
}
