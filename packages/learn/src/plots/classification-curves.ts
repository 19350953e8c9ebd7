import type { CalibrationBin } from '../metrics/calibration.ts'
import type { PrecisionRecallCurve } from '../metrics/precision-recall.ts'
import type { RocCurve } from '../metrics/roc-auc.ts'
import {
  checkSeries,
  diagonal,
  type Json,
  makePlot,
  type PlotSpec,
  ruleAt,
  seriesColour,
  share,
} from './plot.ts'

const square = { width: 340, height: 340 }

/** Points of a curve without those that are nearer than 1/400 to the last one kept: nobody could see them. */
const thin = (x: ArrayLike<number>, y: ArrayLike<number>, series: string): Json[] => {
  const points: Json[] = []
  let kept = -1
  for (let at = 0; at < x.length; at += 1) {
    const isNear = kept !== -1 && Math.max(Math.abs(x[at] - x[kept]), Math.abs(y[at] - y[kept])) < 1 / 400
    if (isNear && at !== x.length - 1) continue
    kept = at
    points.push({ x: x[at], y: y[at], order: at, series })
  }
  return points
}

/** The name of a curve with its score: 'forest (AUC 0.871)'. */
const label = (name: string, score: string, value: number | undefined): string =>
  value === undefined ? name : `${name} (${score} ${value.toFixed(3)})`

export interface NamedRocCurve {
  /** Of the model, or of the class against the others. */
  readonly name: string
  readonly curve: RocCurve
  readonly auc?: number
}

/** True positive rate by false positive rate, against chance. Throws a RangeError without curves. */
export const plotRoc = (curves: readonly NamedRocCurve[], title = 'ROC'): PlotSpec => {
  const names = curves.map(({ name, auc }) => label(name, 'AUC', auc))
  checkSeries(names)
  const values = curves.flatMap(({ curve }, at) =>
    thin(curve.falsePositiveRate, curve.truePositiveRate, names[at]),
  )
  return makePlot(names.length === 1 ? `${title}: ${names[0]}` : title, square, {
    layer: [
      diagonal,
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2 },
        encoding: {
          x: share('x', 'False positive rate'),
          y: share('y', 'True positive rate (recall)'),
          order: { field: 'order', type: 'quantitative' },
          color: seriesColour(names),
        },
      },
    ],
  })
}

export interface NamedPrecisionRecallCurve {
  readonly name: string
  readonly curve: PrecisionRecallCurve
  readonly averagePrecision?: number
}

/** Precision by recall, against the share of class 1, which is what chance gives. Throws a RangeError without curves. */
export const plotPrecisionRecall = (
  curves: readonly NamedPrecisionRecallCurve[],
  {
    positiveShare,
    title = 'Precision and recall',
  }: { readonly positiveShare?: number; readonly title?: string } = {},
): PlotSpec => {
  const names = curves.map(({ name, averagePrecision }) => label(name, 'AP', averagePrecision))
  checkSeries(names)
  const values = curves.flatMap(({ curve }, at) => thin(curve.recall, curve.precision, names[at]))
  const chance = positiveShare === undefined ? [] : [ruleAt('y', positiveShare, { strokeDash: [4, 4] })]
  return makePlot(names.length === 1 ? `${title}: ${names[0]}` : title, square, {
    layer: [
      ...chance,
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2, interpolate: 'step-before' },
        encoding: {
          x: share('x', 'Recall'),
          y: share('y', 'Precision'),
          order: { field: 'order', type: 'quantitative' },
          color: seriesColour(names),
        },
      },
    ],
  })
}

export interface NamedCalibrationCurve {
  readonly name: string
  readonly bins: readonly CalibrationBin[]
}

/** Two round numbers of rows to show in a legend: one digit of the largest, and a quarter of it. */
const legendRows = (bins: readonly { readonly rows: number }[]): number[] => {
  const most = Math.max(...bins.map(({ rows }) => rows))
  const digit = 10 ** Math.floor(Math.log10(most))
  const round = Math.floor(most / digit) * digit
  return most >= 4 ? [round, Math.max(1, Math.round(round / 4))] : [most]
}

/**
 * Observed rate by mean probability of each bin, against perfect calibration; the area of a point grows with its rows.
 * Throws a RangeError without curves.
 */
export const plotCalibration = (
  curves: readonly NamedCalibrationCurve[],
  title = 'Calibration',
): PlotSpec => {
  const names = curves.map(({ name }) => name)
  checkSeries(names)
  const values = curves.flatMap(({ name, bins }) =>
    bins.map(({ count, meanPredicted, observedRate }) => ({
      x: meanPredicted,
      y: observedRate,
      rows: count,
      series: name,
    })),
  )
  const encoding = {
    x: share('x', 'Mean predicted probability'),
    y: share('y', 'Observed rate'),
    color: seriesColour(names),
  }
  return makePlot(names.length === 1 ? `${title}: ${names[0]}` : title, square, {
    layer: [
      diagonal,
      { data: { values }, mark: { type: 'line', strokeWidth: 1.5 }, encoding },
      {
        data: { values },
        mark: { type: 'circle', opacity: 0.75, clip: false },
        encoding: {
          ...encoding,
          size: {
            field: 'rows',
            type: 'quantitative',
            title: 'Rows',
            scale: { zero: true, rangeMin: 16, rangeMax: 300 },
            legend: { orient: 'right', values: legendRows(values), format: '~s' },
          },
          tooltip: [
            { field: 'rows', title: 'Rows' },
            { field: 'x', title: 'Mean predicted', format: '.3f' },
            { field: 'y', title: 'Observed', format: '.3f' },
          ],
        },
      },
    ],
  })
}
