import type { StepSignature } from '../pipelines/index.ts'

export const trainSignature: StepSignature = {
  name: 'train',
  inputs: {
    data: { type: 'training-set' },
    experiment: { type: 'string' },
    learner: { type: 'json' },
    validation: { type: 'training-set', optional: true },
    validationShare: { type: 'float64', optional: true },
    crossValidation: { type: 'json', optional: true },
    threads: { type: 'int64', optional: true },
  },
  outputs: { model: { type: 'model' }, runId: { type: 'string' } },
}

export const importModelSignature: StepSignature = {
  name: 'import-model',
  inputs: {
    from: { type: 'string' },
    data: { type: 'training-set', optional: true },
    experiment: { type: 'string', optional: true },
    task: { type: 'string', optional: true },
  },
  outputs: { model: { type: 'model' }, runId: { type: 'string' } },
}

export const evaluateSignature: StepSignature = {
  name: 'evaluate',
  inputs: {
    model: { type: 'model' },
    data: { type: 'training-set' },
    trainingData: { type: 'training-set', optional: true },
    champion: { type: 'string', optional: true },
    gate: { type: 'json' },
    slices: { type: 'json', optional: true },
    costs: { type: 'json', optional: true },
  },
  outputs: { evaluation: { type: 'evaluation' }, passed: { type: 'boolean' }, reason: { type: 'string' } },
}

export const registerModelSignature: StepSignature = {
  name: 'register-model',
  inputs: {
    model: { type: 'model' },
    evaluation: { type: 'evaluation', optional: true },
    name: { type: 'string' },
  },
  outputs: { version: { type: 'model-version' } },
}
