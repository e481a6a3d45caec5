import { createSocket } from 'node:dgram'
import test from 'ava'
import { isPostroadError, type PostroadError } from '../../src/base/index.ts'
import { createUdpMulticast } from '../../src/platform/index.ts'
import { multicastSuite } from '../conformance/multicast.suite.ts'
import { realWorld } from './real-world.ts'

/** A port no other program uses, nor another test, as it was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', reject)
    socket.bind(0, () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
}

multicastSuite(test, 'UDP multicast', async () => ({
  ...realWorld(),
  first: createUdpMulticast(),
  second: createUdpMulticast(),
  group: { address: '239.255.77.8', port: await freePort(), interfaceAddress: '127.0.0.1' }
}))

test('an interface this machine does not have is told', async (t) => {
  let result: unknown
  const group = { address: '239.255.77.8', port: await freePort(), interfaceAddress: '203.0.113.9' }
  const handlers = { onDatagram: () => {}, onClose: () => t.fail('there was no membership') }
  createUdpMulticast().join(group, handlers, (answer) => {
    result = answer
  })
  t.is(result, undefined)
  await realWorld().run('the answer', () => result !== undefined)
  t.true(isPostroadError(result, 'LOCAL_LISTEN_FAILED'))
  t.true((result as PostroadError).message.includes('239.255.77.8'))
})
