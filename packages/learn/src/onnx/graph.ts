import type { OnnxAttribute, OnnxDomain, OnnxElement } from './onnx-messages.ts'

export type { OnnxElement } from './onnx-messages.ts'

/** A value of the graph: `columns` wide (its first dimension is the rows), or a vector over the rows if 0. */
export interface OnnxTensor {
  readonly name: string
  readonly element: OnnxElement
  readonly columns: number
}

export interface OnnxOperator {
  /** Default '', the main operators. */
  readonly domain?: OnnxDomain
  readonly inputs: readonly (OnnxTensor | string)[]
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
  /** What comes out, by element and width. */
  readonly outputs: readonly Omit<OnnxTensor, 'name'>[]
}

/**
 * Collects the operators of a model: opset 17, ai.onnx.ml 3. Names are made by the graph, so that they never meet;
 * what no output needs is left out of the file.
 */
export interface OnnxGraph {
  add(op: string, operator: OnnxOperator): readonly OnnxTensor[]
  /** An operator of one output. */
  one(op: string, operator: Omit<OnnxOperator, 'outputs'>, output: Omit<OnnxTensor, 'name'>): OnnxTensor
  /** The tensors (of one element, none of them a vector) side by side; those of a `split` find together again. */
  join(tensors: readonly OnnxTensor[]): OnnxTensor
  /** Each column of the tensor, [rows, 1]. */
  split(tensor: OnnxTensor): readonly OnnxTensor[]
  /** A constant, given by its name; small ones that are equal are the same. */
  floats(values: ArrayLike<number>, shape: readonly number[]): string
  doubles(values: ArrayLike<number>, shape: readonly number[]): string
  integers(values: ArrayLike<number>, shape: readonly number[]): string
  texts(values: readonly string[], shape: readonly number[]): string
}
