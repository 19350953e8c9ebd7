import type { PlotSpec } from '@millrace/learn'
import type { TopLevelSpec } from 'vega-lite'

/** Plots hold their data; nothing is read for them from files or addresses. */
const refuseLoad = (uri: string): Promise<never> =>
  Promise.reject(new TypeError(`a plot holds its data; it must not load '${uri}'`))

/**
 * Draws a plot as an SVG document. Vega is loaded with the first plot only, as it takes a while, and its expressions are
 * interpreted, not compiled, so that no code is made of text.
 */
export async function renderPlot(plot: PlotSpec): Promise<string> {
  const [vega, { compile }, { expressionInterpreter }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    import('vega-interpreter'),
  ])
  const { spec } = compile(plot as unknown as TopLevelSpec, { logger: vega.logger(vega.None) })
  const runtime = vega.parse(spec, {}, { ast: true })
  const loader = { ...vega.loader(), load: refuseLoad }
  const view = new vega.View(runtime, {
    renderer: 'none',
    expr: expressionInterpreter,
    loader,
    logLevel: vega.None,
  })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}
