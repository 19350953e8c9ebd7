export { type ColumnSpec, t } from './definition/column.ts'
export { type Dataset, dataset, derive } from './definition/dataset.ts'
export type { Duration } from './definition/duration.ts'
export { type Endpoint, endpoint, type RequestOf } from './definition/endpoint.ts'
export { type Entity, entity } from './definition/entity.ts'
export { expect } from './definition/expect.ts'
export type { Expectation } from './definition/expectation.ts'
export { aggregate, type Feature, last, sql } from './definition/feature.ts'
export { type FeatureService, featureService } from './definition/feature-service.ts'
export { type FeatureView, featureView } from './definition/feature-view.ts'
export { type GenerateContext, type GeneratedBatch, generate } from './definition/generate.ts'
export { type Label, type LabelEvents, label } from './definition/label.ts'
export { type Monitor, monitor } from './definition/monitor.ts'
export { type OnDemandView, onDemand } from './definition/on-demand.ts'
export { compileProject, findFunction, hasCode, type Project, project } from './definition/project.ts'
export type { Query } from './definition/query.ts'
export { type Snapshots, snapshots } from './definition/snapshots.ts'
export { arrow, csv, json, parquet, postgres, program } from './definition/source.ts'
export type { Split } from './definition/split.ts'
export { type TrainingRowOf, type TrainingSet, trainingSet } from './definition/training-set.ts'
export {
  buildTrainingSet,
  type CrossValidation,
  checkConsistency,
  checkReads,
  evaluate,
  type Gate,
  importModel,
  ingest,
  type Limits,
  registerModel,
  release,
  train,
} from './pipeline/built-in.ts'
export { type NodeOptions, when } from './pipeline/graph.ts'
export { type Pipeline, param, pipeline } from './pipeline/pipeline.ts'
export { type Step, type StepContext, step } from './pipeline/step.ts'
export { type Handle, ref } from './pipeline/value.ts'
