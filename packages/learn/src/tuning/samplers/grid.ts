import { integerOption, makeSpec, type OptionRule, type OptionRules, resolveOptions } from '../../options.ts'
import { createRandom } from '../../random.ts'
import { countValues, type Dimension, fromChoice, stepValue } from '../dimension.ts'
import type { Choice } from '../parameter.ts'
import type { SamplerKind, SamplerSpec } from '../sampler.ts'
import { fromScale, toScale } from '../scale.ts'
import { isActive, type Space } from '../space.ts'
import { drawOrder } from '../uniform.ts'
import { proposeRandom } from './random.ts'

export interface GridSamplerOptions {
  /** The values to try of the parameters named; default all, or `points` where there is no end of them. */
  readonly values?: Readonly<Record<string, readonly Choice[]>>
  /** How many values of a continuous parameter are tried, ends included, evenly on its scale. Default 10. */
  readonly points?: number
}

const maxCells = 100_000

const valuesOption: OptionRule<Readonly<Record<string, readonly Choice[]>>> = (name, value = {}) => {
  const proper =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((own) => Array.isArray(own) && own.length > 0)
  if (!proper)
    throw new RangeError(`${name} must be lists of values by parameter, not ${JSON.stringify(value)}`)
  return value as Readonly<Record<string, readonly Choice[]>>
}

const rules: OptionRules<Required<GridSamplerOptions>> = {
  values: valuesOption,
  points: integerOption(10, 1, maxCells),
}

/**
 * Every combination of values once, in random order, conditions respected; then nothing more. At most 100 000 combinations.
 * Throws a RangeError for wrong options.
 */
export const gridSampler = (options: GridSamplerOptions = {}): SamplerSpec<'grid'> =>
  makeSpec('grid', rules, options)

const listValues = (
  dimension: Dimension,
  { values, points }: Required<GridSamplerOptions>,
): readonly number[] => {
  if (Object.hasOwn(values, dimension.name))
    return [...new Set(values[dimension.name].map((choice) => fromChoice(dimension, choice)))]
  const count = countValues(dimension)
  const { low, high, step } = dimension
  if (count <= maxCells) return Array.from({ length: count }, (_, index) => stepValue(dimension, index))
  if (step > 0)
    throw new RangeError(`parameter '${dimension.name}' has ${count} values, too many for a grid; list some`)
  const [from, to] = [toScale(dimension, low), toScale(dimension, high)]
  return points === 1
    ? [fromScale(dimension, (from + to) / 2)]
    : Array.from({ length: points }, (_, at) =>
        fromScale(dimension, from + (at / (points - 1)) * (to - from)),
      )
}

/** Every point of the grid. Throws a RangeError if there are too many. */
const listCells = (
  { dimensions, places }: Space,
  options: Required<GridSamplerOptions>,
): readonly Float64Array[] => {
  const unknown = Object.keys(options.values).find((name) => !places.has(name))
  if (unknown !== undefined)
    throw new RangeError(`the grid lists values of '${unknown}', which the space does not have`)
  let cells = [new Float64Array(dimensions.length).fill(Number.NaN)]
  dimensions.forEach((dimension, index) => {
    const values = listValues(dimension, options)
    const count = cells.reduce((sum, cell) => sum + (isActive(dimension, cell) ? values.length : 1), 0)
    if (count > maxCells)
      throw new RangeError(`the grid has more than ${maxCells} combinations; list fewer values`)
    cells = cells.flatMap((cell) =>
      isActive(dimension, cell) ? values.map((value) => cell.with(index, value)) : [cell],
    )
  })
  return cells
}

export const gridKind: SamplerKind = {
  kind: 'grid',
  create(given) {
    const options = resolveOptions<Required<GridSamplerOptions>>('the grid sampler', rules, given)
    return {
      propose({ history, seed, random }) {
        const cells = listCells(history.space, options)
        const tried = new Set(history.points.map((point) => point.join()))
        const next = drawOrder(createRandom(seed), cells.length).find((at) => !tried.has(cells[at].join()))
        return next === undefined ? null : { ...proposeRandom(history, random), joint: cells[next] }
      },
    }
  },
}
