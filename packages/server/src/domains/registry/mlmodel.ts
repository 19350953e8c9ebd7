import { parse } from 'yaml'
import type { ModelFolder } from './links.ts'
import type { ModelField, ModelSpec } from './model-spec.ts'

export const mlmodelFile = 'MLmodel'
const longest = 1024 * 1024

/** What of an `MLmodel` file (YAML; signatures are JSON texts in it) matters here. */
export interface MlmodelFacts {
  spec: ModelSpec
  /** Paths in the folder. */
  inputExample: string | null
  /** The ONNX graph, if it is an ONNX model. */
  onnx: string | null
  /** What is said of each flavor, `python_function` too. */
  flavors: Record<string, { data: string | null; modelClass: string | null }>
  /** Files and folders in which the model's parts are, as its flavors name them. */
  parts: string[]
}

/**
 * Reads the `MLmodel` file of a folder.
 * @returns undefined if there is none, or none that can be understood
 */
export async function readMlmodel(folder: ModelFolder): Promise<MlmodelFacts | undefined> {
  const bytes = await folder.read(mlmodelFile, longest)
  return bytes && parseMlmodel(Buffer.from(bytes).toString('utf8'))
}

function parseMlmodel(text: string): MlmodelFacts | undefined {
  let file: unknown
  try {
    file = parse(text, { maxAliasCount: 0 })
  } catch {
    // Whoever wrote it decides what is in it: what is no YAML tells nothing, and is no error of the registration.
    return undefined
  }
  if (!isObject(file) || !isObject(file.flavors)) return undefined
  const flavors = file.flavors
  const example = isObject(file.saved_input_example_info) ? file.saved_input_example_info.artifact_path : null
  const onnx = isObject(flavors.onnx) ? flavors.onnx.data : null
  return {
    spec: { algorithm: algorithmOf(flavors), signature: signatureOf(file.signature) },
    inputExample: typeof example === 'string' ? example : null,
    onnx: typeof onnx === 'string' ? onnx : null,
    flavors: flavorsOf(flavors),
    parts: partsOf(flavors),
  }
}

function flavorsOf(flavors: Record<string, unknown>): MlmodelFacts['flavors'] {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return Object.fromEntries(
    Object.entries(flavors).map(([name, flavor]) => {
      const { data, model_class } = isObject(flavor) ? flavor : {}
      return [name, { data: text(data), modelClass: text(model_class) }]
    }),
  )
}

/** The flavors but the generic one, with the class of the model where it is told. */
function algorithmOf(flavors: Record<string, unknown>): string[] {
  const special = Object.entries(flavors).filter(([name]) => name !== 'python_function')
  if (special.length === 0 && isObject(flavors.python_function)) {
    return [String(flavors.python_function.loader_module ?? 'python_function')]
  }
  return special
    .map(([name, flavor]) => {
      const kind = isObject(flavor) ? flavor.model_class : undefined
      return typeof kind === 'string' ? `${name}:${kind}` : name
    })
    .sort()
}

const partKeys = ['data', 'model_path', 'pickled_model', 'model_data']

function partsOf(flavors: Record<string, unknown>): string[] {
  const named = Object.values(flavors)
    .filter(isObject)
    .flatMap((flavor) => partKeys.map((key) => flavor[key]))
    .filter((path) => typeof path === 'string')
  return [...new Set(named)].sort()
}

function signatureOf(signature: unknown): ModelSpec['signature'] {
  if (!isObject(signature)) return null
  const [inputs, outputs, params] = ['inputs', 'outputs', 'params'].map((part) => fieldsOf(signature[part]))
  return { inputs, outputs, params }
}

function fieldsOf(text: unknown): ModelField[] {
  if (typeof text !== 'string') return []
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    return []
  }
  if (!Array.isArray(fields)) return []
  return fields.filter(isObject).map((field, i) => ({
    name: typeof field.name === 'string' ? field.name : String(i),
    type: typeOf(field),
  }))
}

function typeOf(field: Record<string, unknown>): string {
  const tensor = field['tensor-spec']
  const optional = field.required === false ? '?' : ''
  if (isObject(tensor)) return `tensor(${String(tensor.dtype)})${JSON.stringify(tensor.shape)}${optional}`
  const { type } = field
  const detail = isObject(field.items) || isObject(field.properties) ? JSON.stringify(field) : String(type)
  return `${detail}${optional}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
