import type { Page, PageInput } from '../../kernel/paging.ts'

/** One measurement. NaN and the infinities are values like others. */
export interface Metric {
  key: string
  value: number
  /** Milliseconds. */
  at: number
  /** Position on the run's own axis (epoch, tree, …); may be negative. */
  step: number
}

/** A measurement as it is logged; with a model it is stored on that logged model, too. */
export interface LoggedMetric extends Metric {
  /** Id of a logged model. */
  model?: string
  /** What it was measured on. */
  dataset?: { name: string; digest: string }
}

export interface MetricSeriesQuery {
  run: string
  key: string
  /** Most parts that the range is cut into, 1 to 10,000. */
  pixels: number
  /** First and last step of the range; the ends of the series by default. */
  from?: number
  to?: number
}

/** What lies in one part of the range of steps; empty parts are left out. */
export interface SeriesPixel {
  /** First and last step that the part stands for. */
  from: number
  to: number
  /** Points of the part, NaN and infinities included. */
  count: number
  /** Over the finite values; null if there is none. */
  min: number | null
  max: number | null
  mean: number | null
  nan: number
  infinite: number
  negativeInfinite: number
}

export interface MetricSeries {
  run: string
  key: string
  /** Points of the whole series. */
  points: number
  /** Ends of parts lie on multiples of this many steps: 1 where every point was read, more where buckets were. */
  alignment: number
  pixels: SeriesPixel[]
}

export interface MetricService {
  /** The latest value of each metric of a run with the number of its points, by key. */
  latestMetrics(run: string): Promise<(Metric & { points: number })[]>
  /** All values of one metric by step, time, value. @throws `run.not_found` */
  metricHistory(of: { run: string; key: string }, page?: PageInput): Promise<Page<Metric>>
  /**
   * All values of one metric by time, step, value (MLflow's order). Pages of up to `limit`, everything without one; their
   * tokens name the last point, so that points logged meanwhile shift nothing. An unknown run has none.
   * @throws `request.invalid` for a token that no earlier page gave
   */
  metricHistoryByTime(of: { run: string; key: string }, page?: PageInput): Promise<Page<Metric>>
  /** A series cut into parts with min, max and mean of each, fast for any length. @throws `run.not_found`, `request.invalid` */
  metricSeries(query: MetricSeriesQuery): Promise<MetricSeries>
  /**
   * At most `points` points of one metric for each of several runs (between the steps `from` and `to`): evenly spaced by
   * their place among the run's points, with the last one (MLflow's choice). By run (as given), step, time, value.
   */
  sampleMetric(query: {
    runs: readonly string[]
    key: string
    points: number
    from?: number
    to?: number
  }): Promise<RunMetric[]>
}

export interface RunMetric extends Metric {
  run: string
}

type Special = '' | 'NaN' | 'Infinity' | '-Infinity'

/** A number as columns: no engine keeps NaN and the infinities alike, so they are spelt out beside a 0. */
export interface StoredNumber {
  value: number
  special: string
}

export function toStored(value: number): StoredNumber {
  // Adding 0 turns -0 into 0, which is all that every engine keeps.
  return Number.isFinite(value)
    ? { value: value + 0, special: '' }
    : { value: 0, special: String(value) as Special }
}

export function fromStored({ value, special }: StoredNumber): number {
  return special === '' ? value : Number(special)
}

/** JSON has no NaN and no infinities: they travel as their names. */
export function toWireNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}
