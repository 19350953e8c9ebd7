export { isProjectFile, loadProjectFile } from './load-project-file.ts'
