import type { Client, PipelineRunDetail } from '@millrace/client'
import type { Progress } from './progress.ts'

/**
 * Shows a pipeline run step by step and waits for its end.
 * @throws Error with the step's message if the run failed
 */
export async function followRun(client: Client, run: string, progress: Progress): Promise<PipelineRunDetail> {
  let shown = ''
  const finished = await client.pipelines.wait(run, {
    pollMs: 100,
    onProgress(state) {
      const running = state.steps.find((step) => step.state === 'running')
      if (!running) return
      if (running.node !== shown) {
        progress.stage(`${running.node}`)
        shown = running.node
      }
      const { fraction, message } = running.progress ?? {}
      if (fraction !== undefined) progress.fraction(fraction, message ?? '')
    },
  })
  progress.end()
  if (finished.state !== 'succeeded') {
    const failed = finished.steps.find((step) => step.error !== null)
    throw new Error(`the pipeline run ${finished.state}: ${failed?.node}: ${failed?.error?.message}`)
  }
  return finished
}
