// Batches of the store's writer: net effect, and what becomes of one that failed.

import test from 'ava'
import fc from 'fast-check'
import { type StoredQueue, WriteBatch } from '../../src/broker/write-batch.ts'
import { createMemoryStore } from '../../src/store/index.ts'

class Noted implements StoredQueue {
  readonly name: string
  readonly stored: number[] = []

  constructor(name: string) {
    this.name = name
  }

  onStored(upTo: number): void {
    this.stored.push(upTo)
  }
}

const queues = [new Noted('a'), new Noted('b')]

function message(text: string) {
  return { encodedBytes: text.length, encode: () => Buffer.from(text), onWriting: () => {} }
}

/** What a store holds, as 'queue sequence text' lines, after batches that all succeed. */
function held(batches: readonly WriteBatch[]): string[] {
  const soon: (() => void)[] = []
  const store = createMemoryStore({ soon: (task) => soon.push(task), storeId: 'x' })
  for (const batch of batches) {
    batch.writeTo(store)
    store.commit(() => {})
  }
  for (const task of soon) task()
  const limits = { countMax: 1_000, bytesMax: 1e9 }
  const lines = store
    .queues()
    .flatMap((name) =>
      store
        .read(name, Number.NEGATIVE_INFINITY, limits)
        .map(({ sequence, bytes }) => `${name} ${sequence} ${bytes}`)
    )
  for (const key of store.factKeys('')) lines.push(`${key}=${store.fact(key)}`)
  return lines.sort()
}

test('a message put and removed leaves nothing, one removed before is removed', (t) => {
  const batch = new WriteBatch()
  const [a] = queues as [Noted, Noted]
  batch.put(a, 1, message('1'))
  t.is(batch.messages, 1)
  t.true(batch.remove(a, 1))
  t.true(batch.isEmpty)
  t.false(batch.remove(a, 2))
  t.false(batch.isEmpty)
  t.is(batch.messages, 0)
})

test('a queue is told how far it is on disk, and only if something of it is', (t) => {
  const batch = new WriteBatch()
  const [a, b] = [new Noted('a'), new Noted('b')]
  for (const sequence of [3, 9, 4]) batch.put(a, sequence, message('m'))
  batch.put(b, 1, message('m'))
  batch.remove(b, 1)
  batch.tellStored()
  t.deepEqual([a.stored, b.stored], [[9], []])
})

type Change = readonly [queue: number, sequence: number, kind: 'put' | 'remove' | 'end' | 'fact']

const change: fc.Arbitrary<Change> = fc.tuple(
  fc.nat(1),
  fc.integer({ min: 1, max: 5 }),
  fc.constantFrom('put', 'put', 'put', 'remove', 'remove', 'end', 'fact')
)

function apply(batch: WriteBatch, changes: readonly Change[], part: string): void {
  // A queue that has ended is not written to any more.
  const ended = new Set<number>()
  for (const [queue, sequence, kind] of changes) {
    if (ended.has(queue)) continue
    const of = queues[queue]!
    if (kind === 'put') batch.put(of, sequence, message(`${part}${sequence}`))
    else if (kind === 'remove') batch.remove(of, sequence)
    else if (kind === 'fact') batch.setFact(`f${sequence}`, part)
    else {
      batch.removeQueue(of)
      ended.add(queue)
    }
  }
}

test('what a failed batch gives to the next comes to the same as if it had not failed', (t) => {
  const changes = fc.array(change, { maxLength: 12 })
  fc.assert(
    fc.property(changes, changes, changes, (first, second, third) => {
      // A queue that ends is another one from then on: end it in the last batch only.
      const early = (list: readonly Change[]) => list.filter(([, , kind]) => kind !== 'end')
      const make = (list: readonly Change[], part: string): WriteBatch => {
        const batch = new WriteBatch()
        apply(batch, list, part)
        return batch
      }
      const before = make(
        [
          [0, 1, 'put'],
          [1, 2, 'put'],
          [0, 5, 'put']
        ],
        'z'
      )
      const expected = held([
        make(
          [
            [0, 1, 'put'],
            [1, 2, 'put'],
            [0, 5, 'put']
          ],
          'z'
        ),
        make(early(first), 'x'),
        make(early(second), 'y'),
        make(third, 'w')
      ])
      // The first fails while the second is under way; the third takes what is left.
      const failed = make(early(first), 'x')
      const underWay = make(early(second), 'y')
      const last = make(third, 'w')
      failed.yieldTo(underWay)
      failed.giveTo(last)
      t.deepEqual(held([before, underWay, last]), expected)
    })
  )
})
