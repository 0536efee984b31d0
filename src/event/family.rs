//! The model families by name.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A model family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// L2-regularized logistic regression.
    LogisticRegression,
    /// K nearest neighbours.
    Knn,
    /// One classification tree.
    DecisionTree,
    /// Bagged trees on random feature subsets.
    RandomForest,
    /// Discrete boosting of shallow trees (SAMME).
    #[serde(rename = "adaboost")]
    AdaBoost,
    /// Gradient boosting of regression trees under log loss.
    GradientBoosting,
    /// A small multilayer perceptron.
    NeuralNetwork,
    /// Naive Bayes on the codes.
    NaiveBayes,
    /// A support vector machine.
    Svm,
    /// The mean probability of the run's best other families.
    Blend,
}

impl Family {
    /// Every family, in the order in which they are trained and shown.
    pub const ALL: [Family; 10] = [
        Family::LogisticRegression,
        Family::Knn,
        Family::DecisionTree,
        Family::RandomForest,
        Family::AdaBoost,
        Family::GradientBoosting,
        Family::NeuralNetwork,
        Family::NaiveBayes,
        Family::Svm,
        Family::Blend,
    ];

    /// The name used in settings, files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Family::LogisticRegression => "logistic_regression",
            Family::Knn => "knn",
            Family::DecisionTree => "decision_tree",
            Family::RandomForest => "random_forest",
            Family::AdaBoost => "adaboost",
            Family::GradientBoosting => "gradient_boosting",
            Family::NeuralNetwork => "neural_network",
            Family::NaiveBayes => "naive_bayes",
            Family::Svm => "svm",
            Family::Blend => "blend",
        }
    }

    /// The parameter of which one fit serves every value: a longer fit passes through the shorter ones.
    pub fn staged_by(self) -> Option<&'static str> {
        match self {
            Family::RandomForest | Family::AdaBoost | Family::GradientBoosting => Some("n_estimators"),
            Family::NeuralNetwork => Some("epochs"),
            _ => None,
        }
    }

    /// The two-letter code used where room is short.
    pub fn code(self) -> &'static str {
        match self {
            Family::LogisticRegression => "LR",
            Family::Knn => "KN",
            Family::DecisionTree => "DT",
            Family::RandomForest => "RF",
            Family::AdaBoost => "AB",
            Family::GradientBoosting => "GB",
            Family::NeuralNetwork => "NN",
            Family::NaiveBayes => "NB",
            Family::Svm => "SV",
            Family::Blend => "BL",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Family {
    type Err = crate::Error;

    fn from_str(text: &str) -> crate::Result<Self> {
        Family::ALL.into_iter().find(|f| f.name() == text || f.code().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let names: Vec<_> = Family::ALL.iter().map(|f| f.name()).collect();
            crate::Error::user(format!("unknown family {text:?}")).hint(format!("one of {}", names.join(", ")))
        })
    }
}
