import type { Model } from '../model.ts'
import { hasTrees, isCalibrated, isPipeline } from './model-kinds.ts'

/**
 * How many nodes the trees within a model have, all together; 0 without trees. `explain` takes time for each of them for
 * each row (some 30 ns, more in deep trees), and some hundred bytes of memory once.
 */
export const countTreeNodes = (model: Model): number => {
  if (isPipeline(model)) return countTreeNodes(model.learner)
  if (isCalibrated(model)) return model.members.reduce((sum, member) => sum + countTreeNodes(member.model), 0)
  return hasTrees(model) ? model.trees.feature.length : 0
}
