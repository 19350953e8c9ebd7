import { Counter, Gauge, type Registry } from 'prom-client'
import type { Clock } from '../../kernel/clock.ts'
import type { FeatureProfile } from './feature-profile.ts'
import type { FeatureService } from './service.ts'

/** Registers what is known about feature views; it is asked for when metrics are read. */
export function registerFeatureMetrics(
  registry: Registry,
  {
    features,
    clock,
  }: {
    features: Pick<
      FeatureService,
      'listStreams' | 'listMaterializations' | 'listProfiles' | 'listOutsideRange'
    >
    clock: Clock
  },
): void {
  const registers = [registry]
  new Gauge({
    name: 'millrace_feature_freshness_seconds',
    help: 'Time since that of the newest values in the online store',
    labelNames: ['view'],
    registers,
    async collect() {
      this.reset()
      for (const { view, until } of await features.listMaterializations())
        this.set({ view }, (clock.now() - until) / 1000)
    },
  })
  for (const [metric, help, read] of [
    [
      'millrace_feature_null_ratio',
      'Share of nulls among the values that the newest materialization wrote',
      ({ nulls, rows }: FeatureProfile) => nulls / rows,
    ],
    [
      'millrace_feature_drift',
      'Population stability index of the newest materialization against the one before',
      ({ drift }: FeatureProfile) => drift,
    ],
  ] as const) {
    new Gauge({
      name: metric,
      help,
      labelNames: ['view', 'feature'],
      registers,
      async collect() {
        this.reset()
        for (const { view } of await features.listMaterializations()) {
          const [newest] = await features.listProfiles(view, 1)
          for (const one of newest?.features ?? []) {
            const value = read(one)
            if (value !== null) this.set({ view, feature: one.feature }, value)
          }
        }
      },
    })
  }
  new Gauge({
    name: 'millrace_feature_events_waiting',
    help: 'Events that were accepted and are not in their dataset yet',
    labelNames: ['view'],
    registers,
    async collect() {
      this.reset()
      for (const { view, waiting } of await features.listStreams()) this.set({ view }, waiting)
    },
  })
  new Counter({
    name: 'millrace_feature_values_outside_range_total',
    help: 'Values read that were outside of the range of their feature, by what became of them; no view: of the request',
    labelNames: ['view', 'feature', 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const { view, feature, outcome, values } of features.listOutsideRange())
        this.inc({ view: view ?? '', feature, outcome }, values)
    },
  })
  new Counter({
    name: 'millrace_feature_events_total',
    help: 'Events sent to the dataset of a view, by what became of them',
    labelNames: ['view', 'outcome'],
    registers,
    async collect() {
      this.reset()
      for (const status of await features.listStreams()) {
        const { view } = status
        for (const outcome of ['accepted', 'duplicates', 'late', 'refused'] as const)
          this.inc({ view, outcome }, status[outcome])
      }
    },
  })
}
