import { type Frame, likeliestClasses, type Prediction } from '@millrace/learn'
import {
  type ColumnProfile,
  fitBins,
  fitCategories,
  profileCategorical,
  profileNumeric,
} from '@millrace/stats'
import { areFlags } from '../registry/index.ts'

/** What drift is measured against: how features and scores were distributed when the model was trained. */
export interface DriftReference {
  columns: Record<string, ColumnProfile>
  prediction: ColumnProfile
}

export const referencePath = 'reference.json'
const maxBins = 20

/** Profiles every feature over the whole training set; one without any value has no profile. */
export function profileFrame(frame: Frame): Record<string, ColumnProfile> {
  const profiles: Record<string, ColumnProfile> = {}
  for (const [name, column] of Object.entries(frame.columns)) {
    if (column.kind !== 'categorical') {
      const values =
        column.kind === 'boolean'
          ? Float64Array.from(column.values, (value) => (value < 0 ? Number.NaN : value))
          : column.values
      if (values.some((value) => Number.isFinite(value))) {
        profiles[name] = profileNumeric(values, fitBins(values, maxBins))
      }
      continue
    }
    const texts = Array.from(column.codes, (code) => (code < 0 ? null : column.categories[code]))
    if (texts.some((text) => text !== null)) {
      profiles[name] = profileCategorical(texts, fitCategories(texts, maxBins))
    }
  }
  return profiles
}

/**
 * Profiles the probability of 1 of a flag, the predicted class of other classes, the number, the cluster, or the score of
 * an anomaly: what the prediction log has of each answer.
 */
export function profilePrediction(prediction: Prediction): ColumnProfile {
  switch (prediction.task) {
    case 'regression':
      return profileScores(prediction.values)
    case 'anomaly':
      return profileScores(prediction.scores)
    case 'clustering':
      return profileTexts(Array.from(prediction.clusters, String))
    case 'classification': {
      const { classes, probabilities } = prediction
      if (areFlags(classes)) return profileScores(probabilities.filter((_, i) => i % 2 === 1))
      return profileTexts(Array.from(likeliestClasses(prediction), (code) => String(classes[code])))
    }
  }
}

function profileScores(scores: Float64Array): ColumnProfile {
  return profileNumeric(scores, fitBins(scores, maxBins))
}

function profileTexts(predicted: readonly string[]): ColumnProfile {
  return profileCategorical(predicted, fitCategories(predicted, maxBins))
}
