import type { Target } from '@millrace/learn'
import type { ModelManifest } from '../../registry/index.ts'
import type { NamedColumn } from '../training-data.ts'

/** A model that was made elsewhere, as this platform runs it. */
export interface Imported {
  algorithm: string
  /** What it takes, in order. */
  features: NamedColumn[]
  label: NamedColumn
  /** Of the rows of the training set. */
  target: Target
  output: Pick<ModelManifest, 'task' | 'classes'>
  onnx?: ModelManifest['onnx']
  /** Files to add to those that were logged. */
  files: Record<string, Uint8Array>
}
