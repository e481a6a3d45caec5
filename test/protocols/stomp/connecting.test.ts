// How a conversation begins: versions, the first frame, logins, time limits. And that one client's
// fault is nobody else's.

import test from 'ava'
import { type Authenticator, userListAuthenticator } from '../../../src/protocols/stomp/index.ts'
import { StompWorld } from '../../support/stomp-world.ts'

const clause = '[STOMP 1.2 Protocol Negotiation]'

const negotiations: readonly [string | undefined, string][] = [
  [undefined, '1.0'],
  ['1.0', '1.0'],
  ['1.1', '1.1'],
  ['1.2', '1.2'],
  ['1.0,1.1', '1.1'],
  ['1.2,1.0,1.1', '1.2'],
  ['1.1,1.3,2.0', '1.1'],
  [' 1.0 , 1.1 ', '1.1']
]

for (const command of ['CONNECT', 'STOMP'] as const) {
  for (const [accepted, agreed] of negotiations) {
    test(`${command} with accept-version ${accepted} makes it ${agreed} ${clause}`, (t) => {
      const world = new StompWorld()
      const peer = world.open()
      peer.send(command, accepted === undefined ? {} : { 'accept-version': accepted, host: 'h' })
      world.run()
      const [connected] = peer.take()
      t.is(connected?.command, 'CONNECTED')
      t.is(connected?.get('version'), agreed)
      t.is(connected?.get('server'), 'postroad/test')
      t.regex(connected?.get('session') ?? '', /^hub-\d+$/)
    })
  }
}

test(`a client no version is common with is told which there are ${clause}`, (t) => {
  const world = new StompWorld()
  const peer = world.open()
  peer.send('CONNECT', { 'accept-version': '2.0,3.1' })
  world.run()
  t.is(peer.error?.get('version'), '1.0,1.1,1.2')
  t.regex(peer.error?.get('message') ?? '', /speaks 1\.0,1\.1,1\.2.*accepts "2\.0,3\.1"/)
  t.true(peer.isClosed)
})

test('CONNECT may come byte by byte, with CR LF and after empty lines', (t) => {
  const world = new StompWorld({ network: { isResplitting: false } })
  const peer = world.open()
  for (const byte of Buffer.from('\r\n\nCONNECT\r\naccept-version:1.2\r\nhost:h\r\n\r\n\0')) {
    peer.write(Buffer.from([byte]))
    world.run(1)
  }
  world.run()
  t.deepEqual(
    peer.frames.map((frame) => frame.command),
    ['CONNECTED']
  )
})

test('frames that follow CONNECT in the same write are handled after CONNECTED', (t) => {
  const world = new StompWorld()
  const peer = world.open()
  peer.write('CONNECT\naccept-version:1.2\n\n\0BEGIN\ntransaction:t\nreceipt:a\\cb\n\n\0')
  world.run()
  t.deepEqual(
    peer.frames.map((frame) => frame.command),
    ['CONNECTED', 'RECEIPT']
  )
  t.deepEqual(peer.receipts, ['a:b'])
})

test('the first frame must be CONNECT or STOMP [STOMP 1.2 Connecting]', (t) => {
  const world = new StompWorld()
  const peer = world.open()
  peer.send('SEND', { destination: '/queue/a', receipt: 'r' }, 'x')
  world.run()
  t.regex(peer.error?.get('message') ?? '', /first frame must be CONNECT, not SEND/)
  t.is(peer.error?.get('receipt-id'), 'r')
  t.true(peer.isClosed)
  t.is(world.broker.queues.find('a'), undefined)
})

test('a second CONNECT ends the conversation', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('CONNECT', { 'accept-version': '1.2' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /CONNECT is not for a connected client/)
  t.true(peer.isClosed)
})

