import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { environment } from '../../e2e/support/millrace.ts'

const python = process.env.MILLRACE_INTEROP_PYTHON
if (!python) throw new Error('Python is not installed for this suite: start it with "npm run test:interop"')

/** Runs a script; resolves with the last line that it said. @throws an Error if it does not exit with 0 */
export async function runPython(
  args: readonly string[],
  { cwd, env = {}, input = '' }: { cwd: string; env?: Record<string, string>; input?: string },
): Promise<string> {
  const child = spawn(python ?? '', args, {
    cwd,
    env: environment({
      MLFLOW_DISABLE_TELEMETRY: 'true',
      // A mistake that is answered as a fault of the server would be tried for minutes.
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
      PYTHONWARNINGS: 'ignore',
      ...env,
    }),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  child.stdin.end(input)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await exited
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}`)
  return out.trim().split('\n').at(-1) ?? ''
}
