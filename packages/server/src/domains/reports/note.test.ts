import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderMarkdown, renderNote } from './note.ts'

describe('renderMarkdown', () => {
  it('shows what people write', () => {
    const html = renderMarkdown(
      '# Title\n\n- **bold** `code`\n- [link](https://example.org)\n\n|a|b|\n|-|-|\n|1|2|',
    )
    for (const part of ['<h1>Title', '<strong>bold', '<code>code', 'href="https://example.org"', '<td>1']) {
      expect(html).toContain(part)
    }
  })

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt&#58;alert(1))',
    '[x](data:text/html,<script>1</script>)',
    '[x](vbscript:x)',
    '![x](https://example.org/pixel.png)',
    '[x](https://example.org "\\"onmouseover=alert(1)")',
    '```"><script>\nx\n```',
    '<https://example.org/"onclick=alert(1)>',
  ])('runs and loads nothing: %s', (text) => {
    expect(dangerOf(renderMarkdown(text))).toEqual([])
  })

  it('runs nothing of whatever is written', () => {
    const part = fc.constantFrom(
      ...[
        '<script>',
        '<a href="',
        '](',
        '[x',
        ')',
        'javascript:',
        '`',
        '"',
        "'",
        '>',
        '\n',
        '&#',
        '!',
        'onerror=',
        '<!--',
        ' ',
      ],
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        expect(dangerOf(renderMarkdown(parts.join('')))).toEqual([])
      }),
    )
  })
})

/** Tags, attributes and addresses that are not those of plain text. */
function dangerOf(html: string): string[] {
  const tags = [...html.matchAll(/<([a-z0-9]+)((?:\s+[a-z-]+="[^"<>]*")*)\s*\/?>/gi)]
  // Nothing else that begins like a tag.
  const others = html.replace(/<\/?[a-z0-9]+(?:\s+[a-z-]+="[^"<>]*")*\s*\/?>/gi, '').match(/</g) ?? []
  const wrong = tags.flatMap(([, name, attributes]) => {
    const known =
      /^(div|p|h[1-6]|ul|ol|li|strong|em|code|pre|a|blockquote|hr|br|table|thead|tbody|tr|th|td|s)$/i
    const found = known.test(name) ? [] : [name]
    for (const [, attribute, value] of attributes.matchAll(/([a-z-]+)="([^"]*)"/gi)) {
      if (!['href', 'title', 'class', 'start', 'style'].includes(attribute)) found.push(attribute)
      if (attribute === 'href' && /^\s*(javascript|data|vbscript|file):/i.test(value)) found.push(value)
    }
    return found
  })
  return [...wrong, ...others]
}

describe('renderNote', () => {
  it('says who has written it, escaped', () => {
    const html = renderNote({ text: 'x', version: 3, edited: { at: 0, by: '<ada>' } })
    expect(html).toContain('Version 3, by &#60;ada&#62; at 1970-01-01 00:00:00')
    expect(renderNote({ text: 'x', version: 0, edited: null })).not.toContain('Version')
    expect(renderNote({ text: '', version: 2, edited: { at: 0, by: 'ada' } })).toBe('')
  })
})
