interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

const help = /^# HELP [a-zA-Z_:][\w:]* .*$/
const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/
const sample =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (NaN|[+-]Inf|[+-]?\d\S*)( \d+)?$/

/**
 * Reads the text format of Prometheus, as strictly as Prometheus does.
 * @throws TypeError for a line that it would not take, a series that comes twice and a metric without a type
 */
export function parsePrometheus(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new TypeError('the last line has no end')
  const typed = new Set<string>()
  const seen = new Set<string>()
  return text.split('\n').flatMap((line) => {
    if (line === '' || help.test(line)) return []
    const declared = type.exec(line)
    if (declared) {
      typed.add(declared[1])
      return []
    }
    const [, name, labels = '', value] = sample.exec(line) ?? []
    if (name === undefined) throw new TypeError(`not a line of the text format: ${line}`)
    if (![name, name.replace(/_(bucket|sum|count)$/, '')].some((metric) => typed.has(metric))) {
      throw new TypeError(`the metric ${name} has no type`)
    }
    const series = `${name}{${labels}}`
    if (seen.has(series)) throw new TypeError(`the series ${series} comes twice`)
    seen.add(series)
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text])
    return { name, labels: Object.fromEntries(pairs), value: Number(value.replace('Inf', 'Infinity')) }
  })
}
