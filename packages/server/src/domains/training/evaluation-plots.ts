import {
  averagePrecision,
  type Classification,
  calibrationCurve,
  confusionMatrix,
  likeliestClasses,
  type PlotSpec,
  plotCalibration,
  plotConfusion,
  plotPrecisionRecall,
  plotResiduals,
  plotRoc,
  precisionRecallCurve,
  type Regression,
  rocAuc,
  rocCurve,
  type Target,
} from '@millrace/learn'

/** How a model did on rows with both classes, to look at; by the name of the plot's file. */
export function evaluationPlots(
  labels: Float64Array,
  probabilities: Float64Array,
): Readonly<Record<string, PlotSpec>> {
  const positiveShare = labels.reduce((sum, label) => sum + label, 0) / labels.length
  const predicted = Uint8Array.from(probabilities, (probability) => (probability > 0.5 ? 1 : 0))
  return {
    calibration: plotCalibration([{ name: 'model', bins: calibrationCurve(labels, probabilities) }]),
    roc: plotRoc([
      { name: 'model', curve: rocCurve(labels, probabilities), auc: rocAuc(labels, probabilities) },
    ]),
    precision_recall: plotPrecisionRecall(
      [
        {
          name: 'model',
          curve: precisionRecallCurve(labels, probabilities),
          averagePrecision: averagePrecision(labels, probabilities),
        },
      ],
      { positiveShare },
    ),
    confusion_matrix: plotConfusion(
      confusionMatrix(labels, predicted, { classes: 2 }),
      [0, 1],
      'Confusion matrix at 0.5',
    ),
  }
}

/** More classes than these cannot be read in a plot. */
const mostClasses = 30

/** Numbers against the truth, or classes, if there are few enough; by the name of the plot's file. */
export function predictionPlots(
  target: Target,
  prediction: Classification | Regression,
): Readonly<Record<string, PlotSpec>> {
  if (prediction.task === 'regression') {
    return target.kind === 'numbers' ? { residuals: plotResiduals(target.values, prediction.values) } : {}
  }
  if (target.kind !== 'classes') return {}
  const unknown = target.classes.filter((label) => !prediction.classes.includes(label))
  const classes = [...prediction.classes, ...unknown]
  if (classes.length > mostClasses) return {}
  const codes = target.codes.map((code) => classes.indexOf(target.classes[code]))
  const matrix = confusionMatrix(codes, likeliestClasses(prediction), { classes: classes.length })
  return { confusion_matrix: plotConfusion(matrix, classes) }
}
