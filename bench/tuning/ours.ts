// node ours.ts <function> <sampler kind> <first seed> <seeds> <trials…>: prints regrets by seed and checkpoint, and CPU time.
import { suggestParameters, type Trial } from '@millrace/learn'
import { functions } from './functions.ts'

const [name, kind, first, seeds, ...checkpoints] = process.argv.slice(2)
const { space, minimum, evaluate } = functions[name]
const counts = checkpoints.map(Number)
const last = Math.max(...counts)

const runStudy = (seed: number): readonly number[] => {
  const trials: Trial[] = []
  const study = { space, directions: ['minimize'], sampler: { kind, options: {} }, seed } as const
  for (let number = 0; number < last; number += 1) {
    const suggestion = suggestParameters(study, trials, number)
    if (!suggestion) throw new Error('nothing left to try')
    trials.push({ number, state: 'complete', ...suggestion, values: [evaluate(suggestion.parameters)] })
  }
  return counts.map(
    (count) => Math.min(...trials.slice(0, count).map(({ values = [] }) => values[0])) - minimum,
  )
}

runStudy(-1)
const begin = process.cpuUsage()
const regrets = Array.from({ length: Number(seeds) }, (_, index) => runStudy(Number(first) + index))
const { user, system } = process.cpuUsage(begin)
console.log(JSON.stringify({ regrets, milliseconds: (user + system) / 1000 / Number(seeds) / last }))
