import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { fail } from '@millrace/protocol'

/** Every setting of a server. Flags win over the environment, the environment over the defaults. */
export interface Config {
  /** Folder that holds all state of the embedded drivers. */
  dir: string
  host: string
  port: number
  /** Bearer token; null = none, allowed on loopback only. */
  token: string | null
  logLevel: string
  database: { driver: 'sqlite'; path: string } | { driver: 'postgres'; url: string }
  objects: { driver: 'file'; root: string } | S3Settings
  /** `url` may name a user, not a password: that is the secret `REDIS_PASSWORD`. */
  online: { driver: 'sqlite'; path: string } | { driver: 'redis'; url: string }
  /**
   * Where new experiments keep their artifacts: `mlflow-artifacts:/` = in the object store, through this server; else a
   * `file:` or `s3:` URI without a slash at its end, to which clients write themselves.
   */
  artifactRoot: string
  /** Places outside of the object store that this server reads artifacts from: the artifact root and further ones. */
  artifactRoots: ({ driver: 'file'; root: string } | S3Settings)[]
  /** Where buckets are that data is read from. */
  s3: Pick<S3Settings, 'endpoint' | 'region'>
  /** Most of one artifact or one uploaded file, MB. */
  artifactMaxMb: number
  /** Threads and memory of the lake's engine in one process. */
  lake: { threads: number; memoryLimitMb: number }
  /** Key that secrets in the database are kept with, hex; null = one of its own in the folder. */
  encryptionKey: string | null
  /** Where webhooks may lead. */
  webhooks: { allowHttp: boolean; allowPrivate: boolean }
  /** Pipeline steps that run at the same time. */
  stepConcurrency: number
  /** Heap bound of one step process, MB. */
  stepMemoryMb: number
}

export interface S3Settings {
  driver: 's3'
  bucket: string
  prefix: string
  endpoint?: string
  region: string
}

