import { type MlflowRules, setOf, type Vocabulary } from '../../search/index.ts'

const text = (key: string) => ({ key, type: 'text' }) as const
const number = (key: string) => ({ key, type: 'number' }) as const

const prefixes = { attribute: 'attribute', attributes: 'attribute', tag: 'tag', tags: 'tag' } as const

const registryMessages = {
  prefixes: ['attribute', 'tag', 'tags'],
  nullable: [],
  unknownPrefix: (prefix) =>
    `Invalid entity type '${prefix}'. Valid entity types are ('attribute', 'tag', 'tags')`,
  invalidClauses: (clauses) => `Invalid clause(s) in filter string: ${clauses.join(', ')}`,
  invalidComparator: (_, comparator, accepted) =>
    `Invalid comparator '${comparator}' not one of '${setOf(accepted)}'`,
} satisfies Partial<MlflowRules>

export const registeredModelVocabulary: Vocabulary = {
  prefixes,
  attributes: {
    name: text('name'),
    description: text('description'),
    user_id: text('user_id'),
    creation_timestamp: number('creation_timestamp'),
    last_updated_timestamp: number('last_updated_timestamp'),
    timestamp: number('last_updated_timestamp'),
  },
  mlflow: {
    ...registryMessages,
    searchable: ['name'],
    orderable: ['name', 'creation_timestamp', 'last_updated_timestamp', 'timestamp'],
    listed: ['name'],
  },
}

export const modelVersionVocabulary: Vocabulary = {
  prefixes,
  attributes: {
    name: text('name'),
    run_id: text('run_id'),
    model_id: text('model_id'),
    source_path: text('source_path'),
    description: text('description'),
    user_id: text('user_id'),
    current_stage: text('current_stage'),
    status: text('status'),
    version_number: { ...number('version_number'), quotable: true },
    creation_timestamp: number('creation_timestamp'),
    last_updated_timestamp: number('last_updated_timestamp'),
  },
  mlflow: {
    ...registryMessages,
    searchable: ['name', 'run_id', 'source_path', 'version_number'],
    orderable: ['name', 'version_number', 'creation_timestamp', 'last_updated_timestamp'],
    listed: ['name', 'run_id'],
  },
}
