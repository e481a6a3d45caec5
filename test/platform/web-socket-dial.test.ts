import { createServer, type Server, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { isPostroadError, PostroadError } from '../../src/base/index.ts'
import { createStreamTransport } from '../../src/platform/index.ts'
import type { StreamConnection, StreamEndpoint } from '../../src/ports/index.ts'
import { realWorld } from './real-world.ts'

const transport = createStreamTransport()
const world = realWorld()

test('a WebSocket dial to a server that says nothing times out', async (t) => {
  const silent = await rawServer(t, () => {})
  let result: StreamConnection | PostroadError | undefined
  transport.dial({ ...anyWebSocket, port: silent }, 100, (answer) => {
    result = answer
    return undefined
  })
  await world.run('the answer', () => result !== undefined)
  await world.idle()
  t.true(isPostroadError(result, 'LOCAL_TIMEOUT'))
  t.true((result as PostroadError).message.includes(`127.0.0.1:${silent}`))
})

test('a WebSocket dial to a server of another kind says so', async (t) => {
  const other = await rawServer(t, (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'))
  const error = await failedDial({ ...anyWebSocket, port: other, path: '/stomp' })
  t.is(error.code, 'REMOTE_CONNECT_FAILED')
  t.true(error.message.includes(`127.0.0.1:${other}`))
})

test('a WebSocket dial that is turned down repeats the reason', async (t) => {
  const answer = 'HTTP/1.1 503 Busy\r\ncontent-length: 9\r\n\r\nnot today'
  const busy = await rawServer(t, (socket) => socket.end(answer))
  const error = await failedDial({ ...anyWebSocket, port: busy })
  t.is(error.code, 'REMOTE_CONNECT_FAILED')
  t.true(error.message.includes('503'))
  t.true(error.message.includes('not today'))
})

test('a host that makes no URL fails the dial, not the process', async (t) => {
  const error = await failedDial({ ...anyWebSocket, host: 'exa%mple', port: 61614 })
  t.is(error.code, 'REMOTE_CONNECT_FAILED')
  t.true(error.message.includes('exa%mple'))
})

test('a refusal without end is cut short', async (t) => {
  const endless = await rawServer(t, (socket) => {
    socket.write('HTTP/1.1 404 No\r\ncontent-type: text/plain\r\n\r\n')
    const pour = () => {
      while (!socket.destroyed && socket.write('x'.repeat(10_000)));
    }
    socket.on('drain', pour)
    pour()
  })
  const error = await failedDial({ ...anyWebSocket, port: endless })
  t.is(error.code, 'REMOTE_CONNECT_FAILED')
  t.true(error.message.length < 600)
})

const anyWebSocket: StreamEndpoint = {
  carrier: 'ws',
  host: '127.0.0.1',
  port: 0,
  path: '/',
  subprotocols: []
}

async function failedDial(endpoint: StreamEndpoint): Promise<PostroadError> {
  let result: StreamConnection | PostroadError | undefined
  transport.dial(endpoint, 2_000, (answer) => {
    result = answer
    return undefined
  })
  await world.run('the answer', () => result !== undefined)
  if (!(result instanceof PostroadError)) throw new Error('the dial succeeded')
  return result
}

/** A bare server that treats every request alike; answers its port. */
function rawServer(t: ExecutionContext, answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
}
