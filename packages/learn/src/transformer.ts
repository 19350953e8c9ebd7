import type { Frame } from './frame.ts'
import type { FitData } from './learner.ts'
import type { OnnxGraph, OnnxTensor } from './onnx/graph.ts'

/** How to transform columns, as plain data; see `LearnerSpec`. */
export interface TransformerSpec {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
}

/** What a transformer learnt: plain data and typed arrays. */
export interface FittedTransformer {
  readonly kind: string
}

/** Columns inside a graph, by name, each [rows, 1]. */
export type OnnxColumns = ReadonlyMap<string, OnnxTensor>

/**
 * One way to transform columns. Every kind is listed once, in `transformers.ts`. Numbers are float32 in and out,
 * and each operation is rounded to float32 as ONNX's is, so that a graph gives the same bits.
 */
export interface TransformerKind<
  F extends FittedTransformer = FittedTransformer,
  S extends TransformerSpec = TransformerSpec,
> {
  readonly kind: S['kind']
  /** Throws a TypeError for a column of a kind that it does not take, a RangeError for options and values. */
  fit(spec: S, data: FitData): F
  /** The transformed columns; those that go in and do not come out are gone. */
  transform(fitted: F, frame: Frame): Frame
  /**
   * What the rows of the fit become where that is not what `transform` makes of them: out-of-fold target
   * encoding. Default: `transform(fit(…))`.
   */
  fitTransform?(spec: S, data: FitData): { readonly fitted: F; readonly frame: Frame }
  /** The columns that come out, in their order, each with those it is made of. Default: those that go in. */
  origins?(fitted: F): ReadonlyMap<string, readonly string[]>
  check(fitted: F): void
  toOnnx(fitted: F, graph: OnnxGraph, columns: OnnxColumns): OnnxColumns
}
