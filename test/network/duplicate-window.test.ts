// The window never calls a new message seen, and forgets only what is far behind or long unused.

import test from 'ava'
import fc from 'fast-check'
import { DuplicateWindow, duplicateWindowLength } from '../../src/network/duplicate-window.ts'

const origin = { broker: 'a', incarnation: 1 }

test('a message is seen once it was recorded, and not before', (t) => {
  const window = new DuplicateWindow()
  t.false(window.seen(origin, 5))
  window.record(origin, 5)
  t.true(window.seen(origin, 5))
  t.false(window.seen(origin, 4))
  t.false(window.seen(origin, 6))
})

test('lives of a broker are told apart by facts, not by which object says them', (t) => {
  const window = new DuplicateWindow()
  window.record(origin, 5)
  t.false(window.seen({ broker: 'a', incarnation: 2 }, 5))
  t.false(window.seen({ broker: 'b', incarnation: 1 }, 5))
  t.true(window.seen({ broker: 'a', incarnation: 1 }, 5))
})

test('what the window has left behind is too old, recorded or not, and stays so', (t) => {
  const window = new DuplicateWindow()
  window.record(origin, 1)
  window.record(origin, duplicateWindowLength)
  t.true(window.seen(origin, 1))
  window.record(origin, duplicateWindowLength + 1)
  t.is(window.seen(origin, 1), 'too-old')
  t.false(window.seen(origin, 2))
  window.record(origin, 1)
  t.is(window.seen(origin, 1), 'too-old')
  t.false(window.seen(origin, duplicateWindowLength + 2))
  t.false(window.seen(origin, 1 + duplicateWindowLength * 2))
})

test('a jump clears what it passes over and not the oldest message beside it', (t) => {
  const window = new DuplicateWindow()
  for (const sequence of [31, 63, 64, duplicateWindowLength + 20, duplicateWindowLength + 62]) {
    window.record(origin, sequence)
  }
  t.is(window.seen(origin, 31), 'too-old')
  t.true(window.seen(origin, 63))
  t.true(window.seen(origin, 64))
  t.false(window.seen(origin, duplicateWindowLength + 31))
})

test('sequences past 32 bits are told apart', (t) => {
  const window = new DuplicateWindow()
  const base = 2 ** 40
  window.record(origin, base)
  window.record(origin, base + 3)
  t.true(window.seen(origin, base))
  t.false(window.seen(origin, base + 1))
  t.is(window.seen(origin, base - 2 ** 32), 'too-old')
})

test('the origin not used for longest makes room for a new one', (t) => {
  const window = new DuplicateWindow(3)
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((broker) => ({ broker, incarnation: 1 }))
  window.record(a!, 1)
  window.record(b!, 1)
  window.record({ broker: 'b', incarnation: 2 }, 1)
  window.record(a!, 2)
  t.is(window.size, 3)
  window.record(c!, 1)
  t.is(window.size, 3)
  t.false(window.seen(b!, 1))
  t.true(window.seen({ broker: 'b', incarnation: 2 }, 1))
  t.true(window.seen(a!, 1))
  window.record(d!, 1)
  t.false(window.seen({ broker: 'b', incarnation: 2 }, 1))
  t.true(window.seen(c!, 1))
})

test('the window answers what a set of all sequences answers, through jumps of any size', (t) => {
  const jump = fc.oneof(
    fc.integer({ min: -40, max: 70 }),
    fc.constantFrom(
      -duplicateWindowLength,
      1 - duplicateWindowLength,
      duplicateWindowLength - 1,
      duplicateWindowLength,
      duplicateWindowLength + 1,
      duplicateWindowLength - 64,
      3_000,
      -3_000
    )
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 34 }),
      fc.array(jump, { maxLength: 40 }),
      (start, jumps) => {
        const window = new DuplicateWindow()
        const recorded = new Set<number>()
        let at = start
        let newest = start
        const asked = new Set<number>()
        for (const each of [0, ...jumps]) {
          at = Math.max(1, at + each)
          newest = Math.max(newest, at)
          window.record(origin, at)
          if (newest - at < duplicateWindowLength) recorded.add(at)
          for (const near of [-duplicateWindowLength, -33, -32, -1, 0, 1, 31, 32])
            asked.add(at + near)
        }
        for (const sequence of asked) {
          if (sequence < 1) continue
          const expected =
            newest - sequence >= duplicateWindowLength ? 'too-old' : recorded.has(sequence)
          t.is(window.seen(origin, sequence), expected)
        }
      }
    ),
    { numRuns: 300 }
  )
})
