import type { ColumnType } from '@millrace/protocol'

/** What a step value is: a scalar, or a JSON reference to something stored (ids, digests), never big data. */
export type StepValueType =
  | ColumnType
  | 'dataset-version'
  | 'training-set'
  | 'model'
  | 'evaluation'
  | 'model-version'
  | 'json'

export interface StepIo {
  type: StepValueType
  /** Inputs: may be left unbound. Outputs: may be absent from the result. */
  optional?: boolean
}

/** What a running step is told and may say. */
export interface StepContext {
  pipelineRun: string
  node: string
  /** 1 for the first start of the node; a restart after a crash or an error has the next number. */
  attempt: number
  /** Aborted when the run is cancelled; the process is killed after a grace time. */
  signal: AbortSignal
  /** `fraction` is 0 to 1. */
  progress(progress: { fraction?: number; message: string }): void
  log(line: string): void
  /** A folder of this attempt, removed when it ends. */
  tempDir: string
}

/**
 * A kind of node that pipelines can use. `run` executes in a process of its own and may be executed again after a
 * crash (at least once), so it must be idempotent: key what it creates by `${pipelineRun}/${node}`.
 */
export interface BuiltInStep {
  name: string
  inputs: Record<string, StepIo>
  outputs: Record<string, StepIo>
  run(context: StepContext, inputs: Record<string, unknown>): Promise<Record<string, unknown>>
}

/** The face of a step that the control plane needs: all but the code. */
export type StepSignature = Pick<BuiltInStep, 'name' | 'inputs' | 'outputs'>
