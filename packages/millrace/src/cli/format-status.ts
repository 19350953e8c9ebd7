import type { EndpointStatus } from '@millrace/client'
import { formatDuration, formatTable, formatTime } from './format.ts'
import type { Status } from './read-status.ts'

/** One screen: endpoints with their rollouts, the newest runs, what starts by itself, monitors with their last window and decision. */
export function formatStatus({ endpoints, runs, schedules, monitors }: Status, now: number): string {
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
    ...(schedules.length > 0
      ? [
          section(
            'Schedules',
            ['PIPELINE', 'CRON', 'TIME ZONE', 'NEXT'],
            schedules.map(({ pipeline, schedule, next }) => [
              pipeline,
              schedule.cron,
              schedule.timezone,
              next === null ? 'never' : formatTime(next),
            ]),
          ),
        ]
      : []),
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

function endpointRow({ name, stable, modelVersion, rollout }: EndpointStatus): string[] {
  const serves = stable === null ? 'nothing yet' : `${modelVersion} (revision ${stable})`
  if (!rollout) return [name, serves, '']
  const to = `revision ${rollout.candidate} at ${rollout.percent} %`
  return [name, serves, `${rollout.state} ${to}${rollout.reason ? `: ${rollout.reason}` : ''}`]
}

function section(title: string, header: string[], rows: string[][]): string {
  return `${title}\n${rows.length > 0 ? formatTable(header, rows) : '  none\n'}`
}
