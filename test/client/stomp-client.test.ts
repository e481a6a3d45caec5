import test from 'ava'
import { isPostroadError, type PostroadError, parseTransportUri } from '../../src/base/index.ts'
import { type ReceivedMessage, StompClient } from '../../src/client/index.ts'
import type { StreamConnection, StreamHandlers } from '../../src/ports/index.ts'
import {
  defaultStompCodecLimits,
  encodeFrame,
  StompParser
} from '../../src/protocols/stomp/codec/index.ts'
import { VirtualWorld } from '../support/virtual-world.ts'

const uri = parseTransportUri('stomp://server:1')

/**
 * A server that keeps what it was sent as lines 'COMMAND name=value …' and says what it is told.
 */
class Puppet implements StreamHandlers {
  readonly frames: { command: string; headers: Map<string, string>; body: string }[] = []
  connection!: StreamConnection
  beats = 0
  private readonly parser = new StompParser(defaultStompCodecLimits, '1.2')

  onData(bytes: Buffer): void {
    if (bytes.equals(Buffer.from('\n'))) this.beats += 1
    this.parser.push(bytes)
    while (this.parser.next() === 'frame') {
      const { frame } = this.parser
      const headers = new Map(frame.entries())
      this.frames.push({ command: frame.command, headers, body: frame.bodyText() })
    }
  }

  onDrain(): void {}
  onClose(): void {}

  say(...parts: Parameters<typeof encodeFrame>): void {
    this.connection.write(encodeFrame(...parts))
  }

  commands(): string[] {
    return this.frames.map(({ command }) => command)
  }
}

interface Setup {
  readonly world: VirtualWorld
  readonly server: Puppet
  readonly client: StompClient
  readonly ends: (PostroadError | undefined)[]
  /** Lets the server accept the client. */
  greet(headers?: readonly (readonly [string, string])[]): void
}

function setUp(options: Partial<ConstructorParameters<typeof StompClient>[1]> = {}): Setup {
  const world = new VirtualWorld()
  const server = new Puppet()
  world.transport().listen(
    { carrier: 'tcp', host: 'server', port: 1, path: '/', subprotocols: [] },
    (connection) => {
      server.connection = connection
      return server
    },
    () => {}
  )
  const ends: (PostroadError | undefined)[] = []
  const client = new StompClient(
    { clock: world, transport: world.transport() },
    { uri, ...options },
    { onConnected() {}, onDrain() {}, onClosed: (error) => ends.push(error) }
  )
  world.turn(() => client.connect())
  world.run(10)
  const greet: Setup['greet'] = (headers = []) => {
    world.turn(() => server.say('CONNECTED', [['version', '1.2'], ...headers]))
    world.run(10)
  }
  return { world, server, client, ends, greet }
}

test('greets with versions, login and client id, and is connected when the server says so', (t) => {
  const { server, client, greet } = setUp({ login: 'me', passcode: 'x', clientId: 'c' })
  t.false(client.isConnected)
  const { command, headers } = server.frames[0]!
  t.is(command, 'CONNECT')
  t.is(headers.get('accept-version'), '1.1,1.2')
  t.deepEqual(
    ['host', 'login', 'passcode', 'client-id'].map((name) => headers.get(name)),
    ['server', 'me', 'x', 'c']
  )
  greet([['session', 'a-7']])
  t.true(client.isConnected)
  t.is(client.session, 'a-7')
})

test('sends messages with headers and body, and hears of their receipts', (t) => {
  const { world, server, client, greet } = setUp()
  greet()
  let isConfirmed = false
  world.turn(() => {
    client.send('/queue/x', 'böse', {
      headers: [['colour', 'red:\n']],
      onReceipt: () => {
        isConfirmed = true
      }
    })
  })
  world.run(10)
  const { headers, body } = server.frames[1]!
  t.is(headers.get('destination'), '/queue/x')
  t.is(headers.get('colour'), 'red:\n')
  t.is(body, 'böse')
  t.is(client.receiptsWaiting, 1)
  world.turn(() => server.say('RECEIPT', [['receipt-id', headers.get('receipt')!]]))
  world.run(10)
  t.true(isConfirmed)
  t.is(client.receiptsWaiting, 0)
})

