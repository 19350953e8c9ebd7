import { type Logger, pino } from 'pino'

export type { Logger }

/** The structured logger: JSON lines on stderr. Tokens and passwords are redacted wherever they appear. */
export function createLogger(level: string): Logger {
  return pino(
    { level, redact: { paths: ['*.token', '*.password', '*.secretAccessKey', '*.authorization'] } },
    pino.destination({ dest: 2, sync: true }),
  )
}
