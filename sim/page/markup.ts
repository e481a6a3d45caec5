// HTML by construction: a template whose every insertion is escaped unless it is HTML already. What
// comes from a report never becomes markup, whatever it is called.

/** A piece of HTML. Only `markup` and `trusted` make one. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template; undefined leaves nothing behind. */
export type Insertion = string | number | Markup | readonly Markup[] | undefined

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;']
])

/** Text as it may stand in HTML, within an element or a quoted attribute. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities.get(sign)!)
}

/** A template of HTML; attributes must be quoted. */
export function markup(parts: TemplateStringsArray, ...insertions: Insertion[]): Markup {
  let text = parts[0]!
  for (const [at, insertion] of insertions.entries()) text += textOf(insertion) + parts[at + 1]
  return new Markup(text)
}

/** Text of ours that is HTML, or style or script, already. */
export function trusted(text: string): Markup {
  return new Markup(text)
}

/** A value as the contents of a script element of type application/json. */
export function embeddedJson(value: unknown): Markup {
  const json = JSON.stringify(value)
  const escaped = json.replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
  return new Markup(escaped)
}

function textOf(insertion: Insertion): string {
  if (insertion === undefined) return ''
  if (insertion instanceof Markup) return insertion.text
  if (typeof insertion === 'object') return insertion.map(({ text }) => text).join('')
  return escapeText(String(insertion))
}
