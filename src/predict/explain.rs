//! Explaining a prediction with the model's own training vectors.

use super::{Predictor, Record};
use crate::dataset::Vectors;
use crate::explain::{self, Background, Explanation};
use crate::{Error, Result};

impl Predictor {
    /// Tells what each feature of a row contributes to its score; missing values are filled as [`Predictor::score`]
    /// fills them. The features are those of the schema, in order.
    ///
    /// # Errors
    /// When the record names no feature of the schema, or the training vectors cannot be read.
    pub fn explain(&self, record: &Record) -> Result<Explanation> {
        let (values, _) = self.typed(record)?;
        let row = self.preprocessor.encode(&Vectors::from_rows(&self.schema, &[values]));
        let explanation = explain::explain(&self.model.model, &row, self.background()?);
        Ok(Explanation { calibrated: self.model.calibration.is_some(), ..explanation })
    }

    /// The vectors that rows are held against, encoded when they are first asked for.
    fn background(&self) -> Result<&Background> {
        if let Some(background) = self.background.get() {
            return Ok(background);
        }
        let sample = explain::sample(&self.training()?.vectors);
        let background = Background::new(self.preprocessor.encode(&sample), &sample.counts).ok_or_else(|| {
            Error::data(format!("{} has no rows to hold a row against", self.train.display())).hint("train again")
        })?;
        Ok(self.background.get_or_init(|| background))
    }
}
