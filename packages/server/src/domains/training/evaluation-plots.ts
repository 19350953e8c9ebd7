import {
  averagePrecision,
  type Classification,
  confusionMatrix,
  likeliestClasses,
  type PlotSpec,
  plotCalibration,
  plotConfusion,
  plotImportance,
  plotPrecisionRecall,
  plotResiduals,
  plotRoc,
  precisionRecallCurve,
  type Regression,
  rocAuc,
  rocCurve,
  type Target,
} from '@millrace/learn'
import { type BinaryRows, binaryRows } from './binary.ts'
import type { Evaluation } from './evaluation.ts'
import { sliceLoss } from './scores.ts'

type Plots = Record<string, PlotSpec>

/** More classes than these cannot be read in a matrix, or as curves. */
const mostInMatrix = 30
const mostCurves = 10

/** How a model did, to look at; by the name of the plot's file. */
export function evaluationPlots(
  evaluation: Evaluation,
  target: Target,
  prediction: Classification | Regression,
): Plots {
  return { ...taskPlots(evaluation, target, prediction), ...slicePlot(evaluation) }
}

function taskPlots(evaluation: Evaluation, target: Target, prediction: Classification | Regression): Plots {
  if (prediction.task === 'regression') {
    return target.kind === 'numbers' ? { residuals: plotResiduals(target.values, prediction.values) } : {}
  }
  const binary = binaryRows(prediction, target)
  return {
    ...(binary ? binaryPlots(evaluation, binary) : rocByClass(target, prediction)),
    ...confusionPlot(target, prediction),
  }
}

function binaryPlots({ calibration }: Evaluation, { labels, probabilities }: BinaryRows): Plots {
  const positiveShare = labels.reduce((sum, label) => sum + label, 0) / labels.length
  const name = 'model'
  return {
    calibration: plotCalibration([{ name, bins: calibration?.bins ?? [] }]),
    roc: plotRoc([{ name, curve: rocCurve(labels, probabilities), auc: rocAuc(labels, probabilities) }]),
    precision_recall: plotPrecisionRecall(
      [
        {
          name,
          curve: precisionRecallCurve(labels, probabilities),
          averagePrecision: averagePrecision(labels, probabilities),
        },
      ],
      { positiveShare },
    ),
  }
}

/** Each class against all others. */
function rocByClass(target: Target, { classes, probabilities }: Classification): Plots {
  if (target.kind !== 'classes' || classes.length > mostCurves) return {}
  const curves = classes.flatMap((name, at) => {
    const labels = Float64Array.from(target.codes, (code) => Number(target.classes[code] === name))
    const positives = labels.reduce((sum, label) => sum + label, 0)
    if (positives === 0 || positives === labels.length) return []
    const scores = probabilities.filter((_, place) => place % classes.length === at)
    return [{ name: String(name), curve: rocCurve(labels, scores), auc: rocAuc(labels, scores) }]
  })
  return curves.length > 0 ? { roc: plotRoc(curves, 'ROC of each class against the others') } : {}
}

function confusionPlot(target: Target, prediction: Classification): Plots {
  if (target.kind !== 'classes') return {}
  const unknown = target.classes.filter((label) => !prediction.classes.includes(label))
  const classes = [...prediction.classes, ...unknown]
  if (classes.length > mostInMatrix) return {}
  const codeOf = target.classes.map((label) => classes.indexOf(label))
  const codes = target.codes.map((code) => codeOf[code])
  const matrix = confusionMatrix(codes, likeliestClasses(prediction), { classes: classes.length })
  return { confusion_matrix: plotConfusion(matrix, classes) }
}

/** The worst slices of all columns together. */
function slicePlot({ slices, task }: Evaluation): Plots {
  const bars = slices.flatMap(({ column, slices: own }) =>
    own.map(({ slice, rows, loss, standardError }) => ({
      name: `${column}: ${slice} (${rows} rows)`,
      value: loss,
      standardDeviation: standardError,
    })),
  )
  if (bars.length === 0) return {}
  const valueTitle = `${sliceLoss(task)} ± standard error`
  return { slices: plotImportance(bars, { title: 'Worst slices', valueTitle }) }
}
