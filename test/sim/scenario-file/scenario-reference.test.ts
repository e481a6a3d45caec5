// Holds docs/reference/scenario-file.md to the schema and the tables of faults and figures, in both
// directions: every key with its default and bounds is on the page, and the page has no other key.

import { readFileSync } from 'node:fs'
import test from 'ava'
import { faultKinds } from '../../../sim/scenario-file/fault-kinds.ts'
import { formOf } from '../../../sim/scenario-file/fault-text.ts'
import { figures } from '../../../sim/scenario-file/figures.ts'
import { readRehearsal } from '../../../sim/scenario-file/read-scenario.ts'
import { scenarioJsonSchema, shapeSchema } from '../../../sim/scenario-file/scenario-schema.ts'
import type { JsonSchemaNode } from '../../../src/config/index.ts'

const page = readFileSync(
  new URL('../../../../docs/reference/scenario-file.md', import.meta.url),
  'utf8'
)

/** Rows of the tables below a heading, by the key in their first column. */
function rowsOf(heading: string): Map<string, string> {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = new Map<string, string>()
  for (const padded of section.split('\n')) {
    const row = padded.replace(/ +/g, ' ')
    const key = /^\| `([A-Za-z0-9-]+)` \|/.exec(row)?.[1]
    if (key !== undefined && !rows.has(key)) rows.set(key, row)
  }
  return rows
}

const file = scenarioJsonSchema().properties
const topology = file?.topology as { readonly anyOf: readonly JsonSchemaNode[] } | undefined

const sections: readonly (readonly [string, JsonSchemaNode | false | undefined])[] = [
  ['The file', scenarioJsonSchema()],
  ['`topology`', topology?.anyOf[1]],
  ['`links`', file?.links?.additionalProperties],
  ['`brokers`', file?.brokers?.additionalProperties],
  ['`producers`', file?.producers?.items],
  ['`consumers`', file?.consumers?.items]
]

for (const [heading, node] of sections) {
  test(`the page's section ${heading} has each key with its default and bounds`, (t) => {
    const properties = Object.entries((node || undefined)?.properties ?? {})
    t.true(properties.length > 3)
    const rows = rowsOf(heading)
    for (const [key, property] of properties) {
      const row = rows.get(key) ?? ''
      t.not(row, '', `"${key}" has no row`)
      if (property.default !== undefined) {
        const written =
          typeof property.default === 'string' ? property.default : JSON.stringify(property.default)
        t.true(row.includes(`| \`${written}\` |`), `${key}: default ${written} is not in ${row}`)
      }
      const bounds = /(\S+ to \S+)\.$/.exec(property.description ?? '')?.[1]
      if (bounds !== undefined) t.true(row.includes(`| ${bounds} |`), `${key}: ${bounds}`)
    }
    t.deepEqual(
      [...rows.keys()],
      properties.map(([key]) => key)
    )
  })
}

test('the shapes on the page are those of the schema', (t) => {
  t.deepEqual([...rowsOf('`topology`').keys()], Object.keys(shapeSchema.shape))
})

test('the page has each kind of fault, as it is written and what it does', (t) => {
  const rows = rowsOf('`faults`')
  t.deepEqual([...rows.keys()], [...faultKinds.keys()])
  for (const kind of faultKinds.values()) {
    t.is(rows.get(kind.name), `| \`${kind.name}\` | \`${formOf(kind)}\` | ${kind.about} |`)
  }
})

test('the page has each figure and what a bare value of it means', (t) => {
  const rows = rowsOf('`expect`')
  t.deepEqual([...rows.keys()], [...figures.keys()])
  for (const [key, { isOfDestinations, usual, unit, about }] of figures) {
    const of = isOfDestinations ? 'yes' : 'no'
    const bare = `${usual.replace('-', ' ')}${unit === 'duration' ? ' this duration' : ''}`
    t.is(rows.get(key), `| \`${key}\` | ${of} | ${bare} | ${about} |`)
  }
})

test("the page's example reads without a problem", (t) => {
  const example = page.split('## An example')[1]?.split('```yaml\n')[1]?.split('```')[0] ?? ''
  const { rehearsal, problems } = readRehearsal(example, 'x.yaml', () => ({ message: 'no files' }))
  t.deepEqual(problems, [])
  t.is(rehearsal?.name, 'hub-dies')
})
