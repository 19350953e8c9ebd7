import type { Definition } from '@millrace/protocol'
import type { Compilable, ProjectFunction } from './compilable.ts'
import { checkName } from './names.ts'

/** All definitions of a project, each once, what is built upon first. */
export interface Project {
  readonly name: string
  readonly definitions: readonly Compilable[]
}

/**
 * Puts a project together; the default export of `millrace.config.ts`. What the definitions build on comes along
 * without being listed.
 * @throws TypeError for a bad name, or two definitions (or steps) of one name.
 */
export function project(options: { name: string; definitions: readonly Compilable[] }): Project {
  checkName('project', options.name)
  const definitions = new Map<string, Compilable>()
  const functions = new Map<string, ProjectFunction>()
  const add = (definition: Compilable) => {
    const id = `${definition.kind} "${definition.name}"`
    const known = definitions.get(id)
    if (known === definition) return
    if (known) throw new TypeError(`project "${options.name}": there are two definitions of ${id}`)
    for (const used of definition.uses) add(used)
    definitions.set(id, definition)
    for (const own of definition.functions) {
      const key = `${own.kind} "${own.name}"`
      if ((functions.get(key)?.source ?? own.source) !== own.source)
        throw new TypeError(`project "${options.name}": there are two functions of ${key}`)
      functions.set(key, own)
    }
  }
  for (const definition of options.definitions) {
    if (typeof definition?.compile !== 'function')
      throw new TypeError(`project "${options.name}": definitions has something that is no definition`)
    add(definition)
  }
  return { name: options.name, definitions: [...definitions.values()] }
}

/** True if some definition needs the project's code, so that a bundle must be sent along. */
export function hasCode(project: Project): boolean {
  return project.definitions.some((definition) => definition.functions.length > 0)
}

/**
 * Turns a project into its wire form.
 * @param options `bundle`: SHA-256 of the code bundle, needed if the project has code. `resolvePath`: makes the
 * paths of sources absolute; left out, they stay as written.
 * @throws TypeError if code is there and no bundle.
 */
export function compileProject(
  project: Project,
  options: { bundle?: string; resolvePath?: (path: string) => string } = {},
): { definitions: Definition[] } {
  const context = { bundle: options.bundle, resolvePath: options.resolvePath ?? ((path: string) => path) }
  return { definitions: project.definitions.map((definition) => definition.compile(context)) }
}

/** The function of a project that a bundle gives to the platform: `compute` of a view, `run` of a step. */
export function findFunction(
  project: Project,
  kind: string,
  name: string,
): ProjectFunction['run'] | undefined {
  return project.definitions
    .flatMap((definition) => definition.functions)
    .find((own) => own.kind === kind && own.name === name)?.run
}
