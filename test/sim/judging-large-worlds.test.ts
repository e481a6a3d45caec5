// Judges look at large worlds less often, those who measure as ever.

import test from 'ava'
import { hubSpoke } from '../../sim/topologies.ts'
import type { Checker } from '../../sim/watcher.ts'
import type { SimWorld } from '../../sim/world.ts'
import { assertComplaint, runSmall } from './small-world.ts'

/** How often a judge and somebody who measures looked in one second of a hub with spokes. */
function looksIn(spokes: number): { readonly judged: number; readonly measured: number } {
  const looks = { judged: 0, measured: 0 }
  runSmall({
    topology: hubSpoke(spokes),
    watch: ({ checkers }: SimWorld) => {
      const judge = checkers.find(({ name }) => name === 'bounded') as {
        inspect: NonNullable<Checker['inspect']>
      }
      const { inspect } = judge
      judge.inspect = () => {
        looks.judged += 1
        inspect()
      }
      const measure = (): void => {
        looks.measured += 1
      }
      return [{ inspect: measure }]
    },
    play: (world) => world.runFor(1_000)
  })
  return looks
}

test('small worlds are judged after each slice of time', (t) => {
  t.deepEqual(looksIn(63), { judged: 20, measured: 20 })
})

test('the larger a world, the fewer looks of the judges', (t) => {
  t.deepEqual(looksIn(64), { judged: 10, measured: 20 })
  t.deepEqual(looksIn(200), { judged: 5, measured: 20 })
})

test('a large world is judged all the same', (t) => {
  const result = runSmall({
    topology: hubSpoke(130),
    play: (world) => {
      world.faults.startAll()
      world.runFor(1_000)
      const { memory } = world.broker('s7').running.broker
      Object.defineProperty(memory, 'bytesUsed', { value: -1 })
      world.runFor(1_000)
    }
  })
  assertComplaint(t, result, /s7: memory in use is -1 bytes/)
})
