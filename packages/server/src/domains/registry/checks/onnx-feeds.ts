/** A nested list as one flat list with its shape. */
export interface Flat {
  values: unknown[]
  shape: number[]
}

/**
 * The inputs of a graph out of an input example: a list for a graph of one input; columns by name for a graph of one
 * input per column; `{columns, data}` as tables are written, for either; all of it also below `inputs`, `instances`
 * or `dataframe_split`.
 * @throws an Error that says what does not fit
 */
export function feedsOf(example: unknown, inputs: readonly string[]): Record<string, Flat> {
  if (Array.isArray(example)) return { [onlyInput(inputs)]: flatten(example) }
  if (typeof example !== 'object' || example === null)
    throw new Error('the input example is no list and no object')
  const object = example as Record<string, unknown>
  if (inputs.length > 0 && inputs.every((name) => name in object)) {
    return Object.fromEntries(inputs.map((name) => [name, flatten(object[name])]))
  }
  const { columns, data } = object
  if (Array.isArray(columns) && Array.isArray(data)) return tableFeeds(columns, data, inputs)
  for (const key of ['dataframe_split', 'inputs', 'instances']) {
    if (key in object) return feedsOf(object[key], inputs)
  }
  throw new Error(`the input example has not all of the inputs ${inputs.join(', ')}`)
}

function tableFeeds(columns: unknown[], data: unknown[], inputs: readonly string[]): Record<string, Flat> {
  const rows = data as unknown[][]
  const places = inputs.map((name) => columns.indexOf(name))
  if (!places.includes(-1)) {
    return Object.fromEntries(inputs.map((name, i) => [name, flatten(rows.map((row) => [row[places[i]]]))]))
  }
  return { [onlyInput(inputs)]: flatten(rows) }
}

function onlyInput(inputs: readonly string[]): string {
  if (inputs.length === 1) return inputs[0]
  throw new Error(`the graph has the inputs ${inputs.join(', ')}, the input example does not name them`)
}

/** @throws an Error for lists of different lengths */
function flatten(value: unknown): Flat {
  if (!Array.isArray(value)) return { values: [value], shape: [] }
  const parts = value.map(flatten)
  const inner = parts[0]?.shape ?? []
  if (parts.some(({ shape }) => shape.join() !== inner.join())) {
    throw new Error('the lists of the input example have different lengths')
  }
  return { values: parts.flatMap(({ values }) => values), shape: [value.length, ...inner] }
}