test('frames only a server sends are refused from a client', (t) => {
  const world = new StompWorld()
  for (const command of ['CONNECTED', 'MESSAGE', 'RECEIPT', 'ERROR'] as const) {
    const peer = world.client()
    peer.send(command, { 'message-id': '1' })
    world.run()
    t.regex(peer.error?.get('message') ?? '', new RegExp(`^${command} is not for`))
  }
})

test('bytes that are no STOMP get an ERROR and the end', (t) => {
  const world = new StompWorld()
  const peer = world.open()
  peer.write('GET / HTTP/1.1\r\nHost: hub\r\n\r\n')
  world.run()
  t.regex(peer.error?.get('message') ?? '', /malformed frame: .* is no command/)
  t.true(peer.isClosed)
  t.is(world.server.registry.size, 0)
})

test('a connection that sends no CONNECT in time is ended', (t) => {
  const world = new StompWorld({ stomp: { connectTimeoutMs: 1_000 } })
  const silent = world.open()
  const beating = world.open()
  const slow = world.open()
  for (let i = 0; i < 9; i += 1) {
    beating.write('\n')
    slow.write('CONNECT\n'.slice(i, i + 1))
    world.run(100)
  }
  t.is(world.server.registry.size, 3)
  world.run(200)
  for (const peer of [silent, beating, slow]) {
    t.regex(peer.error?.get('message') ?? '', /no CONNECT frame within 1000 ms/)
    t.true(peer.isClosed)
  }
  t.is(world.server.registry.size, 0)
})

test('a connection that was made in time is not ended by the time limit', (t) => {
  const world = new StompWorld({ stomp: { connectTimeoutMs: 1_000 } })
  const peer = world.client()
  world.run(5_000)
  t.false(peer.isClosed)
})

const users = userListAuthenticator(
  new Map([
    ['ada', 'engine'],
    ['bob', '']
  ])
)

test('the users list lets in who knows the passcode [STOMP 1.2 CONNECT]', (t) => {
  const world = new StompWorld({ authenticator: users })
  for (const headers of [{ login: 'ada', passcode: 'engine' }, { login: 'bob' }]) {
    const peer = world.client({ headers })
    t.false(peer.isClosed)
  }
})

const wrongLogins: readonly (readonly [Record<string, string>, RegExp])[] = [
  [{}, /needs a login/],
  [{ passcode: 'engine' }, /needs a login/],
  [{ login: 'ada' }, /login or the passcode is wrong/],
  [{ login: 'ada', passcode: 'engin' }, /login or the passcode is wrong/],
  [{ login: 'ada', passcode: 'engineengine' }, /login or the passcode is wrong/],
  [{ login: 'bob', passcode: 'x' }, /login or the passcode is wrong/],
  [{ login: 'eve', passcode: 'engine' }, /login or the passcode is wrong/]
]

for (const [headers, message] of wrongLogins) {
  test(`the users list refuses ${JSON.stringify(headers)}`, (t) => {
    const world = new StompWorld({ authenticator: users })
    const peer = world.open()
    peer.send('CONNECT', { 'accept-version': '1.2', ...headers })
    peer.send('SEND', { destination: '/queue/a' }, 'x')
    world.run()
    t.regex(peer.error?.get('message') ?? '', message)
    t.true(peer.isClosed)
    t.is(world.broker.queues.find('a'), undefined)
  })
}

/** Decides when told to. */
class LateAuthenticator implements Authenticator {
  readonly waiting: ((refusal: string | undefined) => void)[] = []
  login: string | undefined

  authenticate(
    request: Parameters<Authenticator['authenticate']>[0],
    done: (refusal: string | undefined) => void
  ): void {
    this.login = request.login
    this.waiting.push(done)
  }
}

