import { parentPort, workerData } from 'node:worker_threads'
import { createTreeGrower } from '../forest/grow-tree.ts'
import { takePiece } from './next-piece.ts'
import type { GrownTree, TrainWork } from './train.ts'

const { table, rules, counter } = workerData as TrainWork
const growTree = createTreeGrower(table, rules)

for (
  let index = takePiece(counter, rules.nEstimators);
  index !== undefined;
  index = takePiece(counter, rules.nEstimators)
) {
  const grown: GrownTree = { index, tree: growTree(index) }
  parentPort?.postMessage(grown)
}
