// The list of waiting entries against a sorted array.

import test from 'ava'
import fc from 'fast-check'
import { EntryList, QueueEntry } from '../../src/broker/queue-entry.ts'
import { BrokerWorld } from '../support/broker-world.ts'

test('whatever is appended, removed and put back, the list is what a sorted array is', (t) => {
  const world = new BrokerWorld()
  world.publish()
  const queue = world.broker.queues.find('orders')!
  const entryAt = (sequence: number): QueueEntry =>
    new QueueEntry(world.aMessage(), queue, sequence, false)
  const step = fc.oneof(
    fc.record({ do: fc.constant('append' as const), at: fc.constant(0), count: fc.nat(5) }),
    fc.record({ do: fc.constant('remove' as const), at: fc.nat(30), count: fc.nat(5) }),
    fc.record({ do: fc.constant('merge' as const), at: fc.nat(30), count: fc.nat(5) })
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const list = new EntryList()
      let expected: QueueEntry[] = []
      let away: QueueEntry[] = []
      let last = 0
      for (const { do: what, at, count } of steps) {
        for (let i = 0; i < count && what === 'append'; i += 1) {
          last += 1
          const entry = entryAt(last)
          expected.push(entry)
          list.append(entry)
        }
        for (let i = 0; i < count && what === 'remove' && expected.length > 0; i += 1) {
          const [entry] = expected.splice((at * 7 + i * 3) % expected.length, 1)
          away.push(entry!)
          list.remove(entry!)
        }
        if (what === 'merge') {
          const back = away.slice(0, count).sort((a, b) => a.sequence - b.sequence)
          away = away.slice(count)
          list.merge(back)
          expected = [...expected, ...back].sort((a, b) => a.sequence - b.sequence)
        }
        const forwards: number[] = []
        for (let entry = list.head; entry !== undefined; entry = entry.next) {
          forwards.push(entry.sequence)
        }
        const backwards: number[] = []
        for (let entry = list.tail; entry !== undefined; entry = entry.previous) {
          backwards.unshift(entry.sequence)
        }
        const sequences = expected.map((entry) => entry.sequence)
        t.deepEqual(forwards, sequences)
        t.deepEqual(backwards, sequences)
        t.is(list.length, sequences.length)
      }
    }),
    { numRuns: 200 }
  )
})
