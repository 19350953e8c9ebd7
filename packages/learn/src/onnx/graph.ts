import type { OnnxAttribute } from './onnx-messages.ts'

export type OnnxElement = 'float' | 'int64' | 'string' | 'bool'

/** A value of the graph: `columns` wide (its first dimension is the rows), or a vector over the rows if 0. */
export interface OnnxTensor {
  readonly name: string
  readonly element: OnnxElement
  readonly columns: number
}

export interface OnnxOperator {
  /** Default '', the main operators. */
  readonly domain?: '' | 'ai.onnx.ml'
  readonly inputs: readonly (OnnxTensor | string)[]
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
  /** What comes out, by element and width. */
  readonly outputs: readonly Omit<OnnxTensor, 'name'>[]
}

/** Collects the operators of a model; names are made by the graph, so that they never meet. */
export interface OnnxGraph {
  add(op: string, operator: OnnxOperator): readonly OnnxTensor[]
  /** A constant; the names of equal constants are the same. */
  floats(values: ArrayLike<number>, shape: readonly number[]): string
  integers(values: ArrayLike<number>, shape: readonly number[]): string
  texts(values: readonly string[], shape: readonly number[]): string
}
