// Reports as JSON, and the kept example of one.

import { readFileSync } from 'node:fs'
import test from 'ava'
import { reportToJson } from '../../../sim/report/report-json.ts'
import { chain } from '../../../sim/topologies.ts'
import { aConsumer, aProducer } from '../small-world.ts'
import { aFault, aReport } from './a-report.ts'
import { aPlan, record } from './observed.ts'

test('a report survives JSON: what could not be measured is left out', (t) => {
  const report = aReport({
    faults: [aFault('cut a-b', { toMs: undefined, detectMs: 12 })],
    complaints: ['no-loop: a message came back']
  })
  const json = reportToJson(report)
  t.is(json.format, 1)
  t.deepEqual(JSON.parse(JSON.stringify(json)), json)
  t.false('toMs' in json.faults[0]!)
  t.is(json.faults[0]!.detectMs, 12)
})

test('numbers that JSON does not have become null', (t) => {
  const { series } = aReport()
  const json = reportToJson(
    aReport({
      series: { ...series, latencyP50Ms: [1, null, Number.NaN] },
      runMs: Number.POSITIVE_INFINITY
    })
  )
  t.deepEqual(json.series.latencyP50Ms, [1, null, null])
  t.is(json.runMs as number | null, null)
})

test('the example report is one that a recorder writes today', (t) => {
  const file = new URL('../../../../test/sim/report/two-hubs-report.json', import.meta.url)
  const example = JSON.parse(readFileSync(file, 'utf8'))
  const destination = '/queue/q'
  const { report } = record(
    aPlan({
      topology: chain(2),
      producers: [aProducer({ at: 'a', destination })],
      consumers: [aConsumer({ at: 'b', destination })],
      thenMs: 500
    })
  )
  const fresh = reportToJson(report)
  const names = (value: object): string[] => Object.keys(value).sort()
  t.deepEqual(names(example), names(fresh))
  t.deepEqual(names(example.series), names(fresh.series))
  for (const list of ['brokers', 'bridges', 'destinations'] as const) {
    t.deepEqual(names(example[list][0]), names(fresh[list][0]!), list)
  }
  for (const { accepted, fates } of example.destinations.slice(0, 2)) {
    t.is(accepted, fates.delivered)
  }
})
