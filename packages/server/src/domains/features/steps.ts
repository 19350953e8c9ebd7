import { fail } from '@millrace/protocol'
import type { DatasetVersionRef } from '../data/index.ts'
import type { BuiltInStep } from '../pipelines/index.ts'
import type { FeatureService } from './service.ts'
import { memberNames } from './split.ts'

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
    outputs: {
      data: { type: 'training-set' },
      rows: { type: 'int64' },
      ...Object.fromEntries(
        memberNames.map((name) => [name, { type: 'training-set', optional: true } as const]),
      ),
    },
    async run(context, { set, version, from, until }) {
      const { digest, name, rows, manifest } = await features.buildTrainingSet({
        name: String(set),
        version: version as DatasetVersionRef,
        from: toMs('from', from),
        until: toMs('until', until),
        onProgress: context.progress,
        signal: context.signal,
      })
      context.log(`training set ${name}, ${rows} rows, digest ${digest}`)
      for (const { message } of manifest.leakage) context.log(`leakage: ${message}`)
      const members = (manifest.members ?? []).map((one) => [
        one.member,
        { digest: one.digest, name, rows: one.rows },
      ])
      return { data: { digest, name, rows }, rows, ...Object.fromEntries(members) }
    },
  }
}

/** The step `check-reads`: compares logged online reads with what training would have had. */
export function checkReadsStep(features: Pick<FeatureService, 'checkReads'>): BuiltInStep {
  return {
    name: 'check-reads',
    inputs: {
      service: { type: 'string' },
      from: { type: 'timestamp' },
      until: { type: 'timestamp' },
      sample: { type: 'float64', optional: true },
      tolerated: { type: 'float64', optional: true },
    },
    outputs: { consistent: { type: 'boolean' }, check: { type: 'json' } },
    async run({ log, signal }, { service, from, until, sample, tolerated }) {
      const check = await features.checkReads(String(service), {
        from: toMs('from', from),
        until: toMs('until', until),
        ...(typeof sample === 'number' && { sample }),
        ...(typeof tolerated === 'number' && { tolerated }),
        signal,
      })
      for (const { feature, share } of check.inconsistent)
        log(`${feature} differs in ${(share * 100).toFixed(2)} % of its reads`)
      return { consistent: check.consistent, check }
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