test('what a client sends while its login is checked waits for the answer', (t) => {
  const authenticator = new LateAuthenticator()
  const world = new StompWorld({ authenticator })
  const peer = world.open()
  peer.send('CONNECT', { 'accept-version': '1.2', login: 'ada' })
  for (let i = 0; i < 3; i += 1) {
    peer.send('SEND', { destination: '/queue/a', receipt: `${i}` }, `${i}`)
    world.run(20)
  }
  t.deepEqual(peer.frames, [])
  t.is(authenticator.login, 'ada')
  t.is(world.broker.counters.published, 0)
  authenticator.waiting[0]!(undefined)
  authenticator.waiting[0]!('too late to refuse')
  world.run()
  t.is(peer.frames[0]?.command, 'CONNECTED')
  t.deepEqual(peer.receipts, ['0', '1', '2'])
})

test('a late refusal ends the connection, and frames sent meanwhile have no effect', (t) => {
  const authenticator = new LateAuthenticator()
  const world = new StompWorld({ authenticator })
  const peer = world.open()
  peer.send('CONNECT', { 'accept-version': '1.2' })
  peer.send('SEND', { destination: '/queue/a' }, 'x')
  world.run()
  authenticator.waiting[0]!('no: the moon is full')
  world.run()
  t.is(peer.error?.get('message'), 'no: the moon is full')
  t.true(peer.isClosed)
  t.is(world.broker.counters.published, 0)
})

test('an answer about a client that has gone is ignored', (t) => {
  const authenticator = new LateAuthenticator()
  const world = new StompWorld({ authenticator })
  const peer = world.open()
  peer.send('CONNECT', { 'accept-version': '1.2' })
  world.run()
  world.network.reset('broker', peer.name)
  world.run()
  t.is(world.server.registry.size, 0)
  authenticator.waiting[0]!(undefined)
  world.run()
  t.is(world.server.registry.size, 0)
})

test('a login nobody answers for ends at the time limit, with a message that says so', (t) => {
  const authenticator = new LateAuthenticator()
  const world = new StompWorld({ authenticator, stomp: { connectTimeoutMs: 1_000 } })
  const peer = world.open()
  peer.send('CONNECT', { 'accept-version': '1.2' })
  world.run(2_000)
  t.regex(peer.error?.get('message') ?? '', /login .* not .* within 1000 ms/)
  t.true(peer.isClosed)
})

test('a client-id of more than 1,024 bytes is refused', (t) => {
  const world = new StompWorld()
  t.false(world.client({ headers: { 'client-id': 'i'.repeat(1_024) } }).isClosed)
  const peer = world.open()
  peer.send('CONNECT', { 'accept-version': '1.2', 'client-id': 'i'.repeat(1_025) })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /client-id .* at most 1024 bytes/)
})

test('one connection too many is told so, and the others stay', (t) => {
  const world = new StompWorld({ stomp: { connectionsMax: 2 } })
  const first = world.client()
  const second = world.client()
  const third = world.open()
  third.send('CONNECT', { 'accept-version': '1.2' })
  world.run()
  t.regex(third.error?.get('message') ?? '', /takes 2 connections \(limits/)
  t.true(third.isClosed)
  t.false(first.isClosed || second.isClosed)
  second.destroy()
  world.run()
  t.notThrows(() => world.client())
})

test('a broker that stops says so to every client, in every state', (t) => {
  const world = new StompWorld()
  const connected = world.client()
  const fresh = world.open()
  world.server.stop()
  world.run()
  for (const peer of [connected, fresh]) {
    t.regex(peer.error?.get('message') ?? '', /shutting down/)
    t.true(peer.isClosed)
  }
  t.is(world.server.registry.size, 0)
})

test('a WebSocket carries the same conversation under an agreed subprotocol', (t) => {
  const world = new StompWorld()
  const peer = world.client({ carrier: 'ws' })
  t.is(peer.subprotocol, 'v12.stomp')
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const body = Buffer.alloc(100_000, 'x')
  peer.send('SEND', { destination: '/queue/a', receipt: 'r' }, body)
  world.run()
  t.deepEqual(peer.receipts, ['r'])
  t.true(peer.messages[0]?.body.equals(body))
})
