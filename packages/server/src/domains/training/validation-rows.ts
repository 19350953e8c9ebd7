import { classTarget, type Label, type Target, takeRows } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import type { LearnerRows } from './fit-learner.ts'

/** Rows in the order of event time. */
export interface TimedRows extends LearnerRows {
  /** Name of the training set. */
  name: string
  /** Milliseconds, ascending. */
  times: Float64Array
}

/**
 * Takes the last share of the rows out of those to learn from. Rows of one time stay together, on the side of the
 * validation.
 * @throws `training.data_unusable` if nothing is left to learn from, and for a class that only the last rows have
 */
export function holdOutLast(rows: TimedRows, share: number): { training: TimedRows; validation: TimedRows } {
  const { name, frame, target, times } = rows
  const count = frame.rows
  const cut = times[Math.min(count - 1, Math.floor(count * (1 - share)))]
  const start = times.indexOf(cut)
  if (start === 0) {
    throw fail('training.data_unusable', {
      set: name,
      reason: `its last ${100 * share} % of the rows by time are all ${count}; give validation rows of their own, or a smaller share`,
    })
  }
  const part = (begin: number, end: number): TimedRows => ({
    name,
    times: times.subarray(begin, end),
    ...takeRows(
      { frame, target },
      Uint32Array.from({ length: end - begin }, (_, i) => begin + i),
    ),
  })
  const training = withOwnClasses(part(0, start))
  return { training, validation: withClassesOf(part(start, count), training.target) }
}

/**
 * The rows of another training set as those to watch a fit on.
 * @throws `training.data_unusable` for rows that do not come after those learnt from, and for a class that those lack
 */
export function validateOn(training: TimedRows, validation: TimedRows): TimedRows {
  const last = training.times[training.times.length - 1]
  if (validation.times[0] > last) return withClassesOf(validation, training.target)
  const iso = (at: number) => new Date(at).toISOString()
  throw fail('training.data_unusable', {
    set: validation.name,
    reason: `it begins at ${iso(validation.times[0])}, but the rows learnt from go up to ${iso(last)}; validate on later rows`,
  })
}

/** Without the classes that only rows taken out have. */
function withOwnClasses(rows: TimedRows): TimedRows {
  const { target } = rows
  if (target?.kind !== 'classes') return rows
  return { ...rows, target: classTarget(labelsOf(target)) }
}

function withClassesOf(rows: TimedRows, like: Target | undefined): TimedRows {
  const { target } = rows
  if (target?.kind !== 'classes' || like?.kind !== 'classes') return rows
  const codeOf = new Map(like.classes.map((label, code) => [label, code]))
  const translated = target.classes.map((label) => codeOf.get(label) ?? -1)
  const codes = target.codes.map((code) => translated[code])
  const unknown = codes.indexOf(-1)
  if (unknown >= 0) {
    const label = JSON.stringify(target.classes[target.codes[unknown]])
    throw fail('training.data_unusable', {
      set: rows.name,
      reason: `its validation rows have the class ${label}, which no row learnt from has; learn from a longer time`,
    })
  }
  return { ...rows, target: { ...like, codes } }
}

function labelsOf({ codes, classes }: Target & { kind: 'classes' }): Label[] {
  return Array.from(codes, (code) => classes[code])
}
