import { categorical, type TreeEnsemble } from './ensemble.ts'

const refuse = (what: string): never => {
  throw new RangeError(`the model's trees are damaged: ${what}`)
}

const checkLengths = (ensemble: TreeEnsemble): void => {
  const { outputs, valuesPerLeaf, offsets, feature, treeOutput, base } = ensemble
  const size = feature.length
  const parts = [
    ['offsets', offsets, Uint32Array, offsets.length],
    ['feature', feature, Int32Array, size],
    ['threshold', ensemble.threshold, Float32Array, size],
    ['right', ensemble.right, Uint32Array, size],
    ['flags', ensemble.flags, Uint8Array, size],
    ['cover', ensemble.cover, Float32Array, size],
    ['gain', ensemble.gain, Float32Array, size],
    ['value', ensemble.value, Float32Array, size * valuesPerLeaf],
    ['sets', ensemble.sets, Uint32Array, ensemble.sets.length],
    ['setOffsets', ensemble.setOffsets, Uint32Array, ensemble.setOffsets.length],
    ['base', base, Float64Array, outputs],
    ['treeOutput', treeOutput, Uint16Array, treeOutput.length],
  ] as const
  for (const [name, values, type, length] of parts)
    if (!(values instanceof type) || values.length !== length)
      refuse(`${name} must be ${type.name} of ${length}`)
  if (valuesPerLeaf !== 1 && valuesPerLeaf !== outputs) refuse(`there are ${valuesPerLeaf} values per leaf`)
  if (valuesPerLeaf === 1 && treeOutput.length !== offsets.length - 1) refuse('treeOutput has another length')
  if (treeOutput.some((output) => output >= outputs)) refuse('a tree belongs to an output that there is not')
}

const checkSets = ({ sets, setOffsets }: TreeEnsemble): void => {
  if (setOffsets[0] !== 0 || setOffsets[setOffsets.length - 1] !== sets.length) refuse('its sets do not fit')
  for (let set = 1; set < setOffsets.length; set += 1)
    if (setOffsets[set] < setOffsets[set - 1]) refuse('its sets overlap')
}

const checkNode = (ensemble: TreeEnsemble, node: number, end: number): void => {
  const { features, feature, right, threshold, flags, setOffsets } = ensemble
  if (feature[node] < -1 || feature[node] >= features) refuse(`node ${node} tests feature ${feature[node]}`)
  if (feature[node] < 0) return
  // Children after their parents: no walk can go round in circles.
  if (right[node] <= node + 1 || right[node] >= end) refuse(`node ${node} has child ${right[node]}`)
  if (Number.isNaN(threshold[node])) refuse(`node ${node} has no threshold`)
  if ((flags[node] & categorical) !== 0 && !(threshold[node] >= 0 && threshold[node] < setOffsets.length - 1))
    refuse(`node ${node} has set ${threshold[node]}`)
}

/** Throws a RangeError unless every walk through the trees, of any row of `features` numbers, ends in a leaf. */
export const checkEnsemble = (ensemble: TreeEnsemble, features: number, outputs: number): void => {
  if (typeof ensemble !== 'object' || ensemble === null) refuse('there are none')
  if (ensemble.features !== features) refuse(`they test ${ensemble.features} features of ${features}`)
  if (ensemble.outputs !== outputs) refuse(`they have ${ensemble.outputs} outputs, not ${outputs}`)
  checkLengths(ensemble)
  checkSets(ensemble)
  const { offsets, feature } = ensemble
  if (offsets.length < 2 || offsets[0] !== 0 || offsets[offsets.length - 1] !== feature.length)
    refuse('its trees do not fit')
  for (let tree = 0; tree + 1 < offsets.length; tree += 1) {
    const end = offsets[tree + 1]
    if (end <= offsets[tree] || feature[end - 1] >= 0) refuse(`tree ${tree} does not end in a leaf`)
    for (let node = offsets[tree]; node < end; node += 1) checkNode(ensemble, node, end)
  }
  if (!['sum', 'average'].includes(ensemble.aggregate)) refuse(`aggregate is '${ensemble.aggregate}'`)
  if (!['identity', 'logistic', 'softmax', 'exp'].includes(ensemble.link))
    refuse(`link is '${ensemble.link}'`)
}
