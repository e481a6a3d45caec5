// Bars, ratios and the report, on made-up measurements.

import test from 'ava'

import { bars, judge } from '../../bench/bars.ts'
import { type Measurement, Measurements } from '../../bench/measurements.ts'
import { peerRow, peerRows } from '../../bench/peer-figures.ts'
import { Progress } from '../../bench/progress.ts'
import { type ReportInput, report } from '../../bench/report.ts'
import { resultsJson } from '../../bench/results-file.ts'
import { type FigureName, formatFigure } from '../../bench/scenarios/figure.ts'
import { scenarios } from '../../bench/scenarios/scenario-list.ts'
import type { TargetName } from '../../bench/targets/target.ts'

interface Made {
  readonly scenario: string
  readonly target?: TargetName
  readonly round?: number
  readonly figure: FigureName
  readonly value: number
  readonly fault?: string
}

function made(runs: readonly Made[]): Measurements {
  const measurements = new Measurements()
  for (const { scenario, target, round, figure, value, fault } of runs) {
    const measurement: Measurement = {
      scenario,
      target: target ?? 'postroad',
      round: round ?? 1,
      figures: new Map([[figure, value]]),
      fault,
      notes: [],
      server: ''
    }
    measurements.add(measurement)
  }
  return measurements
}

function rate(scenario: string, value: number, more: Partial<Made> = {}): Made {
  return { scenario, value, figure: 'receivedPerSecond', ...more }
}

function verdictOf(name: string, measurements: Measurements): string | undefined {
  return judge(measurements).find(({ bar }) => bar.name === name)?.verdict
}

const relay = rate('relay', 1_000, { target: 'bare-relay' })

test('a ratio bar passes at its limit and fails below it', (t) => {
  t.is(verdictOf('queue / relay', made([relay, rate('queue', 300)])), 'PASS')
  t.is(verdictOf('queue / relay', made([relay, rate('queue', 299)])), 'FAIL')
})

test('an upper bar fails at its limit and passes below it', (t) => {
  const start = (value: number) => made([{ scenario: 'start', figure: 'startMs', value }])
  t.is(verdictOf('start', start(299.9)), 'PASS')
  t.is(verdictOf('start', start(300)), 'FAIL')
})

test('a bar whose scenario was not run is not judged', (t) => {
  t.is(verdictOf('queue / relay', made([rate('queue', 300)])), 'not run')
  t.true(judge(made([])).every(({ verdict }) => verdict === 'not run'))
  t.is(judge(made([])).length, bars.length)
})

test('a bar fails when a run of it lost messages, even if other rounds are good', (t) => {
  const bad = rate('queue', 900, { round: 2, fault: '3 messages lost' })
  const runs = [relay, rate('queue', 900), { ...relay, round: 2 }, bad]
  t.is(verdictOf('queue / relay', made(runs)), 'FAIL')
  t.is(verdictOf('queue / relay', made([bad])), 'FAIL')
})

test('ratios are taken within rounds, so that a drift of the machine cancels out', (t) => {
  const runs = [
    rate('relay', 1_000, { target: 'bare-relay' }),
    rate('queue', 500),
    rate('relay', 10, { target: 'bare-relay', round: 2 }),
    rate('queue', 5, { round: 2 }),
    rate('queue', 1e6, { round: 3 })
  ]
  const { measured } = judge(made(runs)).find(({ bar }) => bar.name === 'queue / relay')!
  t.deepEqual(measured, { median: 0.5, min: 0.5, max: 0.5, rounds: 2 })
})

function input(measurements: Measurements): ReportInput {
  return {
    command: 'node dist/bench/main.js --rounds 2',
    machine: { cpu: 'Some CPU', cores: 2, memoryGiB: 8, system: 'Linux 6', loadBefore: 0.1 },
    versions: { postroad: '1.2.3', commit: 'abc', node: 'v20', v8: '11' },
    settings: 'as told',
    persistent: false,
    scenarios,
    measurements
  }
}

test('the report gives median and range, ratios, bars and where it was measured', (t) => {
  const runs = [relay, rate('queue', 30_000), rate('queue', 50_000, { round: 2 })]
  const text = report(input(made(runs)))
  t.regex(text, /command +node dist\/bench\/main.js --rounds 2/)
  t.regex(text, /machine +Some CPU, 2 cores, 8 GiB, Linux 6, load 0.1 before/)
  t.regex(text, /versions +postroad 1.2.3 \(abc\), Node v20, V8 11/)
  t.regex(text, /received\/s +40\.0 k {2}\(30\.0 k - 50\.0 k\)/)
  t.regex(text, /queue \/ relay +30\.0 {2}\(30\.0 - 30\.0\)/)
  t.regex(text, /PASS +queue \/ relay +>= 0\.3/)
  t.regex(text, /not run +start +< 300 ms/)
})

test('the report marks a run that lost messages as FAILED and quotes no figure of it', (t) => {
  const text = report(input(made([rate('queue', 77_700, { fault: '3 messages lost' })])))
  t.regex(text, /FAILED queue on postroad, round 1: 3 messages lost/)
  t.notRegex(text, /77\.7 k/)
})

test('the report labels figures of peers as those of another run', (t) => {
  const text = report(input(made([rate('queue', 1)])))
  t.regex(text, /peers in another run, received\/s, producer not held back:/)
  t.regex(text, /ActiveMQ Classic 5\.17\.2 STOMP 34\.0 k \(0\.05 x\)/)
  t.regex(text, /Compare them only as ratios/)
})

test('peers of persistent messages are kept apart from the others', (t) => {
  t.is(peerRow('chain-2', 'receivedPerSecond', false)?.values.get('NATS 2.9.10 route'), 244_000)
  t.is(peerRow('chain-2', 'receivedPerSecond', true)?.values.get('NATS 2.9.10 route'), 69)
  t.is(peerRow('start', 'startMs', true), undefined)
  const known = new Set(scenarios.map((scenario) => scenario.name))
  t.deepEqual(
    peerRows.filter((row) => !known.has(row.scenario)),
    []
  )
})

test('the results file holds every run, failed ones too', (t) => {
  const runs = [rate('queue', 5), rate('queue', 6, { round: 2, fault: 'lost' })]
  const results = JSON.parse(resultsJson(input(made(runs)), '2030-01-02'))
  t.is(results.date, '2030-01-02')
  t.is(results.runs.length, 2)
  t.deepEqual(results.runs[0].figures, { receivedPerSecond: 5 })
  t.is(results.runs[1].fault, 'lost')
  t.is(results.bars.length, bars.length)
})

test('figures are printed with the digits that mean something', (t) => {
  const values = [712_345, 10_000, 9_999, 780.4, 43.12, 0.163, 0]
  t.deepEqual(values.map(formatFigure), ['712 k', '10.0 k', '9999', '780', '43.1', '0.16', '0.00'])
})

test('progress is shown on a terminal only', (t) => {
  const written: string[] = []
  const screen = (isTTY: boolean) => ({ isTTY, columns: 20, write: (s: string) => written.push(s) })
  const silent = new Progress(screen(false), 2)
  silent.show('nothing')
  silent.clear()
  t.deepEqual(written, [])
  const shown = new Progress(screen(true), 2)
  shown.step()
  shown.show('a scenario with a long name')
  t.deepEqual(written, ['\r\x1b[K[1/2] a scenario wi'])
})
