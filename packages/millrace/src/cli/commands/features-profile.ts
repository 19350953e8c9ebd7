import type { FeatureProfile } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatTable, formatTime } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface ProfileFlags extends ClientFlags {
  last: string
}

export function addProfile(features: Command, terminal: Terminal): void {
  withClientOptions(features.command('profile'))
    .description('show what the materializations of a feature view wrote: nulls, values, drift')
    .argument('<view>', 'name of the feature view')
    .option('--last <n>', 'so many of them, the newest first; 50 are kept', '1')
    .addHelpText(
      'after',
      `
Drift is the population stability index against the materialization before: up to 0.1 is little, from 0.2 on much.

Examples:
  millrace features profile airport_delays
  millrace features profile airport_delays --last 10 --json`,
    )
    .action(async (view: string, { last, ...flags }: ProfileFlags) => {
      const limit = Number(last)
      if (!Number.isInteger(limit) || limit < 1 || limit > 50)
        throw usageError(`--last takes a number from 1 to 50, got "${last}"`)
      const profiles = await clientOf(flags, terminal).featureViews.profiles(view, { limit })
      if (flags.json) for (const profile of profiles) terminal.out(jsonLine(profile))
      else if (profiles.length === 0) terminal.out(`${view}: nothing was materialized yet\n`)
      else {
        for (const { at, until, features: found } of profiles)
          terminal.out(`${view} as of ${formatTime(until)}, written ${formatTime(at)}\n${describe(found)}`)
      }
    })
}

function describe(features: readonly FeatureProfile[]): string {
  return formatTable(
    ['feature', 'rows', 'nulls', 'distinct', 'min', 'median', 'mean', 'max', 'drift'],
    features.map(({ feature, rows, nulls, distinct, min, quantiles, mean, max, drift }) => [
      feature,
      String(rows),
      `${((nulls / rows) * 100).toFixed(1)} %`,
      String(distinct),
      ...[min, quantiles?.[2] ?? null, mean, max].map(textOf),
      drift === null ? '-' : drift.toFixed(3),
    ]),
  )
}

function textOf(value: number | null): string {
  if (value === null) return '-'
  return Number.isInteger(value) ? String(value) : value.toPrecision(5)
}
