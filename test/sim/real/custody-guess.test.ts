import test from 'ava'
import { CustodyGuess } from '../../../sim/real/custody-guess.ts'
import { waitingKeys } from '../../../sim/real/real-waiting.ts'
import { chain, type SimTopology } from '../../../sim/topologies.ts'
import { Ledger, type LedgerSession } from '../../../sim/workload/ledger.ts'

function session(id: string, broker: string, more: Partial<LedgerSession> = {}): LedgerSession {
  const [consumer = id] = id.split('#')
  return { id, consumer, broker, kind: 'queue', pattern: 'q', isAuto: false, ...more }
}

function makeBook(topology: SimTopology) {
  const ledger = new Ledger()
  const guess = new CustodyGuess(topology, ledger)
  const open = (one: LedgerSession, nowMs: number): void => {
    guess.onOpened(one, nowMs)
    ledger.openSession(one)
  }
  const accept = (key: string, kind: 'queue' | 'topic', origin: string, acceptedAtMs: number) =>
    ledger.accept(
      { key, kind, destination: kind === 'queue' ? 'q' : 't', origin, acceptedAtMs, phase: 0 },
      { known: new Set(topology.brokers), reachable: topology.brokers }
    )
  return { ledger, guess, open, accept }
}

test('a dead broker excuses what it took, or can have passed on, and nothing else', (t) => {
  const { guess, open, accept } = makeBook(chain(4))
  open(session('c1#1', 'c'), 0)
  const own = accept('p1.1', 'queue', 'b', 10)
  const passing = accept('p2.1', 'queue', 'a', 10)
  const elsewhere = accept('p3.1', 'queue', 'd', 10)
  guess.excuseDead('b')
  t.is(own.excuse?.kind, 'died-with-broker')
  t.is(passing.excuse?.kind, 'died-with-broker')
  t.is(elsewhere.excuse, undefined)
})

test('a dead broker excuses nothing that was consumed', (t) => {
  const { ledger, guess, open, accept } = makeBook(chain(3))
  open(session('c1#1', 'c'), 0)
  const record = accept('p1.1', 'queue', 'a', 10)
  ledger.acknowledge('p1.1')
  guess.excuseDead('b')
  t.is(record.excuse, undefined)
})

test('a consumer that was elsewhere counts only for what was sent before it left', (t) => {
  const { guess, open, accept } = makeBook(chain(4))
  open(session('c1#1', 'd'), 0)
  const before = accept('p1.1', 'queue', 'a', 10)
  guess.onClosed('c1#1', 20, false)
  open(session('c1#2', 'b'), 30)
  const after = accept('p1.2', 'queue', 'a', 40)
  guess.excuseDead('c')
  t.is(before.excuse?.kind, 'died-with-broker')
  t.is(after.excuse, undefined)
})

test("a topic's copies are excused one by one", (t) => {
  const { guess, open, accept } = makeBook(chain(4))
  open(session('c1#1', 'b', { kind: 'topic', pattern: 't' }), 0)
  open(session('c2#1', 'd', { kind: 'topic', pattern: 't' }), 0)
  const record = accept('p1.1', 'topic', 'a', 10)
  guess.excuseDead('c')
  t.is(record.expected.get('c1#1')?.excuse, undefined)
  t.is(record.expected.get('c2#1')?.excuse?.kind, 'died-with-broker')
})

test('as many are excused as brokers counted given up, none of a stable phase', (t) => {
  const { ledger, guess, accept } = makeBook(chain(2))
  const stable = ledger.accept(
    { key: 's.1', kind: 'queue', destination: 'q', origin: 'a', acceptedAtMs: 0, phase: 1 },
    { known: new Set(), reachable: ['a'] }
  )
  const records = [1, 2, 3].map((number) => accept(`p.${number}`, 'queue', 'a', number))
  const told: string[] = []
  guess.excuseGivenUp([{ broker: 'a', reason: 'no-route', count: 2 }], ({ key }) => told.push(key))
  t.deepEqual(told, ['p.1', 'p.2'])
  t.deepEqual(
    records.map(({ excuse }) => excuse?.kind),
    ['given-up', 'given-up', undefined]
  )
  t.is(stable.excuse, undefined)
})

test('a consumer that settles by itself and is cut off excuses what it can have been sent', (t) => {
  const { guess, open, accept } = makeBook(chain(2))
  open(session('c1#1', 'b', { isAuto: true }), 0)
  const before = accept('p1.1', 'queue', 'a', 10)
  guess.onClosed('c1#1', 20, true)
  const after = accept('p1.2', 'queue', 'a', 30)
  guess.excuseCutShort()
  t.is(before.excuse?.kind, 'subscriber-left')
  t.is(after.excuse, undefined)
})

test('one that left in good order excuses nothing', (t) => {
  const { guess, open, accept } = makeBook(chain(2))
  open(session('c1#1', 'b', { isAuto: true }), 0)
  const record = accept('p1.1', 'queue', 'a', 10)
  guess.onClosed('c1#1', 20, false)
  guess.excuseCutShort()
  t.is(record.excuse, undefined)
})

test('as many messages wait as queues hold, and no more', (t) => {
  const { ledger, accept } = makeBook(chain(2))
  for (const number of [1, 2, 3]) accept(`p.${number}`, 'queue', 'a', number)
  const queue = { name: 'q', kind: 'queue', ready: 2 }
  const report = { queues: [queue] } as never
  t.deepEqual([...waitingKeys(ledger, [{ report, askedAtMs: 0 }])], ['p.1', 'p.2'])
})
