import { fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What was seen; nothing = it loaded and, given an example, predicted. */
export interface OnnxTrial {
  loadError?: string
  runError?: string
}

const entry = fileURLToPath(new URL('./onnx-trial-process.ts', import.meta.url))
const timeoutMs = 60_000

/**
 * Loads an ONNX model and runs it on an example in a process of its own: a model from outside may end the process or
 * never come to an end, and neither must happen to the server.
 */
export async function tryOnnx(model: Uint8Array, example: string | undefined): Promise<OnnxTrial> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-trial-'))
  try {
    const modelPath = join(dir, 'model.onnx')
    await writeFile(modelPath, model)
    if (example === undefined) return await runTrial([modelPath])
    const examplePath = join(dir, 'example.json')
    await writeFile(examplePath, example)
    return await runTrial([modelPath, examplePath])
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

function runTrial(args: string[]): Promise<OnnxTrial> {
  const child = fork(entry, args, {
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  return new Promise((resolve) => {
    let seen: OnnxTrial | undefined
    child.on('message', (trial: OnnxTrial) => {
      seen = trial
    })
    child.on('error', (error) => resolve({ loadError: `it could not be tried: ${error.message}` }))
    child.on('exit', (code, signal) =>
      resolve(
        seen ?? { loadError: `the process that loaded it ended with ${signal ?? `exit code ${code}`}` },
      ),
    )
  })
}
