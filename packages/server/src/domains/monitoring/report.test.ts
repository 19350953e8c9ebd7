import { describe, expect, it } from 'vitest'
import { renderReport } from './report.ts'
import type { StoredDecision, StoredWindow } from './store.ts'

const day = 86_400_000

function window(index: number, change: Partial<StoredWindow> = {}): StoredWindow {
  return {
    start: index * day,
    end: (index + 1) * day,
    modelVersions: ['m/1'],
    requests: 10,
    labelled: 10,
    auc: 0.7,
    logLoss: 0.4,
    calibration: { labelled: 10, observed: 2, expected: 2.5, variance: 1.5 },
    meanPrediction: 0.25,
    profiles: null,
    drift: [],
    alert: null,
    revision: 1,
    final: true,
    evaluatedAt: 0,
    ...change,
  }
}

describe('renderReport', () => {
  it('draws gaps as gaps and never writes NaN', () => {
    const windows = [window(0), window(1, { auc: null, logLoss: null, requests: 0, labelled: 0 }), window(2)]
    const html = renderReport('watch', windows, [])
    expect(html).not.toMatch(/NaN|undefined|Infinity/)
    expect(html.match(/<path class="line a" d="M[^"L]*M[^"L]*"/g)?.length).toBeGreaterThanOrEqual(2)
  })

  it('shows no window, and one window', () => {
    expect(renderReport('watch', [], [])).toContain('No window has been judged yet')
    expect(renderReport('watch', [window(0)], [])).not.toMatch(/NaN/)
  })

  it('shows decisions and escapes what others wrote', () => {
    const decision: StoredDecision = {
      action: 'retrain',
      reason: '<script>alert(1)</script>',
      windowStart: 0,
      decidedFor: day,
      evidence: {},
      pipelineRun: null,
      outcome: 'promoted',
      decidedAt: 0,
    }
    const html = renderReport('a"b<c>', [window(0)], [decision])
    expect(html).not.toContain('<script>')
    expect(html).not.toContain('<c>')
    expect(html).toContain('promoted')
    expect(html).toContain('class="retrain"')
  })
})
