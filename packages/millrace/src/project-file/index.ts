export { loadProjectFile } from './load-project-file.ts'
