import { connect, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { isPostroadError, PostroadError } from '../../src/base/index.ts'
import { createStreamTransport } from '../../src/platform/index.ts'
import type { StreamConnection, StreamEndpoint, StreamListener } from '../../src/ports/index.ts'
import { Recorder } from '../conformance/recorder.ts'
import { realWorld } from './real-world.ts'

const transport = createStreamTransport({ endTimeoutMs: 200 })
const world = realWorld()

test('a peer that resets is told once, as the peer’s doing', async (t) => {
  const { acceptor, socket } = await rawClient(t)
  socket.resetAndDestroy()
  await world.run('the close', () => acceptor.isClosed)
  await world.idle()
  t.is(acceptor.closes.length, 1)
  t.true(isPostroadError(acceptor.closes[0], 'REMOTE_CLOSED'))
})

test('writing on and on to a peer that is gone does no harm', async (t) => {
  const { acceptor, accepted, socket } = await rawClient(t)
  socket.resetAndDestroy()
  for (let i = 0; i < 50 && !acceptor.isClosed; i += 1) {
    accepted.write(Buffer.alloc(10_000))
    await world.idle()
  }
  t.is(acceptor.closes.length, 1)
  t.is(accepted.write(Buffer.from('x')), 'written')
})

test('a small write is with the kernel at once', async (t) => {
  const { accepted } = await rawClient(t)
  t.is(accepted.write(Buffer.from('small')), 'written')
  t.is(accepted.bytesQueued, 0)
})

test('a peer that ends and stops reading is cut off', async (t) => {
  const { acceptor, accepted, socket } = await rawClient(t)
  socket.pause()
  for (let i = 0; i < 256; i += 1) accepted.write(Buffer.alloc(65_536))
  t.true(accepted.bytesQueued > 0)
  socket.end()
  await world.run('the close', () => acceptor.isClosed)
  t.is(acceptor.closes.length, 1)
  t.true(isPostroadError(acceptor.closes[0], 'LOCAL_TIMEOUT'))
})

test('a host name nobody has fails the dial and is named', async (t) => {
  const error = await failedDial({ ...anyPort, host: 'no-such-host.invalid', port: 61613 })
  t.is(error.code, 'REMOTE_CONNECT_FAILED')
  t.true(error.message.includes('no-such-host.invalid'))
})

test('an address of another machine cannot be listened on', async (t) => {
  let result: StreamListener | PostroadError | undefined
  transport.listen(
    { ...anyPort, host: '203.0.113.9' },
    () => undefined,
    (answer) => {
      result = answer
    }
  )
  await world.run('the answer', () => result !== undefined)
  t.true(isPostroadError(result, 'LOCAL_LISTEN_FAILED'))
  t.true((result as PostroadError).message.includes('203.0.113.9'))
})

test('IPv6 addresses are dialled and shown in brackets', async (t) => {
  const acceptor = new Recorder()
  let accepted: StreamConnection | undefined
  let listener: StreamListener | PostroadError | undefined
  transport.listen(
    { ...anyPort, host: '::1' },
    (connection) => {
      accepted = connection
      return acceptor
    },
    (answer) => {
      listener = answer
    }
  )
  await world.run('the listener', () => listener !== undefined)
  if (listener instanceof PostroadError) {
    t.fail(`this machine has no IPv6 loopback: ${listener.message}`)
    return
  }
  const { port } = listener!
  transport.dial({ ...anyPort, host: '::1', port }, 1_000, () => undefined)
  await world.run('the connection', () => accepted !== undefined)
  t.regex(accepted!.remoteAddress, /^\[::1\]:\d+$/)
  await world.run('its end', () => acceptor.isClosed)
  listener!.close()
})

const anyPort: StreamEndpoint = {
  carrier: 'tcp',
  host: '127.0.0.1',
  port: 0,
  path: '/',
  subprotocols: []
}

/** A connection from a bare socket to a listener of ours. */
async function rawClient(
  t: ExecutionContext
): Promise<{ accepted: StreamConnection; acceptor: Recorder; socket: Socket }> {
  const acceptor = new Recorder()
  let accepted: StreamConnection | undefined
  let socket: Socket | undefined
  transport.listen(
    anyPort,
    (connection) => {
      accepted = connection
      return acceptor
    },
    (listener) => {
      if (listener instanceof PostroadError) throw listener
      socket = connect(listener.port, '127.0.0.1')
      socket.on('error', () => {})
      t.teardown(() => {
        socket!.destroy()
        accepted?.destroy()
        listener.close()
      })
    }
  )
  await world.run('the connection', () => accepted !== undefined)
  return { accepted: accepted!, acceptor, socket: socket! }
}

async function failedDial(endpoint: StreamEndpoint): Promise<PostroadError> {
  let result: StreamConnection | PostroadError | undefined
  transport.dial(endpoint, 9_000, (answer) => {
    result = answer
    return undefined
  })
  await world.run('the answer', () => result !== undefined)
  if (!(result instanceof PostroadError)) throw new Error('the dial succeeded')
  return result
}
