import test from 'ava'
import { SimClock } from '../../sim/fakes/index.ts'
import { clockSuite } from './clock.suite.ts'
import { simWorld } from './sim-world.ts'

for (const turnUsMax of [0, 200]) {
  clockSuite(test, `simulated clock, turns up to ${turnUsMax} µs`, () => {
    const world = simWorld('clock')
    return { ...world, clock: new SimClock(world.scheduler, { name: 'hub', turnUsMax }) }
  })
}
