// Sessions under arbitrary input: valid frames in any order, mutated ones, noise, and clients that
// stop reading or vanish. Nothing may be thrown, every byte the broker sends must be STOMP, a
// healthy client beside them must not notice, and in the end nothing may be left over.

import test from 'ava'
import fc from 'fast-check'
import {
  encodeFrame,
  type StompCommand,
  type StompVersion,
  stompCommands
} from '../../../src/protocols/stomp/codec/index.ts'
import type { StompPeer } from '../../support/stomp-peer.ts'
import { StompWorld } from '../../support/stomp-world.ts'

type Action =
  | { readonly kind: 'connect'; readonly version: StompVersion; readonly carrier: 'tcp' | 'ws' }
  | { readonly kind: 'frame'; readonly command: StompCommand; readonly headers: Header[] }
  | { readonly kind: 'settle'; readonly command: 'ACK' | 'NACK'; readonly more: Header[] }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly how: 'end' | 'destroy' | 'reset' }
  | { readonly kind: 'reading'; readonly isOn: boolean }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'failing-store' }

type Header = readonly [string, string]
/** What happens, to which of the clients, and how a frame's bytes are spoilt on the way. */
interface Step {
  readonly client: number
  readonly action: Action
  readonly spoil:
    | { readonly at: number; readonly byte: number; readonly remove: number }
    | undefined
}

/** Good values for the most part: a connection that ends at once tries little. */
function mostly<T>(good: readonly T[], ...bad: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 14, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...(bad.length > 0 ? bad : good)) }
  )
}

const destinationArb = mostly(
  ['/queue/f.a', '/queue/f.b', '/topic/f.a', '/queue/f.a', '/topic/f.b'],
  ...['/queue/f.*', '/topic/f.>', '/queue/DLQ', '/temp-queue/a', '/temp-queue/hub.1.1'],
  ...['/nowhere', '/queue/', '/temp-queue/', '']
)
const wideDestinationArb = mostly(
  ['/queue/f.a', '/queue/f.b', '/queue/f.*', '/topic/f.>', '/topic/f.a', '/temp-queue/a'],
  ...['/queue/DLQ', '/temp-queue/hub.1.1', '/nowhere', '/queue/', '']
)
const transactionArb = mostly(['t', 't', 'u'], 'v', '')

function header(name: string, value: fc.Arbitrary<string>): fc.Arbitrary<Header> {
  return fc.tuple(fc.constant(name), value)
}

const headerArb: fc.Arbitrary<Header> = fc.oneof(
  header('receipt', fc.constantFrom('1', '', 'a:b\\', 'x'.repeat(900))),
  header('ack', mostly(['auto', 'client', 'client-individual'], 'x')),
  header('reply-to', fc.constantFrom('/temp-queue/a', '/temp-queue/b', '/queue/f.a', 'x')),
  header('selector', mostly(["n = '1'", 'n IS NULL', ''], "n = '")),
  header('activemq.subscriptionName', fc.constantFrom('d', 'e')),
  header('prefetch-count', mostly(['1', '0', '5'], '-1')),
  header('expiration', mostly(['0', '10', '1000'], 'x')),
  header('persistent', fc.constantFrom('true', 'false')),
  header('durable', fc.constantFrom('true', 'false')),
  header('destination', destinationArb),
  header('transaction', mostly(['t'], 'u', 'v')),
  header('n', fc.constantFrom('1', '\\', ':', 'y'.repeat(500)))
)

const moreArb = fc.array(headerArb, { maxLength: 3 })

function frameArb(
  command: fc.Arbitrary<StompCommand>,
  own: readonly fc.Arbitrary<Header>[]
): fc.Arbitrary<Action> {
  return fc.record({
    kind: fc.constant('frame' as const),
    command,
    headers: fc.tuple(moreArb, fc.tuple(...own)).map(([more, needed]) => [...more, ...needed])
  })
}

const only = (command: StompCommand): fc.Arbitrary<StompCommand> => fc.constant(command)
const idArb = mostly(['1', '2', '3', '4', '5', '6'], '', 'x'.repeat(1_100))

