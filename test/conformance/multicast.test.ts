import test from 'ava'
import { SimSegment } from '../../sim/fakes/index.ts'
import { multicastSuite } from './multicast.suite.ts'
import { simWorld } from './sim-world.ts'

multicastSuite(test, 'simulated segment', () => {
  const world = simWorld('multicast')
  const segment = new SimSegment(world.scheduler)
  return {
    ...world,
    first: segment.multicast('10.0.0.1'),
    second: segment.multicast('10.0.0.2'),
    group: { address: '239.255.77.8', port: 6155, interfaceAddress: undefined }
  }
})
