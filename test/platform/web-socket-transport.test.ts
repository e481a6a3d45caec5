import { get } from 'node:http'
import { connect } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { WebSocket } from 'ws'
import { isPostroadError, PostroadError } from '../../src/base/index.ts'
import { createStreamTransport } from '../../src/platform/index.ts'
import type { StreamConnection, StreamEndpoint } from '../../src/ports/index.ts'
import { Recorder } from '../conformance/recorder.ts'
import { realWorld } from './real-world.ts'

const world = realWorld()
const transport = createStreamTransport({
  handshakeTimeoutMs: 400,
  webSocketMessageBytesMax: 100_000
})

test('browsers get text when the bytes are text, and bytes when they are not', async (t) => {
  const { accepted, received } = await opened(t, ['v12.stomp'])
  accepted.write(Buffer.from('MESSAGE\n\nkůň\0'))
  accepted.write(Buffer.from([0xff, 0x00, 0x80]))
  await world.run('two messages', () => received.length === 2)
  t.deepEqual(received[0], { text: 'MESSAGE\n\nkůň\0', isBinary: false })
  t.true(received[1]!.isBinary)
})

test('bridges get bytes even when they are text', async (t) => {
  const { accepted, received } = await opened(t, ['postroad.1'])
  accepted.write(Buffer.from('plain text'))
  await world.run('the message', () => received.length === 1)
  t.true(received[0]!.isBinary)
})

test('text and bytes both arrive as bytes, empty messages not at all', async (t) => {
  const { acceptor, client } = await opened(t, ['v12.stomp'])
  client.send('')
  client.send('text')
  client.send(Buffer.from([1, 2]))
  await world.run('the bytes', () => acceptor.bytesReceived === 6)
  t.is(acceptor.chunks.length, 2)
  t.deepEqual([...acceptor.chunks[1]!], [1, 2])
})

test('the listener’s best subprotocol among the offered ones is agreed on', async (t) => {
  const { accepted, client } = await opened(t, ['v10.stomp', 'v11.stomp', 'v12.stomp'])
  t.is(accepted.subprotocol, 'v12.stomp')
  t.is(client.protocol, 'v12.stomp')
})

test('a client that offers no subprotocol is taken without one', async (t) => {
  const { accepted, client } = await opened(t, [])
  t.is(accepted.subprotocol, '')
  t.is(client.protocol, '')
})

test('a client that offers unknown subprotocols only is told the known ones', async (t) => {
  const url = await listening(t)
  const { status, body } = await refusal(new WebSocket(url, ['mqtt', 'amqp']))
  t.is(status, 400)
  t.true(body.includes('v12.stomp, v11.stomp, postroad.1'))
})

test('another path is not found, a query does not matter', async (t) => {
  const url = await listening(t)
  const { status, body } = await refusal(new WebSocket(url.replace('/stomp', '/other')))
  t.is(status, 404)
  t.true(body.includes('/stomp'))
  const client = new WebSocket(`${url}?token=x`)
  t.teardown(() => client.terminate())
  await world.run('the connection', () => client.readyState === WebSocket.OPEN)
})

test('a browser that comes for a page is told what this is', async (t) => {
  const url = await listening(t)
  const { status, body } = await new Promise<{ status?: number | undefined; body: string }>(
    (resolve, reject) => {
      get(url.replace('ws:', 'http:'), (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString()
        })
        response.on('end', () => resolve({ status: response.statusCode, body }))
      }).on('error', reject)
    }
  )
  t.is(status, 426)
  t.regex(body, /speaks WebSocket.*v12\.stomp/)
})

test('a client that says nothing is let go', async (t) => {
  const url = new URL(await listening(t))
  const socket = connect(Number(url.port), '127.0.0.1')
  socket.on('error', () => {})
  let isClosed = false
  socket.on('close', () => {
    isClosed = true
  })
  socket.resume()
  await world.run('the close', () => isClosed)
  t.pass()
})

test('a message over the limit ends the connection, as the peer’s doing', async (t) => {
  const { acceptor, client } = await opened(t, ['v12.stomp'])
  let code = 0
  client.on('close', (closeCode) => {
    code = closeCode
  })
  client.send(Buffer.alloc(100_001))
  await world.run('both closes', () => acceptor.isClosed && code !== 0)
  t.is(code, 1009)
  t.true(isPostroadError(acceptor.closes[0], 'REMOTE_FRAME_TOO_LARGE'))
  t.is(acceptor.bytesReceived, 0)
})

