import { describe, expect, it } from 'vitest'
import { loadConfig, stepEnvironment } from './config.ts'

describe('loadConfig', () => {
  it('has defaults that bind to loopback without a token', () => {
    const config = loadConfig({}, {})
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 5000,
      token: null,
      database: { driver: 'sqlite' },
    })
  })

  it.each(['0.0.0.0', '10.0.0.1', '::', 'example.org'])(
    'refuses the outside address %s without a token',
    (host) => {
      expect(() => loadConfig({ host }, {})).toThrow(/token/)
      expect(loadConfig({ host }, { MILLRACE_TOKEN: 's3cret' }).token).toBe('s3cret')
    },
  )

  it.each([
    [{ MILLRACE_PORT: 'x' }, /MILLRACE_PORT.*got x/],
    [{ MILLRACE_PORT: '70000' }, /65535/],
    [{ MILLRACE_STEP_CONCURRENCY: '0' }, /MILLRACE_STEP_CONCURRENCY/],
    [{ MILLRACE_LOG_LEVEL: 'loud' }, /log level must be one of trace, .*got loud/],
    [{ MILLRACE_DATABASE_URL: 'mysql://x' }, /postgres/],
    [{ MILLRACE_OBJECT_STORE: 'gs://bucket' }, /s3:\/\/bucket/],
    [{ MILLRACE_ONLINE_STORE: 'memcached://host' }, /redis:\/\/host:port\/database, got memcached/],
    [{ MILLRACE_ONLINE_STORE: 'redis://host/a' }, /redis:\/\/host:port\/database/],
    [{ MILLRACE_ONLINE_STORE: 'redis://u:hush@host' }, /^(?!.*hush).*MILLRACE_SECRET_REDIS_PASSWORD/],
  ])('names the setting that is wrong: %o', (env, message) => {
    expect(() => loadConfig({}, env as Record<string, string>)).toThrow(message)
  })

  it('reads S3 and PostgreSQL from the environment', () => {
    const config = loadConfig(
      {},
      { MILLRACE_DATABASE_URL: 'postgres://u@h/d', MILLRACE_OBJECT_STORE: 's3://bucket/a/b' },
    )
    expect(config.database).toEqual({ driver: 'postgres', url: 'postgres://u@h/d' })
    expect(config.objects).toMatchObject({
      driver: 's3',
      bucket: 'bucket',
      prefix: 'a/b',
      region: 'us-east-1',
    })
  })

  it('keeps online features in Redis when told, also for steps', () => {
    expect(loadConfig({ dir: '/d' }, {}).online).toEqual({ driver: 'sqlite', path: '/d/online.db' })
    const url = 'rediss://user@cache.example:6380/2'
    const config = loadConfig({ online: url }, { MILLRACE_ONLINE_STORE: 'redis://other' })
    expect(config.online).toEqual({ driver: 'redis', url })
    expect(stepEnvironment(config, { MILLRACE_SECRET_REDIS_PASSWORD: 'p' })).toMatchObject({
      MILLRACE_ONLINE_STORE: url,
      MILLRACE_SECRET_REDIS_PASSWORD: 'p',
    })
  })

  it.each([
    [undefined, 'mlflow-artifacts:/', []],
    ['mlflow-artifacts:/', 'mlflow-artifacts:/', []],
    ['file:/data/ml runs/', 'file:///data/ml%20runs', [{ driver: 'file', root: '/data/ml runs' }]],
    ['file:///data/ml%20runs', 'file:///data/ml%20runs', [{ driver: 'file', root: '/data/ml runs' }]],
    ['s3://bucket/a/b/', 's3://bucket/a/b', [{ driver: 's3', bucket: 'bucket', prefix: 'a/b' }]],
    ['s3://bucket', 's3://bucket', [{ driver: 's3', bucket: 'bucket', prefix: '' }]],
  ])('keeps artifacts at %s', (artifactRoot, uri, roots) => {
    const config = loadConfig({ artifactRoot }, {})
    expect(config.artifactRoot).toBe(uri)
    expect(config.artifactRoots).toMatchObject(roots)
    expect(config.artifactRoots).toHaveLength(roots.length)
  })

  it('reads further artifact roots, and passes the main one on to steps', () => {
    const env = { MILLRACE_ARTIFACT_READABLE: 'file:/old, s3://bucket/old' }
    const config = loadConfig({ artifactRoot: 'file:/new' }, env)
    expect(config.artifactRoots).toMatchObject([{ root: '/new' }, { root: '/old' }, { bucket: 'bucket' }])
    const step = loadConfig({}, stepEnvironment(config, env))
    expect(step.artifactRoot).toBe('file:///new')
    for (const wrong of ['data', 'file:data', 'gs://bucket', '', 'file://host/data']) {
      expect(() => loadConfig({ artifactRoot: wrong }, {})).toThrow(/artifact root/)
    }
  })

  it("gives a step the stores but neither the token nor the caller's other variables", () => {
    const env = {
      MILLRACE_TOKEN: 't',
      MILLRACE_DATABASE_URL: 'postgres://u@h/d',
      AWS_SECRET: 'x',
      PATH: '/bin',
    }
    expect(stepEnvironment(loadConfig({ dir: '/tmp/m' }, env), env)).toEqual({
      MILLRACE_DATABASE_URL: 'postgres://u@h/d',
      PATH: '/bin',
      MILLRACE_ARTIFACT_ROOT: 'mlflow-artifacts:/',
      MILLRACE_DIR: '/tmp/m',
    })
  })
})
