import type { PlotSpec } from '@millrace/learn'
import { renderPlot } from './render-plot.ts'
import type { TrainingDeps } from './training-deps.ts'

/**
 * Logs each plot twice, under its name (a path without an ending): as an SVG to look at, and as the Vega-Lite
 * specification with the data, to draw it anew. Gives the SVGs by the same names.
 */
export async function logPlots(
  tracking: TrainingDeps['tracking'],
  run: string,
  plots: Readonly<Record<string, PlotSpec>>,
): Promise<Record<string, string>> {
  const drawn: Record<string, string> = {}
  for (const [path, plot] of Object.entries(plots)) {
    drawn[path] = await renderPlot(plot)
    await tracking.logArtifact(run, `${path}.vl.json`, Buffer.from(JSON.stringify(plot)))
    await tracking.logArtifact(run, `${path}.svg`, Buffer.from(drawn[path]))
  }
  return drawn
}