const weighted: readonly (readonly [number, fc.Arbitrary<Action>])[] = [
  [20, frameArb(only('SEND'), [header('destination', destinationArb)])],
  [
    8,
    frameArb(only('SUBSCRIBE'), [header('destination', wideDestinationArb), header('id', idArb)])
  ],
  [1, frameArb(only('UNSUBSCRIBE'), [header('id', idArb)])],
  [2, frameArb(only('BEGIN'), [header('transaction', transactionArb)])],
  [2, frameArb(only('COMMIT'), [header('transaction', transactionArb)])],
  [1, frameArb(only('ABORT'), [header('transaction', transactionArb)])],
  [1, frameArb(fc.constantFrom(...stompCommands), [])],
  [
    12,
    fc.record({
      kind: fc.constant('settle' as const),
      command: fc.constantFrom('ACK' as const, 'NACK' as const),
      more: fc.array(headerArb, { maxLength: 1 })
    })
  ],
  [
    2,
    fc.record({
      kind: fc.constant('connect' as const),
      version: fc.constantFrom<StompVersion>('1.0', '1.1', '1.2'),
      carrier: fc.constantFrom('tcp' as const, 'ws' as const)
    })
  ],
  [
    1,
    fc.record({
      kind: fc.constant('end' as const),
      how: fc.constantFrom('end' as const, 'destroy' as const, 'reset' as const)
    })
  ],
  [1, fc.record({ kind: fc.constant('bytes' as const), bytes: fc.uint8Array({ maxLength: 30 }) })],
  [2, fc.record({ kind: fc.constant('reading' as const), isOn: fc.boolean() })],
  [6, fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40 }) })],
  [1, fc.constant<Action>({ kind: 'failing-store' })]
]
const actionArb: fc.Arbitrary<Action> = fc.oneof(
  ...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary }))
)

/** One frame in forty is spoilt. */
const stepArb: fc.Arbitrary<Step> = fc.record({
  client: fc.integer({ min: 0, max: 2 }),
  action: actionArb,
  spoil: fc.oneof(
    { weight: 39, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({
        at: fc.nat(200),
        byte: fc.constantFrom(0, 10, 13, 58, 92, 65, 255),
        remove: fc.integer({ min: 0, max: 3 })
      })
    }
  )
})

/** Three clients that do anything, and one that only wants to work. */
class Bedlam {
  readonly world: StompWorld
  private readonly clients: (StompPeer | undefined)[] = [undefined, undefined, undefined]
  private readonly witness: StompPeer
  private checks = 0

  constructor(seed: number) {
    this.world = new StompWorld({
      seed,
      broker: { queueMessagesMax: 15, topicPendingMessagesMax: 5, slowConsumerPatienceMs: 100 },
      stomp: {
        ...{ frameBytesMax: 3_000, headerBytesMax: 2_500, headerCountMax: 12 },
        ...{ subscriptionsPerConnectionMax: 4, transactionBytesMax: 3_000, prefetchDefault: 3 },
        ...{ outputQueuedBytesMax: 2_000, connectTimeoutMs: 100 }
      },
      network: { windowBytes: 1_500 }
    })
    this.witness = this.world.client()
    const headers = { id: 'w', destination: '/queue/witness', ack: 'client' }
    this.witness.send('SUBSCRIBE', headers)
    this.world.run()
  }

  take(step: Step): void {
    const { action } = step
    if (action.kind === 'wait') this.world.run(action.ms)
    else if (action.kind === 'failing-store') this.world.store.failNextCommit()
    else this.act(step, this.client(step.client))
  }

  /** The healthy client sends to itself, is answered, and acknowledges. */
  checkWitness(): void {
    const { witness, world } = this
    this.checks += 1
    const body = `${this.checks}`
    witness.send('SEND', { destination: '/queue/witness', receipt: body }, body)
    world.run()
    const [message] = witness.messages
    if (message?.text !== body || !witness.receipts.includes(body)) {
      throw new Error(`the witness got ${witness.frames.map((frame) => frame.summary)}`)
    }
    witness.send('ACK', { id: message.get('ack')! })
    witness.take()
    world.run(5)
  }

  /** Everybody leaves; answers what is left. */
  end(): { sessions: number; paused: number; subscriptions: number; bytes: number } {
    const { world } = this
    for (const client of this.clients) {
      if (client?.isConnected) world.network.reset('broker', client.name)
    }
    world.run(100)
    this.checkWitness()
    this.witness.send('DISCONNECT')
    world.run(20_000)
    const { registry } = world.server
    const durables = world.broker.topics.all().filter(({ durable }) => durable !== undefined)
    for (const { durable } of durables) world.broker.deleteDurable(durable!)
    this.drain()
    return {
      sessions: registry.size,
      paused: registry.pausedProducers,
      subscriptions: world.broker.topics.size,
      bytes: world.broker.memory.bytesUsed
    }
  }

