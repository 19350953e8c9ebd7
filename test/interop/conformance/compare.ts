import type { Answer, Answers } from './talk.ts'

/** As much of a message as clients and tests look at: what follows are values and advice. */
const beginning = 25

/**
 * Whether an answer is the one that was recorded, for all that a client can see: status, code, how the message begins,
 * the whole JSON. An empty body and `{}` say the same; a page of an error for people says its status.
 */
export function isSame(recorded: Answer, given: Answer): boolean {
  if (isPage(recorded)) return recorded.status === given.status
  return text(recorded) === text(given)
}

function isPage(answer: Answer): boolean {
  return answer.status >= 400 && Object.keys(answer).length === 1
}

function text({ status, code, message, json, text, headers }: Answer): string {
  const isVoid = text === '' || (json !== undefined && JSON.stringify(json) === '{}')
  if (isVoid) return JSON.stringify({ status })
  return JSON.stringify({
    status,
    code,
    message: message?.slice(0, beginning),
    json,
    text,
    type: headers?.['content-type']?.split(';')[0],
    attached: headers?.['content-disposition']?.startsWith('attachment'),
    nosniff: headers?.['x-content-type-options'],
  })
}

/** The answers that are not as recorded. */
export function differences(
  recorded: Record<string, Answers>,
  given: Record<string, Answers>,
): Record<string, Answers> {
  const groups = Object.entries(given).map(([group, answers]): [string, Answers] => {
    const others = Object.entries(answers).filter(([title, answer]) => {
      const known = recorded[group]?.[title]
      return !known || !isSame(known, answer)
    })
    return [group, Object.fromEntries(others)]
  })
  return Object.fromEntries(groups.filter(([, answers]) => Object.keys(answers).length > 0))
}
