import { type Dimension, fromChoice, readDimension, toChoice } from './dimension.ts'
import type { Condition, Parameter, SearchSpace, TrialParameters } from './parameter.ts'

/** A checked search space: its dimensions, each after those on which it depends. */
export interface Space {
  readonly dimensions: readonly Dimension[]
  /** Which dimension has a name. */
  readonly places: ReadonlyMap<string, number>
}

const maxParameters = 1000

/** Names so that each comes after those that its condition names. Throws a RangeError for a circle and an unknown name. */
const sortNames = (space: SearchSpace): readonly string[] => {
  const sorted = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    if (sorted.has(name)) return
    const circle = [...path.slice(path.indexOf(name)), name]
    if (path.includes(name))
      throw new RangeError(`parameter '${name}' depends on itself: ${circle.join(' → ')}`)
    for (const parent of Object.keys(space[name].when ?? {})) {
      if (!Object.hasOwn(space, parent))
        throw new RangeError(`parameter '${name}' depends on '${parent}', which the space does not have`)
      visit(parent, [...path, name])
    }
    sorted.add(name)
  }
  for (const name of Object.keys(space)) visit(name, [])
  return [...sorted]
}

const readParents = (name: string, when: Condition, before: readonly Dimension[]): Dimension['parents'] =>
  Object.entries(when).map(([parent, choices]) => {
    const index = before.findIndex((dimension) => dimension.name === parent)
    const dimension = before[index]
    if (dimension.step === 0)
      throw new RangeError(
        `parameter '${name}' depends on '${parent}', which is continuous; give that a step`,
      )
    if (!Array.isArray(choices) || choices.length === 0)
      throw new RangeError(`parameter '${name}' names no values of '${parent}', on which it depends`)
    try {
      return { index, values: choices.map((choice) => fromChoice(dimension, choice)) }
    } catch (error) {
      throw new RangeError(
        `parameter '${name}' depends on a value that cannot be: ${(error as Error).message}`,
        {
          cause: error,
        },
      )
    }
  })

/**
 * Checks a search space. Throws a RangeError that names the parameter and what is wrong with it. The order of the fields of
 * `space` decides which random number goes to which parameter.
 */
export const readSpace = (space: SearchSpace): Space => {
  const count = Object.keys(space).length
  if (count === 0 || count > maxParameters)
    throw new RangeError(`a search space has 1 to ${maxParameters} parameters, not ${count}`)
  for (const [name, parameter] of Object.entries<Parameter | null>(space)) {
    if (name === '') throw new RangeError('a parameter has an empty name')
    if (typeof parameter !== 'object' || parameter === null)
      throw new RangeError(
        `parameter '${name}' must be an object with a kind, not ${JSON.stringify(parameter)}`,
      )
    const { when } = parameter
    if (when !== undefined && (typeof when !== 'object' || when === null || Array.isArray(when)))
      throw new RangeError(`parameter '${name}' has a condition that is not an object of names and values`)
  }
  const dimensions: Dimension[] = []
  for (const name of sortNames(space)) {
    const dimension = readDimension(name, space[name])
    dimensions.push({ ...dimension, parents: readParents(name, space[name].when ?? {}, dimensions) })
  }
  return { dimensions, places: new Map(dimensions.map(({ name }, index) => [name, index])) }
}

/** Whether a dimension exists where those before it have these values (NaN: does not exist). */
export const isActive = ({ parents }: Dimension, point: Float64Array): boolean =>
  parents.every(({ index, values }) => values.includes(point[index]))

/** The point of a trial's parameters, NaN where one does not exist. Throws a RangeError that names the wrong parameter. */
export const toPoint = ({ dimensions, places }: Space, parameters: TrialParameters): Float64Array => {
  const unknown = Object.keys(parameters).find((name) => !places.has(name))
  if (unknown !== undefined) throw new RangeError(`the search space has no parameter '${unknown}'`)
  const point = new Float64Array(dimensions.length).fill(Number.NaN)
  dimensions.forEach((dimension, index) => {
    const { name } = dimension
    const given = Object.hasOwn(parameters, name)
    const active = isActive(dimension, point)
    if (given && !active) throw new RangeError(`parameter '${name}' is given; its condition is not met`)
    if (active && !given) throw new RangeError(`parameter '${name}' is missing`)
    if (active) point[index] = fromChoice(dimension, parameters[name])
  })
  return point
}

/** The parameters of a point. */
export const fromPoint = ({ dimensions }: Space, point: Float64Array): TrialParameters =>
  Object.fromEntries(
    dimensions.flatMap((dimension, index) =>
      Number.isNaN(point[index]) ? [] : [[dimension.name, toChoice(dimension, point[index])]],
    ),
  )
