// docs/internals/bridge-protocol.md says what the code does: frames, reasons, limits, states.

import { readFileSync } from 'node:fs'
import test from 'ava'
import { dialTransitions } from '../../../src/network/bridge/index.ts'
import {
  aliasesMax,
  controlBytesMax,
  digestEntriesMax,
  frameBytesMaxLeast,
  frameTypeName,
  frameTypes,
  grantQueuesMax,
  greetingFrameBytesMax,
  nameBytesMax,
  partBytesMax,
  pathLengthMax,
  patternBytesMax,
  refusalCodes,
  refusalTextBytesMax,
  targetsMax
} from '../../../src/network/bridge-protocol/index.ts'

const page = readFileSync('docs/internals/bridge-protocol.md', 'utf8')
const lines = page.split('\n')

test('every frame has a heading with its number, and no other has', (t) => {
  const headings = lines.filter((line) => line.startsWith('### ')).join(' ')
  const told = [...headings.matchAll(/([A-Z_]+) \((\d+)\)/g)].map(([, name, type]) => [
    name,
    Number(type)
  ])
  const real = Object.values(frameTypes).map((type) => [frameTypeName(type), type])
  t.deepEqual(told.sort(byType), real.sort(byType))
})

test('every reason stands in the table with its byte, and no other does', (t) => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| .+ \|$/gm)]
  t.deepEqual(
    rows.map(([, code, byte]) => [code, Number(byte)]),
    Object.entries(refusalCodes)
  )
})

test('every limit is the one the code holds peers to', (t) => {
  const limits: readonly [string, number][] = [
    ['frame before HELLO', greetingFrameBytesMax],
    ['frame a broker takes afterwards', frameBytesMaxLeast],
    ['payload of one PART', partBytesMax],
    ['control frame', controlBytesMax],
    ['name of a broker', nameBytesMax],
    ['pattern', patternBytesMax],
    ['lines in each half', digestEntriesMax],
    ['text of REFUSE', refusalTextBytesMax],
    ['aliases', aliasesMax],
    ['brokers in the path', pathLengthMax],
    ['targets', targetsMax],
    ['queues in one GRANT', grantQueuesMax]
  ]
  const table = lines.slice(lines.indexOf('## Limits')).filter((line) => line.startsWith('| '))
  t.is(table.length, limits.length + 1)
  for (const [index, [what, limit]] of limits.entries()) {
    const row = table[index + 1]!
    t.true(row.startsWith(`| ${what}`), row)
    t.true(row.replaceAll(',', '').includes(`${limit}`), row)
  }
})

test('the moves between dialling states are those of the table in the code', (t) => {
  for (const [state, next] of Object.entries(dialTransitions)) {
    const row = lines.find((line) => line.startsWith(`| ${state} |`))
    const told = row?.split('|')[2]?.trim().split(', ').filter(Boolean).sort()
    t.deepEqual(told, [...next].sort(), state)
  }
})

function byType(a: readonly unknown[], b: readonly unknown[]): number {
  return Number(a[1]) - Number(b[1])
}
