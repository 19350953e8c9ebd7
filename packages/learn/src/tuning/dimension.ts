import type { CategoricalParameter, Choice, FloatParameter, IntParameter, Parameter } from './parameter.ts'

/**
 * A parameter as samplers see it: a number between `low` and `high`, which for a categorical parameter is the index of
 * its choice.
 */
export interface Dimension {
  readonly name: string
  readonly low: number
  readonly high: number
  /** The distance between neighbouring values; 0 where every number between is one. */
  readonly step: number
  readonly log: boolean
  /** Null for numbers. */
  readonly choices: readonly Choice[] | null
  /** It exists where each of these dimensions has one of these values. */
  readonly parents: readonly { readonly index: number; readonly values: readonly number[] }[]
}

const refuse = (name: string, problem: string): never => {
  throw new RangeError(`parameter '${name}' ${problem}`)
}

const fields: Readonly<Record<Parameter['kind'], readonly string[]>> = {
  float: ['kind', 'low', 'high', 'step', 'log', 'when'],
  int: ['kind', 'low', 'high', 'step', 'log', 'when'],
  categorical: ['kind', 'choices', 'when'],
}

const checkFields = (name: string, parameter: Parameter): void => {
  const known = Object.hasOwn(fields, parameter.kind) ? fields[parameter.kind] : undefined
  if (!known)
    throw new RangeError(
      `parameter '${name}' has the kind '${parameter.kind}'; there are ${Object.keys(fields).join(', ')}`,
    )
  const unknown = Object.keys(parameter).find((field) => !known.includes(field))
  if (unknown !== undefined)
    refuse(name, `(${parameter.kind}) has no field '${unknown}'; it has ${known.join(', ')}`)
}

const isChoice = (value: unknown): value is Choice =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)

const readChoices = (name: string, { choices }: CategoricalParameter): readonly Choice[] => {
  if (!Array.isArray(choices) || choices.length === 0) return refuse(name, 'needs at least one choice')
  const wrong = choices.findIndex((choice) => !isChoice(choice))
  if (wrong !== -1)
    refuse(name, `has ${String(choices[wrong])} as choice ${wrong}; texts, numbers, booleans and null can be`)
  const repeated = choices.find((choice, index) => choices.indexOf(choice) < index)
  if (repeated !== undefined) refuse(name, `has the choice ${JSON.stringify(repeated)} twice`)
  return choices
}

/** The last of low, low + step, … that is not above `high`, whatever the rounding of the division. */
const lastStep = (low: number, high: number, step: number): number => {
  const last = low + Math.floor((high - low) / step + 1e-8) * step
  return Math.min(high, Number.isInteger(last) ? last : Number(last.toPrecision(15)))
}

const readNumbers = (
  name: string,
  parameter: FloatParameter | IntParameter,
): Pick<Dimension, 'low' | 'high' | 'step' | 'log'> => {
  const { kind, low, high, step, log = false } = parameter
  const proper = kind === 'int' ? Number.isSafeInteger : Number.isFinite
  const wanted = kind === 'int' ? 'an integer' : 'a finite number'
  for (const [field, value] of Object.entries({ low, high, step: step ?? 1 }))
    if (!proper(value)) refuse(name, `has ${value} as ${field}; it must be ${wanted}`)
  if (low > high) refuse(name, `has low ${low} above high ${high}`)
  if (!Number.isFinite(high - low)) refuse(name, `spans from ${low} to ${high}, too wide for a number`)
  if (step !== undefined && step <= 0) refuse(name, `has step ${step}; it must be positive`)
  if (typeof log !== 'boolean') refuse(name, `has ${String(log)} as log; it must be true or false`)
  if (log && step !== undefined && !(kind === 'int' && step === 1))
    refuse(name, 'has both log and step; choose one')
  if (log && !(kind === 'int' ? low >= 1 : low > 0))
    refuse(
      name,
      `is searched by its logarithm and has low ${low}; it must be ${kind === 'int' ? '≥ 1' : '> 0'}`,
    )
  const distance = step ?? (kind === 'int' ? 1 : 0)
  return { low, high: distance > 0 ? lastStep(low, high, distance) : high, step: distance, log }
}

/** The dimension of a parameter, without its parents. Throws a RangeError that names the parameter and what is wrong. */
export const readDimension = (name: string, parameter: Parameter): Dimension => {
  checkFields(name, parameter)
  if (parameter.kind === 'categorical') {
    const choices = readChoices(name, parameter)
    return { name, low: 0, high: choices.length - 1, step: 1, log: false, choices, parents: [] }
  }
  return { name, ...readNumbers(name, parameter), choices: null, parents: [] }
}

/** The number of values that the dimension has; Infinity for a continuous one. */
export const countValues = ({ low, high, step }: Dimension): number =>
  low === high ? 1 : step === 0 ? Infinity : Math.round((high - low) / step) + 1

/** The value after so many steps; of fractions to 15 digits, so that 0.1 + 2 × 0.1 is 0.3. */
export const stepValue = ({ low, high, step }: Dimension, count: number): number => {
  const value = low + count * step
  return Math.min(high, Number.isInteger(value) ? value : Number(value.toPrecision(15)))
}

/** The value of the dimension nearest to a number. */
export const nearestValue = (dimension: Dimension, value: number): number => {
  const { low, high, step } = dimension
  const inside = Math.min(high, Math.max(low, value))
  return step === 0 ? inside : stepValue(dimension, Math.round((inside - low) / step))
}

/** The value as its parameter has it. */
export const toChoice = ({ choices }: Dimension, value: number): Choice => (choices ? choices[value] : value)

/**
 * The number that stands for a parameter's value. Throws a RangeError that names the parameter if it cannot have that value;
 * a stepped one may be off by a rounding error.
 */
export const fromChoice = (dimension: Dimension, given: unknown): number => {
  const { name, choices, low, high, step } = dimension
  if (choices) {
    const index = choices.indexOf(given as Choice)
    if (index === -1)
      refuse(
        name,
        `is ${JSON.stringify(given)}; it can be ${choices.map((c) => JSON.stringify(c)).join(', ')}`,
      )
    return index
  }
  if (typeof given !== 'number' || !(given >= low && given <= high))
    return refuse(name, `is ${JSON.stringify(given)}; it must be a number from ${low} to ${high}`)
  const nearest = nearestValue(dimension, given)
  if (Math.abs(nearest - given) > 1e-8 * step)
    refuse(name, `is ${given}; it goes from ${low} to ${high} in steps of ${step}`)
  return nearest
}
