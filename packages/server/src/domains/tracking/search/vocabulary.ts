import { type MlflowRules, setOf, type Vocabulary } from '../../search/index.ts'
import { runGroupTag } from '../run-group.ts'

const runPrefixes = {
  metric: 'metric',
  metrics: 'metric',
  parameter: 'parameter',
  parameters: 'parameter',
  param: 'parameter',
  params: 'parameter',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  dataset: 'dataset',
  datasets: 'dataset',
} as const

const text = (key: string) => ({ key, type: 'text' }) as const
const number = (key: string) => ({ key, type: 'number' }) as const

const trackingMessages = {
  invalidClauses: (clauses) =>
    `Invalid clause(s) in filter string: ${clauses.map((clause) => `'${clause}'`).join(', ')}`,
  invalidComparator: (_, comparator, accepted) =>
    `Invalid comparator '${comparator}' not one of '${setOf(accepted)}'`,
} satisfies Partial<MlflowRules>

const runAttributes = ['run_id', 'run_name', 'status', 'user_id', 'artifact_uri', 'start_time', 'end_time']

export const runVocabulary: Vocabulary = {
  prefixes: runPrefixes,
  attributes: {
    run_id: text('run_id'),
    run_name: text('run_name'),
    'run name': text('run_name'),
    'Run name': text('run_name'),
    'Run Name': text('run_name'),
    status: text('status'),
    user_id: text('user_id'),
    artifact_uri: text('artifact_uri'),
    experiment_id: number('experiment_id'),
    start_time: number('start_time'),
    created: number('start_time'),
    Created: number('start_time'),
    end_time: number('end_time'),
    group: { ...text('group'), field: { kind: 'tag', key: runGroupTag } },
  },
  datasetKeys: ['name', 'digest', 'context'],
  mlflow: {
    ...trackingMessages,
    prefixes: Object.keys(runPrefixes),
    searchable: [...runAttributes, 'run name', 'Run name', 'Run Name', 'created', 'Created'],
    orderable: [...runAttributes, 'created', 'Created'],
    listed: ['run_id'],
    nullable: ['tag', 'parameter'],
    unknownPrefix: (prefix) =>
      `Invalid entity type '${prefix}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']`,
  },
}

const experimentAttributes = ['name', 'experiment_id', 'creation_time', 'last_update_time']

export const experimentVocabulary: Vocabulary = {
  prefixes: { attribute: 'attribute', attributes: 'attribute', tag: 'tag', tags: 'tag' },
  attributes: {
    name: text('name'),
    experiment_id: { ...number('experiment_id'), quotable: true },
    artifact_location: text('artifact_location'),
    creation_time: number('creation_time'),
    last_update_time: number('last_update_time'),
  },
  mlflow: {
    ...trackingMessages,
    prefixes: ['attribute', 'tag', 'tags'],
    searchable: experimentAttributes,
    orderable: experimentAttributes,
    listed: ['experiment_id'],
    nullable: ['tag'],
    invalidClauses: (clauses) => `Invalid clause(s) in filter string: ${clauses.join(', ')}`,
    unknownPrefix: (prefix) =>
      `Invalid entity type '${prefix}'. Valid entity types are ('attribute', 'tag', 'tags')`,
  },
}

const loggedModelPrefixes = {
  attributes: 'attribute',
  metrics: 'metric',
  params: 'parameter',
  tags: 'tag',
} as const

const loggedModelAttributes = {
  name: text('name'),
  model_id: text('model_id'),
  model_type: text('model_type'),
  status: text('status'),
  status_message: text('status_message'),
  source_run_id: text('source_run_id'),
  artifact_uri: text('artifact_uri'),
  lifecycle_stage: text('lifecycle_stage'),
  experiment_id: { ...number('experiment_id'), quotable: true },
  creation_time: number('creation_timestamp'),
  creation_timestamp: number('creation_timestamp'),
  creation_timestamp_ms: number('creation_timestamp'),
  last_updated_timestamp: number('last_updated_timestamp'),
  last_updated_timestamp_ms: number('last_updated_timestamp'),
}

export const loggedModelVocabulary: Vocabulary = {
  prefixes: loggedModelPrefixes,
  attributes: loggedModelAttributes,
  mlflow: {
    prefixes: Object.keys(loggedModelPrefixes),
    searchable: Object.keys(loggedModelAttributes),
    orderable: Object.keys(loggedModelAttributes),
    listed: [],
    nullable: [],
    lenient: true,
    unknownPrefix: (prefix) =>
      `Invalid entity type: '${prefix}'. Expected one of ['attributes', 'metrics', 'params', 'tags'].`,
    invalidClauses: (_, filter) =>
      `Invalid filter string: ${JSON.stringify(filter)}. Expected a list of comparisons separated by 'AND' (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').`,
    invalidComparator: (word, comparator, accepted) =>
      `Invalid comparison operator for ${word}: '${comparator}'. Expected one of (${accepted.map((each) => `'${each}'`).join(', ')}).`,
  },
}
