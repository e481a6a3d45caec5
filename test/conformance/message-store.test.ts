import test from 'ava'
import { SimClock, SimStore } from '../../sim/fakes/index.ts'
import { createMemoryStore } from '../../src/store/index.ts'
import { messageStoreSuite } from './message-store.suite.ts'
import { simWorld } from './sim-world.ts'

messageStoreSuite(test, 'memory store', (bytesMax = 2 ** 29) => {
  const world = simWorld('memory-store')
  const clock = new SimClock(world.scheduler, { name: 'hub' })
  return { ...world, store: createMemoryStore({ soon: (task) => clock.endOfTurn(task), bytesMax }) }
})

for (const seed of ['a', 'b', 'c']) {
  messageStoreSuite(test, `simulated store, seed ${seed}`, (bytesMax = 2 ** 29) => {
    const world = simWorld(seed)
    const store = new SimStore(world.scheduler, { name: 'hub', bytesMax })
    const reopen = () => new SimStore(world.scheduler, { name: 'hub', image: store.crash() })
    return { ...world, store, reopen }
  })
}
