import { fail } from '@millrace/protocol'
import type { DatasetVersionRef } from '../data/index.ts'
import type { BuiltInStep } from '../pipelines/index.ts'
import type { FeatureService } from './service.ts'

/** The step `build-training-set`. A run after a crash finds what was built from the same inputs. */
export function buildTrainingSetStep(features: FeatureService): BuiltInStep {
  return {
    name: 'build-training-set',
    inputs: {
      set: { type: 'string' },
      version: { type: 'dataset-version' },
      from: { type: 'timestamp' },
      until: { type: 'timestamp' },
    },
    outputs: { data: { type: 'training-set' }, rows: { type: 'int64' } },
    async run(context, { set, version, from, until }) {
      const { digest, name, rows } = await features.buildTrainingSet({
        name: String(set),
        version: version as DatasetVersionRef,
        from: toMs('from', from),
        until: toMs('until', until),
        onProgress: context.progress,
        signal: context.signal,
      })
      context.log(`training set ${name}, ${rows} rows, digest ${digest}`)
      return { data: { digest, name, rows }, rows }
    },
  }
}

function toMs(field: string, value: unknown): number {
  const ms = typeof value === 'string' ? Date.parse(value) : value instanceof Date ? value.getTime() : value
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms
  throw fail('request.invalid', {
    reason: `${field} must be a time (ISO text or milliseconds), got ${value}`,
  })
}
