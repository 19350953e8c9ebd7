import type { CompiledTrees } from './compile.ts'
import { walkBase64 } from './walk-wasm.ts'

interface EngineMemory {
  readonly buffer: ArrayBuffer
  /** Adds pages of 64 KB; throws a RangeError at the end of memory. */
  grow(pages: number): number
}

/** The functions of walk.wat, which says what they do. */
interface EngineExports {
  readonly memory: EngineMemory
  walk(
    groups: number,
    row: number,
    rowStep: number,
    roots: number,
    rootStep: number,
    steps: number,
    leaves: number,
  ): void
  walkSets(count: number, row: number, rowStep: number, roots: number, rootStep: number, leaves: number): void
}

/** Trees in the engine's memory, ready to be walked. */
export interface LoadedTrees {
  readonly walk: EngineExports['walk']
  readonly walkSets: EngineExports['walkSets']
  /** Memory for rows, as numbers and as integers (categories), and its address. */
  readonly rows: Float32Array
  readonly categories: Int32Array
  readonly rowsAddress: number
  /** Bytes from row to row. */
  readonly rowStep: number
  /** How many rows there is room for, a multiple of 8. */
  readonly blockRows: number
  /** What the walks end in: the values of the leaves if they have one each, else their numbers; and its address. */
  readonly values: Float32Array
  readonly leaves: Int32Array
  readonly leavesAddress: number
}

// Part of every JavaScript runtime, but typed only by the DOM and Node libraries, which this package does without.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: object }
}
declare const atob: (base64: string) => string

const pageBytes = 65_536
/** Rows of a block stay in the first-level cache. */
const blockBytes = 24_576
const maxBlockRows = 256

let engine: EngineExports | undefined
let resident: { readonly compiled: CompiledTrees; readonly loaded: LoadedTrees } | undefined

const startEngine = (): EngineExports => {
  const bytes = Uint8Array.from(atob(walkBase64), (char) => char.charCodeAt(0))
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as EngineExports
}

/**
 * Puts trees into the engine's memory, of which each thread has one: trees that are used again and again stay there,
 * and no more memory is taken than the largest need.
 */
export const loadTrees = (compiled: CompiledTrees): LoadedTrees => {
  if (resident?.compiled === compiled) return resident.loaded
  engine ??= startEngine()
  const { memory, walk, walkSets } = engine
  const rowStep = Math.max(4, compiled.slots.length * 4)
  const blockRows = Math.max(8, Math.min(maxBlockRows, Math.floor(blockBytes / rowStep / 8) * 8))
  const rowsAddress = Math.ceil(compiled.image.byteLength / 64) * 64
  const leavesAddress = rowsAddress + blockRows * rowStep
  const leaves = Math.max(blockRows, Math.ceil(compiled.trees / 8) * 8)
  const missing = leavesAddress + leaves * 4 - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
  const { buffer } = memory
  new Int32Array(buffer, 0, compiled.image.length).set(compiled.image)
  const rowWords = (blockRows * rowStep) / 4
  const loaded = {
    walk,
    walkSets,
    rows: new Float32Array(buffer, rowsAddress, rowWords),
    categories: new Int32Array(buffer, rowsAddress, rowWords),
    rowsAddress,
    rowStep,
    blockRows,
    values: new Float32Array(buffer, leavesAddress, leaves),
    leaves: new Int32Array(buffer, leavesAddress, leaves),
    leavesAddress,
  }
  resident = { compiled, loaded }
  return loaded
}