export interface ConfigFlags {
  dir?: string
  host?: string
  port?: number
  token?: string | null
  logLevel?: string
  artifactRoot?: string
  online?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings.
 *
 * | variable | meaning | default |
 * |---|---|---|
 * | MILLRACE_DIR, MILLRACE_HOST, MILLRACE_PORT | as the flags of `millrace up` | .millrace, 127.0.0.1, 5000 |
 * | MILLRACE_TOKEN | bearer token that every request must carry | none |
 * | MILLRACE_LOG_LEVEL | trace, debug, info, warn, error, silent | warn |
 * | MILLRACE_DATABASE_URL | `postgres://…`; absent = SQLite in the folder | SQLite |
 * | MILLRACE_OBJECT_STORE | `s3://bucket/prefix`; absent = files in the folder | files |
 * | MILLRACE_ONLINE_STORE | as `--online` of `millrace up`: `redis://[user@]host[:port][/database]`, `rediss://…`; absent = SQLite in the folder | SQLite |
 * | MILLRACE_SECRET_REDIS_PASSWORD | password of Redis | none |
 * | MILLRACE_S3_ENDPOINT, MILLRACE_S3_REGION | for S3-compatible servers | AWS, us-east-1 |
 * | MILLRACE_SECRET_S3_ACCESS_KEY_ID, MILLRACE_SECRET_S3_SECRET_ACCESS_KEY | credentials | |
 * | MILLRACE_ARTIFACT_ROOT | as `--artifact-root` of `millrace up`: where new experiments keep artifacts | mlflow-artifacts:/ |
 * | MILLRACE_ARTIFACT_READABLE | further roots (`file:/…`, `s3://…`), by comma, that artifacts are shown from | none |
 * | MILLRACE_ARTIFACT_MAX_MB | most of one artifact or one uploaded file | 102400 |
 * | MILLRACE_SECRET_ENCRYPTION_KEY | 64 hex digits that secrets of webhooks are encrypted with | a file `secret.key` in the folder |
 * | MILLRACE_WEBHOOK_ALLOW_HTTP | true = webhooks may lead to `http:` | false |
 * | MILLRACE_WEBHOOK_ALLOW_PRIVATE | true = webhooks may lead to this machine and to private networks | false |
 * | MILLRACE_STEP_CONCURRENCY, MILLRACE_STEP_MEMORY_MB | limits of pipeline steps | 2, 1536 |
 * | MILLRACE_LAKE_THREADS, MILLRACE_LAKE_MEMORY_MB | limits of the query engine in one process | 2, 512 |
 *
 * @throws `config.invalid` naming the setting, its value and what would be accepted.
 */
export function loadConfig(flags: ConfigFlags = {}, env: Environment = process.env): Config {
  const dir = resolve(flags.dir ?? env.MILLRACE_DIR ?? '.millrace')
  const host = flags.host ?? env.MILLRACE_HOST ?? '127.0.0.1'
  const token = flags.token ?? (env.MILLRACE_TOKEN || null)
  if (!isLoopback(host) && token === null) {
    throw fail('config.invalid', {
      reason: `host ${host} is reachable from outside, so a token is needed: set MILLRACE_TOKEN, or use --host 127.0.0.1`,
    })
  }
  return {
    dir,
    host,
    token,
    port: flags.port ?? integer(env, 'MILLRACE_PORT', 5000, 0, 65_535),
    logLevel: logLevel(flags.logLevel ?? env.MILLRACE_LOG_LEVEL ?? 'warn'),
    database: database(env, dir),
    objects: objects(env, dir),
    online: online(flags.online ?? env.MILLRACE_ONLINE_STORE, dir),
    ...artifactRoots(flags.artifactRoot ?? env.MILLRACE_ARTIFACT_ROOT ?? ownRoot, env),
    s3: s3Server(env),
    artifactMaxMb: integer(env, 'MILLRACE_ARTIFACT_MAX_MB', 102_400, 1, 100_000_000),
    lake: {
      threads: integer(env, 'MILLRACE_LAKE_THREADS', 2, 1, 256),
      memoryLimitMb: integer(env, 'MILLRACE_LAKE_MEMORY_MB', 512, 64, 1_000_000),
    },
    encryptionKey: env.MILLRACE_SECRET_ENCRYPTION_KEY || null,
    webhooks: {
      allowHttp: flag(env, 'MILLRACE_WEBHOOK_ALLOW_HTTP'),
      allowPrivate: flag(env, 'MILLRACE_WEBHOOK_ALLOW_PRIVATE'),
    },
    stepConcurrency: integer(env, 'MILLRACE_STEP_CONCURRENCY', 2, 1, 64),
    stepMemoryMb: integer(env, 'MILLRACE_STEP_MEMORY_MB', 1536, 128, 1_000_000),
  }
}

/** Folder for the loaded copies of code bundles. */
export function bundleDir({ dir }: Config): string {
  return join(dir, 'bundles')
}

/**
 * The environment that a step process needs to open the same stores: settings and secrets of the platform and
 * what a process needs to run at all, nothing else of the caller's.
 */
export function stepEnvironment(config: Config, env: Environment = process.env): Record<string, string> {
  const passed = Object.entries(env).filter(
    ([name, value]) =>
      value !== undefined && (/^MILLRACE_/.test(name) || /^(PATH|HOME|TMPDIR|TZ|LANG|LC_ALL)$/.test(name)),
  ) as [string, string][]
  const own = ['MILLRACE_TOKEN', 'MILLRACE_SECRET_ENCRYPTION_KEY']
  const kept = passed.filter(([name]) => !own.includes(name))
  return {
    ...Object.fromEntries(kept),
    MILLRACE_DIR: config.dir,
    MILLRACE_ARTIFACT_ROOT: config.artifactRoot,
    ...(config.online.driver === 'redis' && { MILLRACE_ONLINE_STORE: config.online.url }),
  }
}

/** What a program that a definition names is given of our environment: what it needs to run at all, and no secrets. */
export function programEnvironment(env: Environment = process.env): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL']
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}

