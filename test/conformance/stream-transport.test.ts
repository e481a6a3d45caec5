import test from 'ava'
import { SimNetwork } from '../../sim/fakes/index.ts'
import type { StreamEndpoint } from '../../src/ports/index.ts'
import { simWorld } from './sim-world.ts'
import { type StreamWorld, streamTransportSuite } from './stream-transport.suite.ts'

function worldOf(seed: string, carrier: 'tcp' | 'ws'): () => StreamWorld {
  return () => {
    const world = simWorld(seed)
    const network = new SimNetwork(world.scheduler)
    const endpoint: StreamEndpoint = {
      carrier,
      host: 'hub',
      port: 0,
      path: '/',
      subprotocols: carrier === 'ws' ? ['postroad.1'] : []
    }
    const { transport: listening } = network.host('hub')
    const { transport: dialling } = network.host('spoke')
    return { ...world, listening, dialling, endpoint, floodBytes: 1024 * 1024 }
  }
}

for (const seed of ['a', 'b', 'c']) {
  streamTransportSuite(test, `simulated TCP, seed ${seed}`, worldOf(seed, 'tcp'))
  streamTransportSuite(test, `simulated WebSocket, seed ${seed}`, worldOf(seed, 'ws'))
}
