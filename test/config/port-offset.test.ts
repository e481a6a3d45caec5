// Moving a topology's ports: what moves, what stays, and where it must stop.
// Pure data in and out; no port is opened.

import test from 'ava'
import type { PostroadError } from '../../src/base/index.ts'
import { readTopology, type Topology, withPortOffset } from '../../src/config/index.ts'

function read(port: number): Topology {
  const text = `network: n
brokers:
  hub:
    transportConnectors:
      - uri: stomp://127.0.0.1:0
      - uri: postroad+ws://0.0.0.0:${port}/bridge
    networkConnectors:
      - uri: postroad://hub.example:${port}
  s:
    networkConnectors:
      - uri: static:(postroad+ws://localhost:${port}/bridge,postroad://10.0.0.1:${port})
`
  return readTopology(text, 'f').topology!
}

test('moves listeners and the connectors that lead to them, and nothing else', (t) => {
  const before = read(61617)
  const after = withPortOffset(before, 1_000)
  const hub = after.brokers.get('hub')
  t.deepEqual(
    hub?.transportConnectors.map(({ uri }) => [uri.port, uri.text]),
    [
      [0, 'stomp://127.0.0.1:0'],
      [62617, 'postroad+ws://0.0.0.0:62617/bridge']
    ]
  )
  t.deepEqual(
    hub?.networkConnectors[0]?.uris.map(({ text }) => text),
    ['postroad://hub.example:61617']
  )
  const [connector] = after.brokers.get('s')?.networkConnectors ?? []
  t.deepEqual(
    connector?.uris.map(({ text, port }) => [text, port]),
    [
      ['postroad+ws://localhost:62617/bridge', 62617],
      ['postroad://10.0.0.1:61617', 61617]
    ]
  )
  t.is(after.bridges.length, 1)
  t.is(after.bridges[0]?.connector, connector)
  t.is(before.brokers.get('s')?.networkConnectors[0]?.uris[0]?.port, 61617)
})

test('moves back by the negative offset', (t) => {
  const topology = read(61617)
  t.deepEqual(withPortOffset(withPortOffset(topology, 7), -7), withPortOffset(topology, 0))
})

test('moves up to port 65535 and down to port 1, and refuses to go further', (t) => {
  t.notThrows(() => withPortOffset(read(65_000), 535))
  t.notThrows(() => withPortOffset(read(10), -9))
  const tooFar = t.throws<PostroadError>(() => withPortOffset(read(65_000), 536))
  t.is(tooFar?.code, 'LOCAL_CONFIG_INVALID')
  t.regex(tooFar?.message ?? '', /0\.0\.0\.0:65000\/bridge" moved by 536 would have port 65536/)
  t.throws(() => withPortOffset(read(10), -10), { message: /would have port 0/ })
})

test('refuses an offset that is not a whole number', (t) => {
  for (const offset of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const error = t.throws<PostroadError>(() => withPortOffset(read(61617), offset))
    t.is(error?.code, 'LOCAL_CONFIG_INVALID')
  }
})
