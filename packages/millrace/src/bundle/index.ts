export { type Bundle, bundleProject } from './bundle-project.ts'
export { type LoadedProject, loadProject, resolveFrom } from './load-project.ts'
