import { fitConstantBaseline, fitGroupMeanBaseline, predictConstant, predictGroupMean } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { Baseline, Gate } from './gate.ts'
import { createGroups } from './group-codes.ts'
import { scoresOf } from './scores.ts'
import { columnOf } from './training-data.ts'

/** A set of rows with its 0 and 1 labels. */
export interface Labelled {
  set: LoadedTrainingSet
  labels: Float64Array
}

/**
 * What can be had without a model, learnt from `history` and scored on `rows`: the rate of the positive class, and
 * its mean by the gate's group, smoothed (see learn).
 * @throws `step.input_invalid` if a set lacks a column of the group
 */
export function scoreBaselines(history: Labelled, rows: Labelled, group: Gate['baselineGroup']): Baseline[] {
  const rate = fitConstantBaseline(history.labels)
  const groups = createGroups()
  const past = groups.codes(groupColumns(history.set, group))
  const mean = fitGroupMeanBaseline(past, history.labels, { groups: Math.max(1, groups.size) })
  const present = groups.codes(groupColumns(rows.set, group))
  return [
    { name: 'majority rate', ...scoresOf(rows.labels, predictConstant(rate, rows.labels.length)) },
    {
      name: `historical mean by ${group.hour} and ${group.key}`,
      ...scoresOf(rows.labels, predictGroupMean(mean, present)),
    },
  ]
}

function groupColumns(set: LoadedTrainingSet, group: Gate['baselineGroup']) {
  for (const [part, name] of Object.entries(group)) {
    if (set.manifest.columns.some((column) => column.name === name)) continue
    const names = set.manifest.columns.map((column) => column.name).join(', ')
    throw fail('step.input_invalid', {
      input: `gate.baselineGroup.${part}`,
      reason: `training set "${set.manifest.name}" has no column "${name}"; it has ${names}`,
    })
  }
  return [columnOf(set, group.hour), columnOf(set, group.key)] as const
}