test('a long write is cut into messages the other end takes', async (t) => {
  const { accepted, received } = await opened(t, ['v12.stomp'])
  accepted.write(Buffer.alloc(250_000, 'x'))
  await world.run('three messages', () => received.length === 3)
  t.is(received.map((message) => message.text.length).join(), '100000,100000,50000')
})

test('bytes that are no WebSocket frames end the connection, as the peer’s doing', async (t) => {
  const { acceptor, client } = await opened(t, ['v12.stomp'])
  rawSocketOf(client).write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
  await world.run('the close', () => acceptor.isClosed)
  t.true(isPostroadError(acceptor.closes[0], 'REMOTE_FRAME_MALFORMED'))
})

test('a peer that vanishes without a close frame is told once', async (t) => {
  const { acceptor, client } = await opened(t, ['v12.stomp'])
  client.terminate()
  await world.run('the close', () => acceptor.isClosed)
  await world.idle()
  t.is(acceptor.closes.length, 1)
  t.true(isPostroadError(acceptor.closes[0], 'REMOTE_CLOSED'))
})

test('a peer that says goodbye closes in order', async (t) => {
  const { acceptor, client } = await opened(t, ['v12.stomp'])
  client.close()
  await world.run('the close', () => acceptor.isClosed)
  t.deepEqual(acceptor.closes, [undefined])
})

test('a dial with no subprotocol in common repeats the known ones', async (t) => {
  const url = new URL(await listening(t))
  let result: StreamConnection | PostroadError | undefined
  const endpoint = { ...stomp, port: Number(url.port), subprotocols: ['mqtt'] }
  transport.dial(endpoint, 2_000, (answer) => {
    result = answer
    return undefined
  })
  await world.run('the answer', () => result !== undefined)
  t.true(isPostroadError(result, 'REMOTE_CONNECT_FAILED'))
  t.true((result as PostroadError).message.includes('v12.stomp'))
})

const stomp: StreamEndpoint = {
  carrier: 'ws',
  host: '127.0.0.1',
  port: 0,
  path: '/stomp',
  subprotocols: ['v12.stomp', 'v11.stomp', 'postroad.1']
}

interface Received {
  readonly text: string
  readonly isBinary: boolean
}

/** A foreign client connected to a listener of ours. */
async function opened(t: ExecutionContext, subprotocols: string[]) {
  const acceptor = new Recorder()
  let accepted: StreamConnection | undefined
  const url = await listening(t, (connection) => {
    accepted = connection
    return acceptor
  })
  const client = new WebSocket(url, subprotocols)
  t.teardown(() => client.terminate())
  const received: Received[] = []
  client.on('error', () => {})
  client.on('message', (data, isBinary) => received.push({ text: data.toString(), isBinary }))
  await world.run(
    'the connection',
    () => client.readyState === WebSocket.OPEN && accepted !== undefined
  )
  return { accepted: accepted!, acceptor, client, received }
}

/** A listener of ours; answers its URL. */
function listening(
  t: ExecutionContext,
  accept: (connection: StreamConnection) => Recorder = () => new Recorder()
): Promise<string> {
  const connections: StreamConnection[] = []
  return new Promise((resolve, reject) => {
    transport.listen(
      stomp,
      (connection) => {
        connections.push(connection)
        return accept(connection)
      },
      (listener) => {
        if (listener instanceof PostroadError) {
          reject(listener)
          return
        }
        t.teardown(() => {
          for (const connection of connections) connection.destroy()
          listener.close()
        })
        resolve(`ws://127.0.0.1:${listener.port}/stomp`)
      }
    )
  })
}

/** How a handshake was turned down. */
function refusal(client: WebSocket): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    client.on('open', () => reject(new Error('it was let in')))
    client.on('error', () => {})
    client.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode, body }))
    })
  })
}

/** The socket under a foreign client, to send what no client would. */
function rawSocketOf(client: WebSocket): { write(bytes: Buffer): void } {
  return (client as unknown as { _socket: { write(bytes: Buffer): void } })._socket
}
