// Faults as steps of a timeline: in order, with relative times, and with one restoring step where
// several faults keep the same thing from working.

import test from 'ava'
import fc from 'fast-check'
import type { SimEvent } from '../../../sim/plan/index.ts'
import type { FaultGround } from '../../../sim/scenario-file/check-fault.ts'
import type { FaultKindName } from '../../../sim/scenario-file/fault-kinds.ts'
import { type Fault, readFault } from '../../../sim/scenario-file/fault-text.ts'
import { usualQuality } from '../../../sim/scenario-file/plan-of-rehearsal.ts'
import { scheduleFaults } from '../../../sim/scenario-file/schedule-faults.ts'
import { ring } from '../../../sim/topologies.ts'

const ground: FaultGround = {
  topology: ring(4),
  groups: new Map([
    ['west', ['a', 'b']],
    ['east', ['c', 'd']]
  ]),
  producers: [{ name: 'p1' }],
  consumers: [{ name: 'c1' }],
  durationMs: 60_000
}

function fault(text: string): Fault {
  const [kind = '', written = ''] = text.split(' ')
  return readFault(kind as FaultKindName, written) as Fault
}

/** Steps as '1000 kill a' words. */
function stepsOf(...texts: string[]): string[] {
  const { timeline } = scheduleFaults(texts.map(fault), ground, () => ({
    ...usualQuality,
    latencyMs: 7
  }))
  let nowMs = 0
  return timeline.map(({ afterMs, event }) => {
    nowMs += afterMs
    return `${nowMs} ${describe(event)}`
  })
}

function describe(event: SimEvent): string {
  const { kind, ...rest } = event
  return [kind, ...Object.values(rest).map((value) => show(value))].join(' ')
}

