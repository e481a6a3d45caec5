// The oracle of the torture finds what it is there for, and nothing else.

import test from 'ava'
import { type Copy, Ledger } from '../../../bench/torture/ledger.ts'
import { bodyOf, readBody } from '../../../bench/torture/torture-body.ts'

const orders = { name: 'orders', destination: '/queue/orders' }
const archive = { name: 'archive', destination: '/topic/news' }
const mirror = { name: 'mirror', destination: '/topic/news' }

function aCopy(facts: Partial<Copy> = {}): Copy {
  const place = { audience: 'orders', consumer: 'c1', session: 1, atMs: 20 }
  return { ...place, isFlagged: false, isAcknowledged: false, ...facts }
}

/** A ledger with one receipted message to orders. */
function aLedger(): Ledger {
  const ledger = new Ledger([orders, archive, mirror])
  ledger.send('p.1', '/queue/orders', 'p', 1)
  ledger.receipt('p.1', 2)
  return ledger
}

function consume(ledger: Ledger, facts: Partial<Copy> = {}, destination = '/queue/orders'): void {
  const copy = ledger.deliver('p.1', destination, aCopy(facts))
  if (copy !== undefined) ledger.acknowledge('p.1', copy)
}

function kinds(ledger: Ledger): string[] {
  return ledger.violations().map(({ kind, audience }) => `${kind} ${audience}`)
}

test('a receipted message that is consumed once is right', (t) => {
  const ledger = aLedger()
  t.is(ledger.totals.late, 1)
  consume(ledger)
  t.deepEqual(kinds(ledger), [])
  t.is(ledger.totals.late, 0)
})

test('a receipted message without an acknowledged copy is lost', (t) => {
  const ledger = aLedger()
  t.deepEqual(kinds(ledger), ['lost orders'])
  ledger.deliver('p.1', '/queue/orders', aCopy())
  t.deepEqual(kinds(ledger), ['lost orders'])
})

test('a message without a receipt may be there or not', (t) => {
  const ledger = new Ledger([orders])
  ledger.send('p.1', '/queue/orders', 'p', 1)
  t.deepEqual(kinds(ledger), [])
  consume(ledger)
  t.deepEqual(kinds(ledger), [])
})

test('a second copy must be flagged, whichever comes first', (t) => {
  const good = aLedger()
  consume(good, { isFlagged: true })
  consume(good)
  t.deepEqual(kinds(good), [])
  t.is(good.totals.repeats, 1)
  const bad = aLedger()
  consume(bad)
  consume(bad, { consumer: 'c2' })
  t.deepEqual(kinds(bad), ['unflagged-duplicate orders'])
})

test('every durable subscription must get its own copy', (t) => {
  const ledger = new Ledger([archive, mirror])
  ledger.send('p.1', '/topic/news', 'p', 1)
  consume(ledger, { audience: 'archive' }, '/topic/news')
  ledger.receipt('p.1', 3)
  t.is(ledger.totals.late, 1)
  t.deepEqual(kinds(ledger), ['lost mirror'])
  consume(ledger, { audience: 'mirror' }, '/topic/news')
  t.is(ledger.totals.late, 0)
  t.deepEqual(kinds(ledger), [])
})

test('what comes after the end has come back, even if it is flagged', (t) => {
  const ledger = aLedger()
  consume(ledger)
  ledger.close(100)
  consume(ledger, { isFlagged: true })
  t.deepEqual(kinds(ledger), ['revived orders'])
})

test('what nobody sent, or sent elsewhere, is noted', (t) => {
  const ledger = aLedger()
  consume(ledger)
  t.is(ledger.deliver('p.2', '/queue/orders', aCopy()), undefined)
  t.is(ledger.deliver('p.1', '/queue/bills', aCopy()), undefined)
  t.deepEqual(kinds(ledger), ['unknown orders', 'unknown orders'])
})

test('a body that was cut or changed does not pass for the one that was sent', (t) => {
  const body = Buffer.from(bodyOf('p1.17', 300))
  t.deepEqual(readBody(body), { key: 'p1.17' })
  t.is(typeof readBody(body.subarray(0, 299)).fault, 'string')
  body[200] = 0
  t.is(typeof readBody(body).fault, 'string')
  t.deepEqual(readBody(Buffer.from(bodyOf('p1.17', 0))), { key: 'p1.17' })
})
