import type { Definition } from '@millrace/protocol'

/** What turning definitions into their wire form needs to know from outside. */
export interface CompileContext {
  /** SHA-256 (hex) of the project's code bundle; absent if it has not been bundled. */
  bundle?: string
  /** Folder that relative paths of sources start from; absent = they stay as they are. */
  resolvePath(path: string): string
}

/** A function of the project that travels in its bundle. */
export interface ProjectFunction {
  readonly kind: 'on-demand-view' | 'step' | 'dataset'
  readonly name: string
  /** What the platform calls. */
  readonly run: (...args: never[]) => unknown
  /** The function as the project wrote it: tells two of one name apart. */
  readonly source: unknown
}

/** What every definition can do: name what it builds on, give its functions, and take its wire form. */
export interface Compilable {
  readonly kind: Definition['kind']
  readonly name: string
  readonly uses: readonly Compilable[]
  readonly functions: readonly ProjectFunction[]
  compile(context: CompileContext): Definition
}

/** @throws TypeError if the project's code has not been bundled. */
export function requireBundle(owner: string, context: CompileContext): string {
  if (context.bundle !== undefined) return context.bundle
  throw new TypeError(`${owner} has code: compile the project with the digest of its bundle`)
}