function show(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const single: readonly (readonly [string, readonly string[]])[] = [
  ['kill a@1s..2s', ['1000 kill a', '2000 start a']],
  ['kill a@1s', ['1000 kill a']],
  ['restart a@1s', ['1000 kill a', '1000 start a']],
  ['kill-at a@1s=sent', ['1000 kill-at a sent 1']],
  ['kill-at a@1s..2s=sent', ['1000 kill-at a sent 1', '2000 start a']],
  [
    'kill-at a@1s..4s=store-committed,2s',
    [
      '1000 kill-at a store-committed 1',
      '2000 start a',
      '3000 kill-at a store-committed 1',
      '4000 start a'
    ]
  ],
  ['roll-back a@1s..2s', ['1000 disk-copy a', '2000 disk-restore a', '2000 start a']],
  ['clone a@1s..2s', ['1000 clone a', '2000 clone-end a']],
  ['disk-error a@1s..2s', ['1000 disk-error a', '2000 disk-ok a']],
  ['disk-slow a@1s..2s=500ms', ['1000 disk-slow a 500', '2000 disk-slow a 0']],
  ['stop a@1s..2s', ['1000 stop a', '2000 start a']],
  ['power-off a@1s..2s', ['1000 power-off a', '2000 start a']],
  ['pause a@1s..2s', ['1000 pause a', '2000 resume a']],
  ['slow a@1s..2s=20x', ['1000 slow a 20', '2000 slow a 1']],
  ['cut b:a@1s..2s', ['1000 cut a b', '2000 heal a b']],
  ['one-way b:a@1s..2s', ['1000 cut-one-way b a', '2000 heal a b']],
  ['half-open b:a@1s', ['1000 half-open b a']],
  ['reset a:b@1s', ['1000 reset a b']],
  ['flap a:b@1s..2s=600ms', ['1000 cut a b', '1300 heal a b', '1600 cut a b', '1900 heal a b']],
  [
    'throttle a:b@1s..2s=64kbit/s',
    [
      '1000 quality a b {"bytesPerSecond":8000}',
      `2000 quality a b {"bytesPerSecond":${Number.MAX_SAFE_INTEGER}}`
    ]
  ],
  [
    'delay a:b@1s..2s=200ms',
    ['1000 quality a b {"latencyMs":200}', '2000 quality a b {"latencyMs":7}']
  ],
  [
    'resets a:b@1s..2s=6/min',
    ['1000 quality a b {"resetsPerMinute":6}', '2000 quality a b {"resetsPerMinute":0}']
  ],
  [
    'partition west/east@1s..2s',
    ['1000 cut b c', '1000 cut d a', '2000 heal b c', '2000 heal d a']
  ],
  ['partition a/c,d@1s', ['1000 cut d a']],
  ['isolate a@1s..2s', ['1000 cut a b', '1000 cut d a', '2000 heal a b', '2000 heal d a']],
  ['disk-full a@1s..2s', ['1000 disk-full a', '2000 disk-ok a']],
  ['disk-loss a@1s..2s', ['1000 disk-loss a', '2000 start a']],
  ['clock-step a@1s=-30s', ['1000 clock-step a -30000']],
  ['poison a:b@1s', ['1000 poison a b']],
  ['move c1@1s=b,abrupt', ['1000 move c1 b abrupt']],
  ['leave c1@1s', ['1000 leave c1 orderly']],
  ['arrive c1@1s', ['1000 arrive c1']],
  ['drop-client p1@1s', ['1000 drop-client p1']],
  ['add a@1s', ['1000 start a']],
  ['remove a@1s', ['1000 remove a']]
]

for (const [text, steps] of single) {
  test(`${text} happens step by step`, (t) => {
    t.deepEqual(stepsOf(text), steps)
  })
}

test('of two faults that keep a broker down the last to end starts it', (t) => {
  t.deepEqual(stepsOf('kill a@1s..5s', 'stop a@2s..3s'), [
    '1000 kill a',
    '2000 stop a',
    '5000 start a'
  ])
  t.deepEqual(stepsOf('kill a@1s..3s', 'kill a@3s..5s'), [
    '1000 kill a',
    '3000 kill a',
    '5000 start a'
  ])
  t.deepEqual(stepsOf('kill a@1s..3s', 'kill a@2s'), ['1000 kill a', '2000 kill a'])
  t.deepEqual(stepsOf('restart a@2s', 'kill a@1s..3s'), [
    '1000 kill a',
    '2000 kill a',
    '3000 start a'
  ])
})

test('a broker that starts while it is to be frozen is frozen at once', (t) => {
  t.deepEqual(stepsOf('kill a@1s..3s', 'pause a@2s..5s'), [
    '1000 kill a',
    '2000 pause a',
    '3000 start a',
    '3000 pause a',
    '5000 resume a'
  ])
  t.deepEqual(stepsOf('kill a@1s..3s', 'pause a@2s..3s', 'pause b@2s..5s'), [
    '1000 kill a',
    '2000 pause a',
    '2000 pause b',
    '3000 start a',
    '3000 resume a',
    '5000 resume b'
  ])
})

test('a broker that is removed is not started by an earlier fault that ends', (t) => {
  t.deepEqual(stepsOf('kill a@1s..5s', 'remove a@2s'), ['1000 kill a', '2000 remove a'])
})

test('of faults that keep a link cut the last to end heals it, whatever they are', (t) => {
  t.deepEqual(stepsOf('isolate a@1s..5s', 'cut a:b@2s..6s', 'one-way b:a@1s..2s'), [
    '1000 cut a b',
    '1000 cut d a',
    '1000 cut-one-way b a',
    '2000 cut a b',
    '5000 heal d a',
    '6000 heal a b'
  ])
})

test('faults of different things do not know of each other', (t) => {
  t.deepEqual(stepsOf('pause a@1s..5s', 'kill b@2s..3s', 'cut a:b@2s..3s'), [
    '1000 pause a',
    '2000 kill b',
    '2000 cut a b',
    '3000 start b',
    '3000 heal a b',
    '5000 resume a'
  ])
})

const spans = fc.record({
  kind: fc.constantFrom('kill', 'stop', 'power-off'),
  broker: fc.constantFrom('a', 'b'),
  fromMs: fc.integer({ min: 0, max: 20 }),
  forMs: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined })
})

test('a broker is down exactly while a fault keeps it down', (t) => {
  fc.assert(
    fc.property(fc.array(spans, { maxLength: 6 }), (all) => {
      const faults = all.map(({ kind, broker, fromMs, forMs }) =>
        fault(`${kind} ${broker}@${fromMs}ms${forMs === undefined ? '' : `..${fromMs + forMs}ms`}`)
      )
      const { timeline, lastMs } = scheduleFaults(faults, ground, () => usualQuality)
      const down = new Set<string>()
      let at = 0
      let stepMs = timeline[0]?.afterMs ?? 0
      for (let nowMs = 0; nowMs <= 45; nowMs += 1) {
        while (at < timeline.length && stepMs <= nowMs) {
          const { event } = timeline[at]!
          if (event.kind === 'start') down.delete(event.broker)
          else if ('broker' in event) down.add(event.broker)
          at += 1
          stepMs += timeline[at]?.afterMs ?? 0
        }
        for (const broker of ['a', 'b']) {
          const isHeld = faults.some(
            ({ target, fromMs, toMs }) =>
              target === broker && fromMs <= nowMs && (toMs === undefined || toMs > nowMs)
          )
          t.is(down.has(broker), isHeld, `${broker} at ${nowMs}`)
        }
      }
      t.is(at, timeline.length)
      t.true(timeline.every(({ afterMs }) => afterMs >= 0))
      t.is(
        timeline.reduce((sum, { afterMs }) => sum + afterMs, 0),
        lastMs
      )
    })
  )
})
