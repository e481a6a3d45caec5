// Holds docs/reference/topology-file.md to the schema, in both directions: every key with its
// default and bounds is on the page, and the page has no other key.

import { readFileSync } from 'node:fs'
import test from 'ava'
import { readTopology, topologyJsonSchema } from '../../src/config/index.ts'

type SchemaNode = ReturnType<typeof topologyJsonSchema>

const page = readFileSync(
  new URL('../../../docs/reference/topology-file.md', import.meta.url),
  'utf8'
)

/** Rows of the table below a heading, by the key in their first column. */
function rowsOf(heading: string): Map<string, string> {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = new Map<string, string>()
  for (const padded of section.split('\n')) {
    const row = padded.replace(/ +/g, ' ')
    const key = /^\| `([A-Za-z]+)` \|/.exec(row)?.[1]
    if (key !== undefined && !rows.has(key)) rows.set(key, row)
  }
  return rows
}

function sections(): [heading: string, node: SchemaNode | undefined][] {
  const file = topologyJsonSchema().properties
  const broker = file?.defaults?.properties
  return [
    ['The file', topologyJsonSchema()],
    ['A broker, and `defaults`', file?.defaults],
    ['`transportConnectors`', broker?.transportConnectors?.items],
    ['`networkConnectors`', broker?.networkConnectors?.items],
    ['`limits`', broker?.limits],
    ['`store`', broker?.store],
    ['`policies`', broker?.policies?.items],
    ['`redelivery`', broker?.policies?.items?.properties?.redelivery],
    ['`deadLetter`', broker?.policies?.items?.properties?.deadLetter],
    ['`limits` of a policy', broker?.policies?.items?.properties?.limits],
    ['`topology`', file?.topology]
  ]
}

for (const [heading, node] of sections()) {
  test(`the page's section ${heading} has each key with its default and bounds`, (t) => {
    const properties = Object.entries(node?.properties ?? {})
    t.true(properties.length > 1)
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
  })

  test(`the page's section ${heading} has no key that does not exist`, (t) => {
    const known = new Set(Object.keys(node?.properties ?? {}))
    const options = /^(initial|max)ReconnectDelay$|^useExponentialBackOff$|^backOffMultiplier$/
    for (const key of rowsOf(heading).keys()) {
      const isTemplate = heading === '`topology`' && ['ring', 'chain', 'mesh'].includes(key)
      t.true(known.has(key) || options.test(key) || isTemplate, key)
    }
  })
}

test("the page's example reads without a problem", (t) => {
  const example = page.split('## An example')[1]?.split('```yaml\n')[1]?.split('```')[0] ?? ''
  const { topology, problems } = readTopology(example, 'example.yaml')
  t.deepEqual(problems, [])
  t.deepEqual([...(topology?.brokers.keys() ?? [])], ['hub', 'shop-1'])
})
