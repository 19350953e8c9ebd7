/** Everything that the demo found out; `--json` prints it as one line. */
export interface DemoReport {
  seconds: number
  /** Largest resident memory of any one process, MB. */
  peakRssMb: number
  rows: number
  datasetVersion: string
  runs: {
    modelVersion: number
    trainedThrough: string
    auc: number
    logLoss: number
    /** Best of the baselines on the same rows. */
    baselineAuc: number
    /** Log loss of the champion on the same rows; null for the first version. */
    championLogLoss: number | null
    gate: 'passed' | 'rejected'
    reason: string
  }[]
  windows: {
    day: string
    requests: number
    labelled: number
    auc: number | null
    logLoss: number | null
    predictedRate: number | null
    observedRate: number | null
    driftedColumns: string[]
    alert: boolean
    modelVersions: string[]
  }[]
  retrained: { day: string; reason: string }[]
  rollout: { version: number; percent: number; outcome: string }[]
  requests: number
  requestsPerSecond: number
  p50Ms: number
  p99Ms: number
  failures: number
  /** Times that the control plane died and was started again. */
  restarts: number
}

/** The report as text for people. */
export function renderReport(report: DemoReport, url: string): string {
  return [
    heading('Data'),
    `  ${report.rows.toLocaleString('en-US')} rows, dataset version ${report.datasetVersion}`,
    heading('Model versions (judged on later flights that they never saw)'),
    table(
      ['version', 'trained through', 'AUC', 'log loss', 'champion', 'baseline AUC', 'gate'],
      report.runs.map((run) => [
        String(run.modelVersion),
        run.trainedThrough,
        run.auc.toFixed(4),
        run.logLoss.toFixed(4),
        run.championLogLoss?.toFixed(4) ?? '–',
        run.baselineAuc.toFixed(4),
        run.gate,
      ]),
    ),
    heading('Days of traffic'),
    table(
      ['day', 'requests', 'labelled', 'AUC', 'log loss', 'predicted', 'late', 'model', 'drifted', 'alert'],
      report.windows.map((w) => [
        w.day,
        String(w.requests),
        String(w.labelled),
        w.auc?.toFixed(3) ?? '–',
        w.logLoss?.toFixed(3) ?? '–',
        percent(w.predictedRate),
        percent(w.observedRate),
        w.modelVersions.map(versionNumber).join(' '),
        w.driftedColumns.join(' ') || '–',
        w.alert ? 'ALERT' : '',
      ]),
    ),
    heading('Retraining'),
    ...(report.retrained.length > 0
      ? report.retrained.map(({ day, reason }) => `  ${day}: ${reason}`)
      : ['  not needed']),
    ...(report.runs.length > 1 ? [heading('What it bought'), ...whatItBought(report)] : []),
    heading('Rollout'),
    table(
      ['version', 'percent', 'outcome'],
      report.rollout.map((step) => [String(step.version), `${step.percent} %`, step.outcome]),
    ),
    heading('Serving'),
    `  ${report.requests.toLocaleString('en-US')} requests, ${report.failures} failures, ` +
      `${Math.round(report.requestsPerSecond).toLocaleString('en-US')} requests/s, ` +
      `p50 ${report.p50Ms.toFixed(2)} ms, p99 ${report.p99Ms.toFixed(2)} ms`,
    `  whole demo ${report.seconds.toFixed(1)} s, largest process ${Math.round(report.peakRssMb)} MB` +
      (report.restarts > 0 ? `, control plane restarted ${report.restarts} times` : ''),
    heading('Look around (npm run demo -- --keep leaves the server running)'),
    `  API and docs   ${url}/docs`,
    `  endpoint       ${url}/v1/endpoints/lateness`,
    `  what happened  ${url}/v1/monitors/lateness-daily/report`,
    `  decisions      ${url}/v1/monitors/lateness-daily/decisions`,
    `  audit          ${url}/v1/audit`,
    `  models         ${url}/v1/models/late-flights/versions`,
    `  metrics        ${url}/metrics`,
    '',
  ].join('\n')
}

/** The versions on the same later flights, and how far off each was on the days that it served alone. */
function whatItBought({ runs, windows }: DemoReport): string[] {
  return runs.map((run) => {
    const alone = windows.filter(
      (w) => w.modelVersions.length === 1 && versionNumber(w.modelVersions[0]) === String(run.modelVersion),
    )
    const [labelled, excess] = alone.reduce(
      ([rows, sum], w) =>
        w.predictedRate === null || w.observedRate === null
          ? [rows, sum]
          : [rows + w.labelled, sum + (w.predictedRate - w.observedRate) * w.labelled],
      [0, 0],
    )
    const gate =
      run.championLogLoss === null
        ? ''
        : `log loss ${run.logLoss.toFixed(4)} against ${run.championLogLoss.toFixed(4)} of the version before, on the same flights; `
    const served =
      labelled > 0
        ? `predicts ${points(excess / labelled)} over ${alone.length} days and ${labelled} labels`
        : 'never served alone'
    return `  version ${run.modelVersion}: ${gate}${served}`
  })
}

function points(gap: number): string {
  return `${Math.abs(gap * 100).toFixed(1)} points too ${gap > 0 ? 'much' : 'little'}`
}

/** `late-flights/2` -> `2` */
function versionNumber(modelVersion: string): string {
  return modelVersion.slice(modelVersion.lastIndexOf('/') + 1)
}

/** Columns as wide as their widest cell. */
function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (cells: string[]) => `  ${cells.map((cell, i) => cell.padEnd(widths[i])).join('  ')}`.trimEnd()
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}

function heading(text: string): string {
  return `\n${text}`
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`
}
