import type { EndpointStatus } from '@millrace/client'
import type { Status } from './commands/status.ts'
import { formatDuration, formatTable, formatTime } from './format.ts'

/** One screen: endpoints with their rollouts, the newest runs, monitors with their last window and decision. */
export function formatStatus({ endpoints, runs, monitors }: Status, now: number): string {
  return [
    section('Endpoints', ['NAME', 'SERVES', 'ROLLOUT'], endpoints.map(endpointRow)),
    section(
      'Pipeline runs',
      ['ID', 'PIPELINE', 'STATE', 'STARTED', 'TOOK', 'REASON'],
      runs.map((run) => [
        run.id,
        run.pipeline,
        run.state,
        formatTime(run.startedAt),
        formatDuration((run.finishedAt ?? now) - run.startedAt),
        run.reason ?? '',
      ]),
    ),
    section(
      'Monitors',
      ['NAME', 'LAST WINDOW', 'REQUESTS', 'LABELLED', 'AUC', 'DRIFTED', 'DECISION'],
      monitors.map(({ name, window, decision }) => [
        name,
        window ? formatTime(window.start) : 'none yet',
        window ? String(window.requests) : '',
        window ? String(window.labelled) : '',
        window?.auc?.toFixed(3) ?? '',
        window
          ? window.drift
              .filter((column) => column.drifted)
              .map((c) => c.name)
              .join(', ') || 'none'
          : '',
        decision ? `${decision.action}: ${decision.reason}` : '',
      ]),
    ),
  ].join('\n')
}

function endpointRow(endpoint: EndpointStatus): string[] {
  const { rollout } = endpoint
  const serves = endpoint.stable === null ? 'nothing yet' : `revision ${endpoint.stable}${modelOf(endpoint)}`
  if (!rollout) return [endpoint.name, serves, '']
  const to = `revision ${rollout.candidate} at ${rollout.percent} %`
  return [endpoint.name, serves, `${rollout.state} ${to}${rollout.reason ? `: ${rollout.reason}` : ''}`]
}

function modelOf(endpoint: EndpointStatus): string {
  const revision = endpoint.revisions.find((one) => one.revision === endpoint.stable)
  return revision ? ` (${revision.model}/${revision.version})` : ''
}

function section(title: string, header: string[], rows: string[][]): string {
  return `${title}\n${rows.length > 0 ? formatTable(header, rows) : '  none\n'}`
}
