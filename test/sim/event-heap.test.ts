import test from 'ava'
import fc from 'fast-check'
import { EventHeap } from '../../sim/event-heap.ts'

test('events come out by time, then tie-break, then order of adding', (t) => {
  const small = fc.nat({ max: 5 })
  fc.assert(
    fc.property(fc.array(fc.tuple(small, small), { maxLength: 600 }), (events) => {
      const heap = new EventHeap()
      const ran: number[] = []
      for (const [at, [time, tie]] of events.entries()) heap.push(time, tie, () => ran.push(at))
      while (heap.size > 0) heap.pop()!()
      const order = [...events.keys()].sort((a, b) => {
        const [one, other] = [events[a]!, events[b]!]
        return one[0] - other[0] || one[1] - other[1] || a - b
      })
      t.deepEqual(ran, order)
    }),
    { numRuns: 60 }
  )
})

test('an event taken back late does not take back the next one in its slot', (t) => {
  const heap = new EventHeap()
  const slot = heap.push(1, 0, () => {})
  const { sequence } = heap
  heap.pop()
  const again = heap.push(2, 0, () => {})
  t.is(again, slot)
  heap.cancel(slot, sequence)
  t.not(heap.nextTask, undefined)
  heap.cancel(again, heap.sequence)
  t.is(heap.nextTask, undefined)
})
