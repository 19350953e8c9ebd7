/** Text for between tags and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

/**
 * One self-contained page: no request to anywhere, light and dark as the reader's system has it.
 * @param title text, `body` and `style` are markup that the caller has escaped
 */
export function htmlPage({
  title,
  body,
  style = '',
}: {
  title: string
  body: string
  style?: string
}): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${baseStyle}${style}</style></head><body>
${body}
</body></html>
`
}

const baseStyle = `
:root { color-scheme: light dark; --ink: light-dark(#1b1f24, #e6e8eb); --soft: light-dark(#8a929c, #8a929c);
  --grid: light-dark(#e4e7eb, #30363d); --a: light-dark(#0b62c4, #6cb2ff); --b: light-dark(#c2410c, #ff9d5c);
  --alert: light-dark(#fde8e8, #4a1d1d); --good: light-dark(#d7eedd, #1d3a27); --paper: light-dark(#ffffff, #14171a) }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1000px; margin: 2rem auto; padding: 0 1rem }
a { color: var(--a) } h1 { font-size: 1.5rem } h2 { font-size: 1.05rem; margin: 1.6rem 0 .3rem }
svg { width: 100%; height: auto } text { font-size: 11px; fill: var(--soft) }
.grid { stroke: var(--grid) } .line { fill: none; stroke-width: 1.8 } .line.a { stroke: var(--a) } .line.b { stroke: var(--b) }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: 13px } td, th { text-align: left; padding: .15rem .6rem .15rem 0; vertical-align: top }
`
