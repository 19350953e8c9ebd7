export { evaluateStep } from './evaluate-step.ts'
export { registerModelStep } from './register-step.ts'
export { trainForestStep } from './train-forest-step.ts'
export { trainStep } from './train-step.ts'
