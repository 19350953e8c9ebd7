import { posix } from 'node:path'
import { fail } from '@millrace/protocol'

const longestKey = 250
const longestValue = 100_000
const longestDescription = 65_535
/** Most tags that are given with what they describe. */
const mostTags = 5000

/** @throws `model.entry_invalid` for a description that is too long or is no text */
export function checkDescription(model: string, description: string | null | undefined): void {
  if (!description) return
  checkText(model, { what: 'the description', text: description, longest: longestDescription })
}

/**
 * A tag: keys of letters, digits, `_ - . : /` and blanks that read as a normal path, up to 250 characters; values up to
 * 100,000.
 * @throws `model.entry_invalid`
 */
export function checkTag(model: string, { key, value }: { key: string; value: string }): void {
  const what = `tag "${key.slice(0, 300)}"`
  const reason =
    key === ''
      ? 'its key is empty'
      : key.length > longestKey
        ? `its key is longer than ${longestKey} characters`
        : !/^[\p{L}\p{N}_./\- :]+$/u.test(key)
          ? 'its key may only have letters, digits, "_", "-", ".", ":", "/" and blanks'
          : posix.normalize(key) !== key || key === '.' || key.startsWith('..') || key.startsWith('/')
            ? 'its key does not read as a normal relative path'
            : undefined
  if (reason) throw fail('model.entry_invalid', { model, what, reason })
  checkText(model, { what: `the value of ${what}`, text: value, longest: longestValue })
}

/** @throws `model.entry_invalid` */
export function checkTags(model: string, tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags)
  if (entries.length > mostTags) {
    const reason = `there are ${entries.length}, at most ${mostTags} can be given at once`
    throw fail('model.entry_invalid', { model, what: 'the list of tags', reason })
  }
  for (const [key, value] of entries) checkTag(model, { key, value })
}

function checkText(model: string, of: { what: string; text: string; longest: number }): void {
  const { what, text, longest } = of
  if (text.length > longest) {
    throw fail('model.entry_invalid', { model, what, reason: `it is longer than ${longest} characters` })
  }
  if (text.includes('\0') || !text.isWellFormed()) {
    throw fail('model.entry_invalid', { model, what, reason: 'it has characters that are no text' })
  }
}