/** The environment as the secret store reads it: only this file touches `process.env`. */
export function processEnvironment(): Environment {
  return process.env
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function database(env: Environment, dir: string): Config['database'] {
  const url = env.MILLRACE_DATABASE_URL
  if (!url) return { driver: 'sqlite', path: join(dir, 'millrace.db') }
  if (/^postgres(ql)?:\/\//.test(url)) return { driver: 'postgres', url }
  throw fail('config.invalid', { reason: 'MILLRACE_DATABASE_URL must begin with postgres://' })
}

function objects(env: Environment, dir: string): Config['objects'] {
  const url = env.MILLRACE_OBJECT_STORE
  return url ? place('MILLRACE_OBJECT_STORE', url, env) : { driver: 'file', root: join(dir, 'objects') }
}

function online(url: string | undefined, dir: string): Config['online'] {
  if (!url) return { driver: 'sqlite', path: join(dir, 'online.db') }
  const given = URL.canParse(url) ? new URL(url) : undefined
  if (!given?.hostname || !/^rediss?:$/.test(given.protocol) || !/^(\/\d*)?$/.test(given.pathname)) {
    throw fail('config.invalid', {
      reason: `the online store must be redis://host:port/database, got ${given?.password ? 'another URL' : url}`,
    })
  }
  if (given.password) {
    throw fail('config.invalid', {
      reason:
        'the URL of the online store has a password: everyone who lists processes would see it; set MILLRACE_SECRET_REDIS_PASSWORD instead',
    })
  }
  return { driver: 'redis', url }
}

/** @throws `config.invalid` unless it is `s3://bucket/prefix` or `file:/absolute/path` */
function place(setting: string, uri: string, env: Environment): Config['objects'] {
  const path = /^file:(?:\/\/(?=\/))?(.*)$/.exec(uri)?.[1]
  if (path !== undefined && isAbsolute(path)) return { driver: 'file', root: resolve(path) }
  const s3 = /^s3:\/\/([a-z0-9.-]{3,63})(?:\/(.*?))?\/?$/.exec(uri)
  if (!s3) {
    throw fail('config.invalid', {
      reason: `${setting} must be s3://bucket/prefix or file:/absolute/path, got ${uri}`,
    })
  }
  return {
    driver: 's3',
    bucket: s3[1] ?? '',
    prefix: s3[2] ?? '',
    ...s3Server(env),
  }
}

function s3Server(env: Environment): Config['s3'] {
  return { endpoint: env.MILLRACE_S3_ENDPOINT, region: env.MILLRACE_S3_REGION ?? 'us-east-1' }
}

const ownRoot = 'mlflow-artifacts:/'

function artifactRoots(root: string, env: Environment): Pick<Config, 'artifactRoot' | 'artifactRoots'> {
  const further = (env.MILLRACE_ARTIFACT_READABLE ?? '').split(',').filter((uri) => uri.trim() !== '')
  const readable = further.map((uri) => artifactPlace('MILLRACE_ARTIFACT_READABLE', uri.trim(), env))
  if (root === ownRoot) return { artifactRoot: ownRoot, artifactRoots: readable }
  const main = artifactPlace('the artifact root (if not mlflow-artifacts:/)', root, env)
  const artifactRoot =
    main.driver === 'file' ? pathToFileURL(main.root).href : `s3://${main.bucket}/${main.prefix}`
  return { artifactRoot: artifactRoot.replace(/\/+$/, ''), artifactRoots: [main, ...readable] }
}

/** As clients read such a URI: one that names a file may have encoded characters. */
function artifactPlace(setting: string, uri: string, env: Environment): Config['objects'] {
  if (!/^file:\//.test(uri)) return place(setting, uri, env)
  try {
    return place(setting, `file:${fileURLToPath(uri)}`, env)
  } catch (error) {
    throw fail('config.invalid', { reason: `${setting} must be file:/absolute/path, got ${uri}` }, error)
  }
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent']

function logLevel(level: string): string {
  if (logLevels.includes(level)) return level
  throw fail('config.invalid', {
    reason: `the log level must be one of ${logLevels.join(', ')}, got ${level}`,
  })
}

function flag(env: Environment, name: string): boolean {
  const text = env[name] || 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw fail('config.invalid', { reason: `${name} must be true or false, got ${text}` })
}

function integer(env: Environment, name: string, otherwise: number, min: number, max: number): number {
  const text = env[name]
  if (text === undefined || text === '') return otherwise
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw fail('config.invalid', {
    reason: `${name} must be a whole number from ${min} to ${max}, got ${text}`,
  })
}
