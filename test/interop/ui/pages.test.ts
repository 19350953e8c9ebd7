import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environment, type Server, startServer } from '../../e2e/support/millrace.ts'
import { openBrowser } from './browser.ts'
import { type Pages, servePages } from './serve-pages.ts'

const python = process.env.MILLRACE_INTEROP_PYTHON ?? ''
if (!python) throw new Error('MLflow is not installed for this suite: start it with "npm run test:interop"')

interface Facts {
  experiment: string
  runs: [string, string]
  models: [string, string]
}

let folder: string
let server: Server
let pages: Pages
let browser: Awaited<ReturnType<typeof openBrowser>>
let facts: Facts

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-interop-ui-'))
  server = await startServer({ cwd: folder, env: { MILLRACE_DIR: join(folder, 'server') } })
  await fill()
  facts = JSON.parse(await readFile(join(folder, 'facts.json'), 'utf8'))
  pages = await servePages(join(mlflowFolder(), 'server', 'js', 'build'), server.url)
  browser = await openBrowser()
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await pages?.close()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function fill(): Promise<void> {
  const script = join(import.meta.dirname, 'fill_server.py')
  const child = spawn(python, [script, join(folder, 'facts.json')], {
    cwd: folder,
    env: {
      ...environment(),
      MLFLOW_TRACKING_URI: server.url,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await exited
  if (code !== 0) throw new Error(out + err)
}

/** Where the Python package is, without the seconds that importing it takes. */
function mlflowFolder(): string {
  const find = "import importlib.util as u; print(u.find_spec('mlflow').submodule_search_locations[0])"
  return execFileSync(python, ['-c', find], { encoding: 'utf8' }).trim()
}

const listOf = (...items: string[]) => encodeURIComponent(JSON.stringify(items))
const experiment = () => `/#/experiments/${facts.experiment}`
const run = () => `${experiment()}/runs/${facts.runs[0]}`

/** A page of MLflow, and texts that are seen on it once it has what it asked for. */
interface Look {
  name: string
  at: () => string
  sees: (string | RegExp)[]
  also?: (page: Page) => Promise<void>
}

const looks: Look[] = [
  { name: 'experiments', at: () => '/#/experiments', sees: ['penguins', 'Default'] },
  {
    name: 'runs of an experiment',
    at: () => `${experiment()}/runs`,
    sees: ['penguins', 'depth-2', 'depth-3', 'parent', /palmer/, /matching runs/],
  },
  {
    name: 'charts over runs',
    at: () => `${experiment()}/runs?compareRunsMode=CHART`,
    sees: ['accuracy', 'loss', 'depth-2'],
  },
  { name: 'logged models of an experiment', at: () => `${experiment()}/models`, sees: ['model', 'depth-2'] },
  {
    name: 'that there are no datasets of evaluations',
    at: () => `${experiment()}/datasets`,
    sees: ['penguins', 'Create an evaluation dataset'],
  },
  {
    name: 'that there are no traces',
    at: () => `${experiment()}/traces`,
    sees: ['penguins', 'Start tracing your LLM application'],
  },
  {
    name: 'a run',
    at: run,
    sees: ['depth-2', 'accuracy', '0.92', 'solver', 'lbfgs', 'Finished', /palmer/, 'penguin', 'depth 2'],
  },
  { name: 'metrics of a run', at: () => `${run()}/model-metrics`, sees: ['loss', 'accuracy'] },
  { name: 'system metrics of a run', at: () => `${run()}/system-metrics`, sees: ['cpu_percent'] },
  {
    name: 'artifacts of a run',
    at: () => `${run()}/artifacts`,
    sees: ['plots', 'notes.txt', 'page.html', 'settings.json'],
  },
  { name: 'a text', at: () => `${run()}/artifacts/notes.txt`, sees: ['hello from the run'] },
  { name: 'a table', at: () => `${run()}/artifacts/table.csv`, sees: ['adelie', '152'] },
  {
    name: 'a picture',
    at: () => `${run()}/artifacts/plots/curve.png`,
    sees: ['curve.png'],
    async also(page) {
      const image = page.locator('img[src^="blob:"], img[src*="get-artifact"]').first()
      await image.waitFor()
      await page.waitForFunction(() => {
        const { document } = globalThis as unknown as {
          document: { images: Iterable<{ naturalWidth: number }> }
        }
        return [...document.images].some(({ naturalWidth }) => naturalWidth === 200)
      })
    },
  },
  {
    name: 'two runs side by side',
    at: () => `/#/compare-runs?runs=${listOf(...facts.runs)}&experiments=${listOf(facts.experiment)}`,
    sees: ['Comparing 2 Runs from 1 Experiment', 'depth-2', 'depth-3'],
  },
  { name: 'registered models', at: () => '/#/models', sees: ['penguin', '@ champion', 'Version 2'] },
  {
    name: 'a registered model',
    at: () => '/#/models/penguin',
    sees: ['penguin', 'species', 'Version 1', 'Version 2', '@ champion', 'owner'],
  },
  {
    name: 'a model version',
    at: () => '/#/models/penguin/versions/2',
    sees: ['The deeper one', 'checked', 'depth-3', 'Inputs (2)'],
  },
  {
    name: 'two model versions side by side',
    at: () =>
      `/#/compare-model-versions?name=${encodeURIComponent('"penguin"')}&runs=${encodeURIComponent(
        JSON.stringify({ 1: facts.runs[0], 2: facts.runs[1] }),
      )}`,
    sees: ['Comparing 2 Versions', 'depth-3'],
  },
  {
    name: 'a logged model',
    at: () => `${experiment()}/models/${facts.models[0]}`,
    sees: ['model', /ready/i, 'accuracy'],
  },
  {
    name: 'artifacts of a logged model',
    at: () => `${experiment()}/models/${facts.models[0]}/artifacts`,
    sees: ['MLmodel', 'requirements.txt'],
  },
]

describe("MLflow's web pages", () => {
  it.each(looks)('show $name', async ({ name, at, sees, also }) => {
    const { page, complaints, end } = await browser.visit(pages.url + at())
    try {
      for (const seen of sees) {
        await page.getByText(seen).filter({ visible: true }).first().waitFor({ timeout: 60_000 })
      }
      await also?.(page)
      // What is loaded last; pages that look again and again are never idle.
      await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => {})
    } finally {
      await end(name)
    }
    expect(complaints).toEqual([])
  })

  it('show a page among the artifacts, which never is a page of the server', async () => {
    const { page, complaints, end } = await browser.visit(`${pages.url}${run()}/artifacts/page.html`)
    await page.frameLocator('iframe').getByText('a page').waitFor({ timeout: 60_000 })
    const saved = page.waitForEvent('download')
    const opened = page.goto(`${pages.url}/get-artifact?run_id=${facts.runs[0]}&path=page.html`)
    // It is saved, not shown.
    await expect(opened).rejects.toThrow(/Download is starting|ERR_ABORTED/)
    expect((await saved).suggestedFilename()).toBe('page.html')
    await end('a page among the artifacts')
    expect(complaints).toEqual([])
  })
})
