import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fail } from '@millrace/protocol/errors'
import { parse } from 'yaml'
import { type LoadedProject, resolveFrom } from '../bundle/index.ts'
import { compileProject } from '../definition/project.ts'
import { readProject } from './read-project.ts'

/**
 * Reads a project out of a YAML or JSON file. Relative paths of sources start from its folder.
 * @throws `project.not_found`; `project.invalid` that says where in the file something is wrong
 */
export async function loadProjectFile(path: string): Promise<LoadedProject> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw fail('project.not_found', { path }, error)
  }
  try {
    const project = readProject(parse(text))
    const { definitions } = compileProject(project, { resolvePath: resolveFrom(dirname(resolve(path))) })
    return { project: project.name, definitions, bundle: null, digest: null }
  } catch (error) {
    throw fail('project.invalid', { path, reason: (error as Error).message }, error)
  }
}