test('subscribes, hands over messages and acknowledges them by their ack id', (t) => {
  const { world, server, client, greet } = setUp({ clientId: 'c' })
  greet()
  const messages: ReceivedMessage[] = []
  world.turn(() => {
    client.subscribe({
      destination: '/topic/p.>',
      ack: 'client-individual',
      prefetch: 5,
      selector: 'x = 1',
      durable: 'audit',
      onMessage: (message) => messages.push(message)
    })
  })
  world.run(10)
  t.deepEqual(Object.fromEntries(server.frames[1]!.headers), {
    id: '1',
    destination: '/topic/p.>',
    ack: 'client-individual',
    'activemq.prefetchSize': '5',
    selector: 'x = 1',
    'activemq.subscriptionName': 'audit'
  })
  const headers = [
    ['subscription', '1'],
    ['destination', '/topic/p.eu'],
    ['message-id', 'm1'],
    ['ack', '1-1']
  ] as const
  world.turn(() => {
    server.say(
      'MESSAGE',
      [
        ['subscription', '9'],
        ['message-id', 'of nobody']
      ],
      { body: 'x' }
    )
    server.say('MESSAGE', headers, { body: 'hello' })
  })
  world.run(10)
  t.is(messages.length, 1)
  t.like(messages[0], { destination: '/topic/p.eu', messageId: 'm1', ackId: '1-1' })
  t.is(messages[0]?.body.toString(), 'hello')
  world.turn(() => {
    client.ack(messages[0]!)
    client.nack(messages[0]!)
  })
  world.run(10)
  const answers = server.frames.slice(2)
  t.deepEqual(
    answers.map(({ command, headers: own }) => [command, own.get('id')]),
    [
      ['ACK', '1-1'],
      ['NACK', '1-1']
    ]
  )
})

test('acknowledges by message id where the server speaks 1.1', (t) => {
  const { world, server, client } = setUp()
  world.turn(() => server.say('CONNECTED', [['version', '1.1']]))
  world.run(10)
  world.turn(() => {
    client.subscribe({
      destination: '/queue/x',
      ack: 'client',
      onMessage: (message) => client.ack(message)
    })
  })
  world.run(10)
  const headers = [
    ['subscription', '1'],
    ['message-id', 'm1']
  ] as const
  world.turn(() => server.say('MESSAGE', headers, { body: 'hello', version: '1.1' }))
  world.run(10)
  const ack = server.frames.at(-1)
  t.is(ack?.command, 'ACK')
  t.deepEqual(Object.fromEntries(ack!.headers), { subscription: '1', 'message-id': 'm1' })
})

test("an ERROR ends the client with the server's own words", (t) => {
  const { world, server, ends } = setUp()
  world.turn(() => server.say('ERROR', [['message', 'no']], { body: 'the login is wrong\n' }))
  world.run(10)
  t.is(ends.length, 1)
  t.true(isPostroadError(ends[0], 'REMOTE_REFUSED'))
  t.is(ends[0]?.message, 'the login is wrong')
})

test('a connection that breaks ends the client, once', (t) => {
  const { world, client, ends, greet } = setUp()
  greet()
  for (const cable of world.cables) cable.reset()
  world.run(10)
  t.is(ends.length, 1)
  t.true(isPostroadError(ends[0], 'REMOTE_CLOSED'))
  t.false(client.isConnected)
  const error = t.throws(() => client.send('/queue/x', ''))
  t.true(isPostroadError(error, 'REMOTE_CLOSED'))
})

