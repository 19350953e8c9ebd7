import type { Target } from '@millrace/learn'
import { fail } from '@millrace/protocol'

/** Models answer with 32-bit floats, which reach as far. */
const greatest = 3.4e38
const mostClasses = 1000

/**
 * Refuses what no learner makes anything of, or what would take it for ever: one class, classes that are rather numbers
 * or names of rows, and numbers that models cannot answer with.
 * @throws `training.data_unusable` naming the label
 */
export function checkTrainingTarget(set: string, label: string, target: Target): void {
  const refuse = (reason: string) =>
    fail('training.data_unusable', { set, reason: `its label "${label}" ${reason}` })
  if (target.kind === 'numbers') {
    const row = target.values.findIndex((value) => Math.abs(value) > greatest)
    if (row < 0) return
    throw refuse(
      `is ${target.values[row]} in row ${row}, and models answer up to ${greatest}; learn it in another unit, or its logarithm`,
    )
  }
  const [rows, classes] = [target.codes.length, target.classes.length]
  if (classes < 2) {
    throw refuse(
      `is ${JSON.stringify(target.classes[0])} in all ${rows} rows; a classifier needs two classes to tell apart`,
    )
  }
  if (classes > mostClasses || classes > Math.max(2, rows / 2)) {
    throw refuse(
      `has ${classes} classes in ${rows} rows; a classifier learns at most ${mostClasses}, each from several rows: group them, or learn numbers with a regressor`,
    )
  }
}
