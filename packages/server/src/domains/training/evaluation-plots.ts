import {
  averagePrecision,
  calibrationCurve,
  confusionMatrix,
  type PlotSpec,
  plotCalibration,
  plotConfusion,
  plotPrecisionRecall,
  plotRoc,
  precisionRecallCurve,
  rocAuc,
  rocCurve,
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
