import test from 'ava'
import fc from 'fast-check'
import { embeddedJson, markup, trusted } from '../../../sim/page/markup.ts'

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('</script>', '<!--', ']]>', '"><img src=x onerror=alert(1)>', '\u2028\u2029')
)

test('what is inserted into markup is text, whatever it holds', (t) => {
  fc.assert(
    fc.property(anyText, (text) => {
      const made = markup`<a title="${text}">${text}</a>`.text
      const parts = /^<a title="([^"<>']*)">([^"<>']*)<\/a>$/.exec(made)
      t.truthy(parts, made)
      t.is(readBack(parts![1]!), text)
      t.is(readBack(parts![2]!), text)
    })
  )
})

test('markup within markup stays markup, and nothing leaves nothing', (t) => {
  const items = ['a', '<b>'].map((item) => markup`<li>${item}</li>`)
  t.is(
    markup`<ul>${items}${undefined}${trusted('<hr>')}</ul>`.text,
    '<ul><li>a</li><li>&lt;b&gt;</li><hr></ul>'
  )
})

test('data within a page reads back as it was and cannot end its script', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), anyText, (value, text) => {
      const { text: json } = embeddedJson({ value, [text]: text })
      t.notRegex(json, /[<>&\u2028\u2029]/)
      t.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify({ value, [text]: text })))
    })
  )
})

function readBack(html: string): string {
  const signs = new Map([
    ['&amp;', '&'],
    ['&lt;', '<'],
    ['&gt;', '>'],
    ['&quot;', '"'],
    ['&#39;', "'"]
  ])
  return html.replace(/&[^;]*;/g, (entity) => signs.get(entity)!)
}
