// The networks in topologies/ are part of the product: they read without a problem, have the
// bridges and ports that other tests and the documentation count on, and their JSON Schema is
// current.

import { readdirSync, readFileSync } from 'node:fs'
import test from 'ava'
import { readTopology, topologyJsonSchema, withPortOffset } from '../../src/config/index.ts'

/** The project's folder, seen from dist/test/config. */
const project = new URL('../../../', import.meta.url)

function textOf(path: string): string {
  return readFileSync(new URL(path, project), 'utf8')
}

/** Bridges of each shipped network, as `from-to` words. */
const shipped = new Map([
  ['pair', 'a>b'],
  ['chain-3', 'a>b b>c'],
  ['ring-4', 'a>b b>c c>d d>a'],
  ['mesh-4', 'a>b a>c a>d b>c b>d c>d'],
  ['hub-spoke-5', 'spoke-1>hub spoke-2>hub spoke-3>hub spoke-4>hub'],
  [
    'two-hubs',
    'hub-2>hub-1 spoke-1>hub-1 spoke-1>hub-2 spoke-2>hub-1 spoke-2>hub-2 spoke-3>hub-1 ' +
      'spoke-3>hub-2 spoke-4>hub-1 spoke-4>hub-2'
  ]
])

test('the networks tested here are those that are shipped', (t) => {
  const files = readdirSync(new URL('topologies/', project)).filter((name) =>
    name.endsWith('.yaml')
  )
  t.deepEqual(files.sort(), [...shipped.keys()].map((name) => `${name}.yaml`).sort())
})

for (const [name, expected] of shipped) {
  test(`${name} reads without a problem and has its bridges and ports`, (t) => {
    const { topology, problems } = readTopology(textOf(`topologies/${name}.yaml`), name)
    t.deepEqual(problems, [])
    t.is(topology?.network, name)
    const bridges = topology?.bridges.map(({ from, to }) => `${from}>${to}`).sort()
    t.is(bridges?.join(' '), expected)
    for (const [index, broker] of [...(topology?.brokers.values() ?? [])].entries()) {
      const base = 61_610 + 10 * index
      t.deepEqual(
        broker.transportConnectors.map(({ uri }) => uri.text),
        [
          `stomp://127.0.0.1:${base + 3}`,
          `stomp+ws://127.0.0.1:${base + 4}`,
          `postroad://127.0.0.1:${base + 7}`
        ]
      )
    }
    t.notThrows(() => withPortOffset(topology!, 1_000))
  })

  test(`${name} names its schema and opens with a drawing and a sentence`, (t) => {
    const lines = textOf(`topologies/${name}.yaml`).split('\n')
    t.is(lines[0], '# yaml-language-server: $schema=./topology.schema.json')
    const comment = lines.slice(
      1,
      lines.findIndex((line) => !line.startsWith('#'))
    )
    t.true(comment.length >= 3)
    t.regex(comment.at(-1)!, /^# [A-Z].*\.$/)
  })
}

test('the JSON Schema beside them is current', (t) => {
  t.deepEqual(
    JSON.parse(textOf('topologies/topology.schema.json')),
    JSON.parse(JSON.stringify(topologyJsonSchema()))
  )
})
