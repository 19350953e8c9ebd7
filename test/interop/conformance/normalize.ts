/** Takes out of answers what differs from one server to the next: ids, times, random names, the order of tags. */
export class Normalizer {
  readonly #saved = new Map<string, string>()

  save(name: string, value: string): void {
    this.#saved.set(name, value)
  }

  /** Puts saved values where their names are. */
  readonly fill = (text: string, encode = (value: string) => value): string =>
    text.replace(/\$(\w+)/g, (all, name) => encode(this.#saved.get(name) ?? all))

  text(text: string): string {
    let out = text
    for (const [name, value] of this.#saved) {
      // Numbers of experiments are found by where they stand, below.
      if (value.length >= 8) out = out.replaceAll(value, `$${name}`)
    }
    return out
      .replace(
        /(mlflow-artifacts:\/|[Ee]xperiment(?: with id=| with id | ))\d+(?=\/|\b)(?!\.)/g,
        '$1<experiment>',
      )
      .replace(/\bwebhook_[0-9a-z]{26}\b/g, '<id>')
      .replace(/\bm-[0-9a-f]{32}\b/g, '<model>')
      .replace(/\b[0-9a-f]{32}\b/g, '<id>')
      .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>')
  }

  json(value: unknown, key = ''): unknown {
    if (Array.isArray(value)) return sorted(value.map((item) => this.json(item, key)))
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).map(([name, item]) => [name, this.json(item, name)] as const)
      return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
    }
    if (typeof value === 'number') return isNow(value) ? '<time>' : value
    if (typeof value !== 'string') return value
    if (key === 'experiment_id') return value === '0' ? value : '<experiment>'
    if (/page_token$/.test(key)) return '<token>'
    if (/^[a-z]+-[a-z]+-\d+$/.test(value)) return '<name>'
    const text = this.text(value)
    return text.length <= 200 ? text : `${text.slice(0, 50)}…(${text.length})`
  }
}

/** Of things that a list names by a key or alias, the order is nobody's promise. */
function sorted(list: unknown[]): unknown[] {
  const nameOf = (item: unknown) => {
    const { key, alias } = (item ?? {}) as { key?: string; alias?: string }
    return key ?? alias
  }
  if (!list.every((item) => typeof nameOf(item) === 'string')) return list
  return list.sort((a, b) => ((nameOf(a) ?? '') < (nameOf(b) ?? '') ? -1 : nameOf(a) === nameOf(b) ? 0 : 1))
}

function isNow(number: number): boolean {
  return Math.abs(number - Date.now()) < 3_600_000
}