test('bytes that are no frame end the client', (t) => {
  const { world, server, ends } = setUp()
  world.turn(() => server.connection.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')))
  world.run(10)
  t.true(isPostroadError(ends[0], 'REMOTE_FRAME_MALFORMED'))
})

test('frames only a client sends, and a second CONNECTED, end the client', (t) => {
  const first = setUp()
  first.greet()
  first.world.turn(() => first.server.say('SEND', [['destination', '/queue/x']]))
  first.world.run(10)
  t.true(isPostroadError(first.ends[0], 'REMOTE_PROTOCOL_VIOLATION'))
  const second = setUp()
  second.greet()
  second.greet()
  t.true(isPostroadError(second.ends[0], 'REMOTE_PROTOCOL_VIOLATION'))
})

test('a version that was not offered ends the client', (t) => {
  const { world, server, ends } = setUp()
  world.turn(() => server.say('CONNECTED', [['version', '1.0']]))
  world.run(10)
  t.true(isPostroadError(ends[0], 'REMOTE_PROTOCOL_VIOLATION'))
})

test('a server that never answers is given up in time', (t) => {
  const { world, ends } = setUp({ connectTimeoutMs: 1_000 })
  world.run(900)
  t.is(ends.length, 0)
  world.run(200)
  t.true(isPostroadError(ends[0], 'LOCAL_TIMEOUT'))
})

test('a server that cannot be dialled is reported as it is', (t) => {
  const world = new VirtualWorld()
  const ends: unknown[] = []
  const client = new StompClient(
    { clock: world, transport: world.transport() },
    { uri },
    { onConnected() {}, onDrain() {}, onClosed: (error) => ends.push(error) }
  )
  world.turn(() => client.connect())
  world.run(100)
  t.is(ends.length, 1)
  t.true(isPostroadError(ends[0], 'REMOTE_CONNECT_FAILED'))
})

test('a URI of another protocol is refused before anything is dialled', (t) => {
  const bridge = parseTransportUri('postroad://server:1')
  const error = t.throws(() => setUp({ uri: bridge }))
  t.true(isPostroadError(error, 'LOCAL_BAD_URI'))
})

test('disconnects when the server has done everything, and without an error', (t) => {
  const { world, server, client, ends, greet } = setUp()
  greet()
  world.turn(() => {
    client.send('/queue/x', 'last')
    client.disconnect()
  })
  world.run(10)
  t.deepEqual(server.commands(), ['CONNECT', 'SEND', 'DISCONNECT'])
  t.deepEqual(ends, [])
  const receipt = server.frames.at(-1)!.headers.get('receipt')!
  world.turn(() => server.say('RECEIPT', [['receipt-id', receipt]]))
  world.run(10)
  t.deepEqual(ends, [undefined])
})

test('a server that does not confirm the end is given up, and may have lost something', (t) => {
  const { world, client, ends, greet } = setUp({ heartBeatMs: 0 })
  greet()
  world.turn(() => client.disconnect())
  world.run(6_000)
  t.is(ends.length, 1)
  t.true(isPostroadError(ends[0], 'LOCAL_TIMEOUT'))
})

test('a connection that ends before the end is confirmed is an error', (t) => {
  const { world, server, client, ends, greet } = setUp()
  greet()
  world.turn(() => {
    client.send('/queue/x', 'last')
    client.disconnect()
    server.connection.end()
  })
  world.run(10)
  t.true(isPostroadError(ends[0], 'REMOTE_CLOSED'))
})

test('beats while it has nothing to say, and gives up a silent server', (t) => {
  const { world, server, ends, greet } = setUp({ heartBeatMs: 1_000 })
  greet([['heart-beat', '1000,1000']])
  world.run(1_900)
  t.true(server.beats >= 1)
  t.deepEqual(ends, [])
  world.run(4_000)
  t.true(isPostroadError(ends[0], 'REMOTE_CLOSED'))
})

test('hears a server that beats as alive', (t) => {
  const { world, server, ends, greet } = setUp({ heartBeatMs: 1_000 })
  greet([['heart-beat', '1000,1000']])
  for (let i = 0; i < 10; i += 1) {
    world.turn(() => server.connection.write(Buffer.from('\n')))
    world.run(1_000)
  }
  t.deepEqual(ends, [])
})
