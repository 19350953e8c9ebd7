export { trainingSteps } from './steps.ts'
