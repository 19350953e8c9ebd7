import { get, post, raw, type Step, send } from '../step.ts'

const named = "name LIKE 'search-%'"
const experimentFilters = [
  "name = 'search-a'",
  "name != 'search-a' AND name LIKE 'search-%'",
  "name ILIKE 'SEARCH-%'",
  "name LIKE 'SEARCH-%'",
  'name = "search-a"',
  "name = 'search-a' AND",
  "name = 'search-a' OR name = 'search-b'",
  "(name = 'search-a')",
  "name IN ('search-a')",
  "name > 'a'",
  'name = 5',
  "tags.team = 'red'",
  "tag.team = 'red'",
  "tags.team != 'red'",
  "tags.team LIKE 'r%'",
  "tags.team ILIKE 'R%'",
  `tags.team IS NULL AND ${named}`,
  `tags.team IS NOT NULL AND ${named}`,
  "tags.`team` = 'red'",
  'tags."team" = \'red\'',
  "tags.`a b` = 'x'",
  `creation_time > 0 AND ${named}`,
  `last_update_time >= 0 AND ${named}`,
  "creation_time > 'a'",
  "creation_time LIKE '5'",
  "bogus = 'x'",
  "attribute.name = 'search-a'",
  "attributes.name = 'search-a'",
  "params.x = 'y'",
  'metrics.x > 1',
  "experiment_id = '1'",
  "lifecycle_stage = 'active'",
  'name',
  'name =',
  "= 'x'",
  "'x' = name",
  "name = 'x' name = 'y'",
  "name = 'it''s'",
  "name = 'search-a'; DROP TABLE experiments",
  '   ',
]

const experimentOrders = [
  ['name'],
  ['name ASC'],
  ['name DESC'],
  ['name desc'],
  ['experiment_id DESC'],
  ['creation_time', 'name DESC'],
  ['last_update_time DESC'],
  ['bogus'],
  ['name BOGUS'],
  ['name', 'name'],
  ['name,experiment_id'],
  [''],
  ['tags.team'],
  ['lifecycle_stage'],
  ['attribute.name'],
]

const search = (body: object, more?: Partial<Step>) =>
  post('/experiments/search', { max_results: 5, ...body }, more)

export const experimentSearch: Step[] = [
  ...['search-a', 'search-b', 'search-c', 'search-d'].map((name, index) =>
    post(
      '/experiments/create',
      {
        name,
        artifact_location: `s3://bucket/${name}`,
        tags:
          index < 2
            ? [
                { key: 'team', value: ['red', 'blue'][index] },
                { key: 'a b', value: 'x' },
              ]
            : [],
      },
      { save: { [`search${index}`]: 'experiment_id' } },
    ),
  ),
  post('/experiments/delete', { experiment_id: '$search3' }),
  ...experimentFilters.map((filter) => search({ filter, order_by: ['name'] })),
  ...experimentOrders.map((order_by) => search({ filter: named, order_by })),
  search({ filter: named, view_type: 'ALL', order_by: ['name'] }),
  search({ filter: named, view_type: 'DELETED_ONLY' }),
  search({ filter: named, view_type: 2 }),
  search({ filter: named, view_type: 'BOGUS' }),
  ...[undefined, 0, -1, 1, '1', 50_000, 50_001, 'a', 1.5, 1.0, true, null].map((max_results) =>
    search({ filter: "name = 'search-a'", max_results }),
  ),
  search({ filter: named, order_by: ['name'], max_results: 2 }, { save: { page: 'next_page_token' } }),
  search({ filter: named, order_by: ['name'], max_results: 2, page_token: '$page' }),
  search({ filter: named, order_by: ['name'], max_results: 3 }),
  search({ page_token: 'bogus' }),
  search({ page_token: '' }),
  search({ page_token: 5 }),
  search({ filter: 5 }),
  search({ order_by: 'name' }),
  get('/experiments/search', { max_results: 2, filter: named, order_by: ['name DESC', 'creation_time'] }),
  get('/experiments/search', { max_results: 2, filter: named, view_type: 'ALL' }),
  get('/experiments/search', { filter: named }),
  send('GET', '/experiments/search', { max_results: 1, filter: "name = 'search-a'" }),
  raw('GET', '/api/2.0/mlflow/experiments/list'),
]
