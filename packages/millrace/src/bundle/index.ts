export { type Bundle, bundleProject } from './bundle-project.ts'
export { type LoadedProject, loadProject } from './load-project.ts'
