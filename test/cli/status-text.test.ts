import test from 'ava'
import type { StatusReport } from '../../src/admin/index.ts'
import { statusText } from '../../src/cli/status/status-text.ts'

const report: StatusReport = {
  format: 1,
  network: 'ring',
  broker: 'a',
  brokerId: '0123456789abcdef0123456789abcdef',
  incarnation: 3,
  atMs: 0,
  upMs: 61_000,
  counters: {
    published: 1_234,
    received: 5,
    forwarded: 6,
    duplicatesDropped: 0,
    deadLettered: 0,
    refused: 7
  },
  memory: { bytesUsed: 2_048, bytesMax: 1_048_576, isFull: false },
  store: null,
  spool: null,
  parking: { messages: 0, bytes: 0, brokers: [] },
  pausedProducers: 0,
  truncated: []
}

const aQueue = {
  name: 'orders',
  kind: 'queue',
  ready: 1_200,
  delivered: 3,
  delayed: 0,
  bytes: 4_096,
  consumers: 2,
  remoteBrokers: ['b', 'c'],
  enqueued: 10,
  dispatched: 7,
  settled: 4,
  expired: 0,
  isFull: true
} as const

test('a report without anything in it has a headline and says so for every list', (t) => {
  const text = statusText(report)
  t.regex(text, /^broker a of network ring, up 1 m 1 s, id 01234567, life 3\n/)
  t.regex(text, /published 1,234/)
  t.regex(text, /memory 2\.0 KiB of 1\.0 MiB/)
  t.regex(text, /\n\nqueues\n {2}none\n\n/)
})

test('queues are listed by name, with where they forward to', (t) => {
  const text = statusText({ ...report, queues: [aQueue, { ...aQueue, name: 'early' }] })
  t.regex(text, /early[^\n]*\n {2}orders \(full\) +1,200 +3 +4\.0 KiB +2 +10 +7 {2}b c/)
})

test('bridges and brokers of the map are shown', (t) => {
  const text = statusText({
    ...report,
    brokers: [
      {
        name: 'b',
        brokerId: 'b',
        incarnation: 1,
        isTransit: true,
        isReachable: false,
        nextHop: null,
        cost: null,
        bridges: [{ peer: 'a', cost: 5, sends: true, include: [], exclude: [] }]
      }
    ],
    notDelivered: [{ reason: 'expired', meaning: 'its time to live ran out', count: 2 }]
  })
  t.regex(text, /b +out of reach +- +- +yes +a:5/)
  t.regex(text, /2 +expired +its time to live ran out/)
})

test('lists that were cut are named', (t) => {
  t.regex(statusText({ ...report, truncated: ['queues'] }), /cut short.*: queues$/)
})

test('a name cannot steer the terminal', (t) => {
  const text = statusText({ ...report, queues: [{ ...aQueue, name: 'x\u001b[2J\u202e' }] })
  t.false(text.includes('\u001b') || text.includes('\u202e'))
  t.true(text.includes('x?[2J?'))
})