  private drain(): void {
    const { world } = this
    const drain = world.client()
    // A spoilt frame may have named any queue.
    drain.send('SUBSCRIBE', { id: '1', destination: '/queue/>' })
    world.run(1_000)
    drain.send('DISCONNECT')
    world.run(1_000)
  }

  private client(index: number): StompPeer {
    const client = this.clients[index]
    if (client?.isConnected) return client
    const next = this.world.open()
    this.clients[index] = next
    next.send('CONNECT', { 'accept-version': '1.1,1.2', 'client-id': `c${index}` })
    this.world.run(5)
    next.send('BEGIN', { transaction: 't' })
    return next
  }

  private act({ client: index, action, spoil }: Step, client: StompPeer): void {
    switch (action.kind) {
      case 'connect':
        if (client.isConnected) client.end()
        this.clients[index] = this.world.open(action.carrier)
        this.clients[index].send('CONNECT', {
          'accept-version': action.version,
          'client-id': 'shared',
          'heart-beat': '200,200'
        })
        this.world.run(5)
        return
      case 'frame': {
        const body = action.command === 'SEND' ? 'body' : undefined
        this.write(client, action.command, action.headers, { body, spoil })
        return
      }
      case 'settle': {
        const message = client.messages.at(-1)
        if (message === undefined && action.more.length === 0) return
        const headers: Header[] = [
          ...action.more.filter(([name]) => name !== 'id' && name !== 'message-id'),
          ['id', message?.get('ack') ?? '1-1'],
          ['message-id', message?.get('message-id') ?? 'ID:hub-1-1']
        ]
        this.write(client, action.command, headers, { spoil })
        return
      }
      case 'bytes':
        client.write(Buffer.from(action.bytes))
        return
      case 'end':
        if (action.how === 'reset') this.world.network.reset('broker', client.name)
        else client[action.how]()
        return
      case 'reading':
        if (action.isOn) client.startReading()
        else client.stopReading()
    }
  }

  private write(
    client: StompPeer,
    command: StompCommand,
    headers: readonly Header[],
    { body, spoil }: { body?: string | undefined; spoil: Step['spoil'] }
  ): void {
    const frame = encodeFrame(command, headers, {
      version: client.version,
      ...(body === undefined ? {} : { body })
    })
    if (spoil === undefined) client.write(frame)
    else {
      const at = spoil.at % frame.length
      const rest = frame.subarray(at + spoil.remove)
      client.write(Buffer.concat([frame.subarray(0, at), Buffer.from([spoil.byte]), rest]))
    }
  }
}

test('whatever clients send, a healthy one beside them works on and nothing is left', (t) => {
  const property = fc.property(
    fc.nat(),
    fc.array(stepArb, { minLength: 20, maxLength: 80, size: 'max' }),
    (seed, steps) => {
      const bedlam = new Bedlam(seed)
      for (const [index, step] of steps.entries()) {
        bedlam.take(step)
        if (index % 8 === 7) bedlam.checkWitness()
      }
      bedlam.checkWitness()
      // Thrown, not asserted, so that a failure is shrunk to a few steps.
      const left = Object.entries(bedlam.end()).filter(([, count]) => count !== 0)
      if (left.length > 0) throw new Error(`left behind: ${JSON.stringify(left)}`)
    }
  )
  t.notThrows(() => fc.assert(property, { numRuns: 150 }))
})

test('noise alone never gets further than an ERROR', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (chunks) => {
      const world = new StompWorld({ stomp: { connectTimeoutMs: 100 } })
      const witness = world.client()
      const peer = world.open()
      for (const bytes of chunks) {
        if (peer.isConnected) peer.write(Buffer.from(bytes))
        world.run(5)
      }
      world.run(200)
      t.true(peer.isClosed)
      t.is(peer.frames.length, 1)
      t.is(peer.error?.command, 'ERROR')
      t.false(witness.isClosed)
      t.is(world.server.registry.size, 1)
    }),
    { numRuns: 100 }
  )
})
