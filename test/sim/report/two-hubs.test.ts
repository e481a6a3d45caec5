// Two hubs: one is killed, the other carries everything; and the example made of such a run.

import { readFileSync, writeFileSync } from 'node:fs'
import test from 'ava'
import { reportToJson } from '../../../sim/report/report-json.ts'
import { record } from './observed.ts'
import { aMinute, twoHubsPlan } from './two-hubs.ts'

const exampleFile = new URL('../../../../test/sim/report/two-hubs-report.json', import.meta.url)

test('the other hub takes over within a moment, and nothing is lost', (t) => {
  const { report } = record(twoHubsPlan({ killMs: 2_000, startMs: 6_000, endMs: 8_000 }), 2)
  const [fault] = report.faults
  t.true(fault!.detectMs! > 0 && fault!.detectMs! < 20, `${fault!.detectMs}`)
  // Resets tell at once: nothing is re-routed, or a few messages are.
  t.true((fault!.rerouteMs ?? 0) < 200, `${fault!.rerouteMs}`)
  t.deepEqual(
    report.expectations.filter(({ isMet }) => !isMet),
    []
  )
  for (const { destination, accepted, fates } of report.destinations) {
    const { delivered, late, ...others } = fates
    t.is(delivered, destination.startsWith('/topic/') ? 2 * accepted : accepted)
    t.true(late < 10)
    t.deepEqual([...new Set(Object.values(others))], [0])
  }
  const bytesOver = (hub: string): number =>
    report.bridges
      .filter(({ b }) => b === hub)
      .reduce((sum, { bytesToA, bytesToB }) => sum + bytesToA + bytesToB, 0)
  t.true(bytesOver('hub2') > 1.2 * bytesOver('hub1'), 'one of them was not there for half the time')
})

test('the example is a report whose fates add up', (t) => {
  // UPDATE_EXAMPLES=1 writes it anew.
  if (process.env.UPDATE_EXAMPLES !== undefined) {
    const beginMs = performance.now()
    const { report } = record(twoHubsPlan(aMinute))
    const realMs = Math.round(performance.now() - beginMs)
    writeFileSync(exampleFile, `${JSON.stringify(reportToJson({ ...report, realMs }), null, 1)}\n`)
  }
  const { destinations } = JSON.parse(readFileSync(exampleFile, 'utf8'))
  t.is(destinations.length, 3)
  for (const { destination, accepted, fates } of destinations) {
    const { late: _, ...others } = fates
    const sum = Object.values<number>(others).reduce((total, count) => total + count, 0)
    t.is(sum, destination.startsWith('/topic/') ? 2 * accepted : accepted)
  }
})
