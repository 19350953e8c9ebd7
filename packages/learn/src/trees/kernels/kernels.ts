import { kernelsBase64 } from './kernels-wasm.ts'

/** Memory that the kernels of several threads share; it can be posted to them. */
export interface KernelMemory {
  readonly buffer: SharedArrayBuffer
  /** Adds pages of 64 KB; throws a RangeError at the end of memory. */
  grow(pages: number): number
}

/** The functions of kernels.wat, which says what they do. Addresses and sizes are in bytes. */
export interface Kernels {
  addRows(
    table: number,
    stride: number,
    features: number,
    rows: number,
    count: number,
    gradients: number,
    histogram: number,
  ): number
  addColumn(
    column: number,
    shift: number,
    mask: number,
    rows: number,
    count: number,
    gradients: number,
    histogram: number,
  ): void
  addClasses(
    column: number,
    shift: number,
    mask: number,
    rows: number,
    count: number,
    labels: number,
    histogram: number,
    entrySize: number,
  ): void
  copy(to: number, from: number, size: number): void
  addAt(values: number, rows: number, count: number, value: number): void
  move(to: number, from: number, size: number): void
  add(to: number, from: number, size: number): void
  subtract(to: number, from: number, size: number): void
  partition(
    column: number,
    shift: number,
    mask: number,
    sides: number,
    rows: number,
    count: number,
    left: number,
    right: number,
  ): number
  scan(
    entries: number,
    bins: number,
    missing: number,
    gradient: number,
    hessian: number,
    rows: number,
    minHessian: number,
    minRows: number,
    l2: number,
    least: number,
    score: number,
  ): number
  logistic(scores: number, targets: number, count: number, pairs: number, leastHessian: number): void
  quantise(pairs: number, count: number, firstScale: number, secondScale: number): void
  bin(values: number, count: number, edges: number, steps: number, bins: number, shift: number): void
  spread(from: number, count: number, to: number, stride: number): void
}

interface Instance {
  readonly exports: object
}

// Part of every JavaScript runtime, but typed only by the DOM and Node libraries, which this package does without.
declare const WebAssembly: {
  Memory: new (options: { initial: number; maximum: number; shared: true }) => KernelMemory
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: { env: { memory: KernelMemory } }) => Instance
}
declare const atob: (base64: string) => string

/** The most that 32-bit addresses reach. */
const maximum = 65_536

export const createKernelMemory = (): KernelMemory =>
  new WebAssembly.Memory({ initial: 1, maximum, shared: true })

let compiled: object | undefined

/** The kernels, working on this memory. */
export const loadKernels = (memory: KernelMemory): Kernels => {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(kernelsBase64), (char) => char.charCodeAt(0)))
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as Kernels
}
