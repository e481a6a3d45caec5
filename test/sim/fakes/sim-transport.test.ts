import test from 'ava'
import { SimNetwork, type SimNetworkOptions } from '../../../sim/fakes/index.ts'
import { SimScheduler } from '../../../sim/scheduler.ts'
import { AssertionFailure, isPostroadError, PostroadError } from '../../../src/base/index.ts'
import type { StreamConnection, StreamEndpoint, StreamTransport } from '../../../src/ports/index.ts'
import { Recorder } from '../../conformance/recorder.ts'

const port = 61617
const minuteMs = 60_000

test('one seed gives one run, another seed another', (t) => {
  const run = (seed: number) => {
    const net = new Net(seed)
    const { dialled } = net.connect()
    for (let i = 0; i < 50; i += 1) dialled.write(Buffer.alloc(i * 100, i))
    net.network.cut('spoke', 'hub')
    net.scheduler.runFor(10)
    net.network.heal('spoke', 'hub')
    net.scheduler.runFor(1_000)
    return net.scheduler.traceHash
  }
  t.is(run(1), run(1))
  t.not(run(1), run(2))
})

test('bytes take their time: latency, and the width of the path', (t) => {
  const net = new Net(1)
  net.network.setQuality('spoke', 'hub', { latencyMs: 50, jitterMs: 0, bytesPerSecond: 100_000 })
  const { dialled, acceptor } = net.connect()
  const startMs = net.scheduler.nowMs
  dialled.write(Buffer.alloc(10_000))
  t.true(net.runUntil(() => acceptor.bytesReceived === 10_000))
  const tookMs = net.scheduler.nowMs - startMs
  t.true(tookMs >= 150 && tookMs < 152, `${tookMs} ms`)
})

test('over a slow path bytes trickle: the first do not wait for the last', (t) => {
  const net = new Net(1, { isResplitting: false })
  net.network.setQuality('spoke', 'hub', { latencyMs: 1, jitterMs: 0, bytesPerSecond: 10_000 })
  const { dialled, acceptor } = net.connect()
  dialled.write(Buffer.alloc(60_000))
  net.scheduler.runFor(1_000)
  const { bytesReceived } = acceptor
  t.true(bytesReceived > 9_000 && bytesReceived <= 10_000, `${bytesReceived} bytes in a second`)
})

test('what is on a path goes on at its new rate, faster or slower', (t) => {
  const net = new Net(1, { isResplitting: false })
  const setRate = (bytesPerSecond: number): void =>
    net.network.setQuality('spoke', 'hub', { latencyMs: 1, jitterMs: 0, bytesPerSecond })
  setRate(10_000)
  const { dialled, acceptor } = net.connect()
  dialled.write(Buffer.alloc(60_000))
  net.scheduler.runFor(1_000)
  setRate(1_000)
  net.scheduler.runFor(2_000)
  const slow = acceptor.bytesReceived
  t.true(slow > 10_000 && slow <= 12_000, `${slow} bytes`)
  setRate(Infinity)
  net.scheduler.runFor(5)
  t.is(acceptor.bytesReceived, 60_000)
})

test('a path that was as good as unlimited can be slowed down while bytes are on it', (t) => {
  const net = new Net(1, { isResplitting: false })
  const setRate = (bytesPerSecond: number): void =>
    net.network.setQuality('spoke', 'hub', { latencyMs: 1, jitterMs: 0, bytesPerSecond })
  setRate(Number.MAX_SAFE_INTEGER)
  const { dialled, acceptor } = net.connect()
  dialled.write(Buffer.alloc(1_000))
  setRate(10_000)
  dialled.write(Buffer.alloc(1_000))
  net.scheduler.runFor(110)
  t.is(acceptor.bytesReceived, 2_000)
})

test('jitter never puts bytes of one stream out of order', (t) => {
  const net = new Net(3)
  net.network.setQuality('spoke', 'hub', { latencyMs: 1, jitterMs: 40 })
  const { dialled, acceptor } = net.connect()
  const sent: number[] = []
  for (let i = 0; i < 200; i += 1) {
    sent.push(i)
    dialled.write(Buffer.from([i]))
    net.scheduler.runFor(0.3)
  }
  t.true(net.runUntil(() => acceptor.bytesReceived === 200))
  t.deepEqual([...acceptor.bytes], sent)
})

test('chunks are cut and joined anew, unless asked otherwise', (t) => {
  const chunksOf = (isResplitting: boolean) => {
    const net = new Net(5, { isResplitting })
    const { dialled, acceptor } = net.connect()
    for (let i = 0; i < 40; i += 1) dialled.write(Buffer.alloc(100))
    net.runUntil(() => acceptor.bytesReceived === 4_000)
    return acceptor.chunks.map((chunk) => chunk.length)
  }
  t.deepEqual(chunksOf(false), new Array(40).fill(100))
  const lengths = chunksOf(true)
  t.true(lengths.some((length) => length < 100))
  t.true(lengths.some((length) => length > 100))
})

test('a cut is silence, and nothing is lost when it heals', (t) => {
  const net = new Net(1)
  const { dialled, dialler, acceptor } = net.connect()
  net.network.cut('spoke', 'hub')
  dialled.write(Buffer.from('still on its way'))
  net.scheduler.runFor(minuteMs)
  t.is(acceptor.bytesReceived, 0)
  t.false(dialler.isClosed || acceptor.isClosed)
  net.network.heal('spoke', 'hub')
  t.true(net.runUntil(() => acceptor.bytesReceived === 16))
})

test('behind a cut the sender fills up, and drains when it heals', (t) => {
  const net = new Net(1, { windowBytes: 10_000 })
  const { dialled, dialler, acceptor } = net.connect()
  net.network.cut('spoke', 'hub')
  t.is(dialled.write(Buffer.alloc(8_000)), 'written')
  t.is(dialled.write(Buffer.alloc(8_000)), 'queued')
  t.is(dialled.bytesQueued, 6_000)
  net.scheduler.runFor(minuteMs)
  t.is(dialler.drains, 0)
  net.network.heal('spoke', 'hub')
  t.true(net.runUntil(() => acceptor.bytesReceived === 16_000 && dialler.drains === 1))
})

test('cut one way, bytes get through the other way until nobody says so', (t) => {
  const net = new Net(1, { windowBytes: 10_000 })
  const { dialled, accepted, dialler, acceptor } = net.connect()
  net.network.cut('hub', 'spoke', 'one-way')
  accepted.write(Buffer.from('lost'))
  dialled.write(Buffer.alloc(10_000))
  t.true(net.runUntil(() => acceptor.bytesReceived === 10_000))
  t.is(dialler.bytesReceived, 0)
  t.is(dialled.write(Buffer.alloc(5)), 'queued')
  net.scheduler.runFor(minuteMs)
  t.is(acceptor.bytesReceived, 10_000)
  net.network.healAll()
  t.true(net.runUntil(() => acceptor.bytesReceived === 10_005 && dialler.bytesReceived === 4))
})

test('a cut again before the retransmission holds what it held', (t) => {
  const net = new Net(1)
  const { dialled, acceptor } = net.connect()
  net.network.cut('spoke', 'hub')
  dialled.write(Buffer.from('x'))
  net.scheduler.runFor(1_000)
  net.network.heal('spoke', 'hub')
  net.network.cut('spoke', 'hub')
  net.scheduler.runFor(minuteMs)
  t.is(acceptor.bytesReceived, 0)
  net.network.heal('spoke', 'hub')
  t.true(net.runUntil(() => acceptor.bytesReceived === 1))
})

test('a reset is told to both ends, once', (t) => {
  const net = new Net(1)
  const { dialled, dialler, acceptor } = net.connect()
  dialled.write(Buffer.from('lost'))
  net.network.reset('hub', 'spoke')
  net.scheduler.runFor(minuteMs)
  for (const end of [dialler, acceptor]) {
    t.is(end.closes.length, 1)
    t.true(isPostroadError(end.closes[0], 'REMOTE_CLOSED'))
    t.deepEqual(end.late, [])
  }
  t.is(acceptor.bytesReceived, 0)
})

test('a half-open connection is believed in until something is sent', (t) => {
  const net = new Net(1)
  const { dialled, dialler, acceptor } = net.connect()
  net.network.halfOpen('hub', 'spoke')
  net.scheduler.runFor(minuteMs)
  t.true(acceptor.isClosed)
  t.false(dialler.isClosed)
  dialled.write(Buffer.from('are you there?'))
  net.scheduler.runFor(1_000)
  t.true(isPostroadError(dialler.closes[0], 'REMOTE_CLOSED'))
})

test('a crash is a reset to the others, and calls nobody of its own life', (t) => {
  const net = new Net(1)
  const { dialled, accepted, dialler, acceptor } = net.connect()
  net.hub.dial(endpoint('spoke'), 5_000, () => t.fail('an old life’s dial was answered') as never)
  dialled.write(Buffer.from('too late'))
  accepted.pauseReading()
  net.network.host('hub').crash()
  net.hub.listen(
    endpoint('hub'),
    () => undefined,
    () => t.fail('an old life listened')
  )
  net.hub.dial(endpoint('spoke'), 10, () => t.fail('an old life dialled') as never)
  net.scheduler.runFor(minuteMs)
  t.is(dialler.closes.length, 1)
  t.true(isPostroadError(dialler.closes[0], 'REMOTE_CLOSED'))
  t.is(acceptor.bytesReceived, 0)
  t.false(acceptor.isClosed)
})

test('a crashed host refuses dials until its next life listens', (t) => {
  const net = new Net(1)
  net.connect()
  net.network.host('hub').crash()
  t.true(isPostroadError(net.dial('hub'), 'REMOTE_CONNECT_FAILED'))
  net.listen(net.network.transport('hub'))
  t.false(net.dial('hub') instanceof PostroadError)
})

test('a machine without power is silent; when it is back it knows nothing', (t) => {
  const net = new Net(1)
  const { dialled, dialler, acceptor } = net.connect()
  net.network.host('hub').losePower()
  dialled.write(Buffer.from('hello?'))
  net.scheduler.runFor(minuteMs)
  t.false(dialler.isClosed)
  t.true(isPostroadError(net.dial('hub'), 'LOCAL_TIMEOUT'))
  net.network.host('hub').restart()
  net.scheduler.runFor(1_000)
  t.true(isPostroadError(dialler.closes[0], 'REMOTE_CLOSED'))
  t.deepEqual(acceptor.chunks, [])
  t.true(isPostroadError(net.dial('hub'), 'REMOTE_CONNECT_FAILED'))
})

test('dials are refused or swallowed as the rule between two hosts says', (t) => {
  const net = new Net(1)
  net.listen(net.hub)
  net.network.setDialRule('spoke', 'hub', 'refuse')
  t.true(isPostroadError(net.dial('hub'), 'REMOTE_CONNECT_FAILED'))
  net.network.setDialRule('spoke', 'hub', 'black-hole')
  const startMs = net.scheduler.nowMs
  t.true(isPostroadError(net.dial('hub', 3_000), 'LOCAL_TIMEOUT'))
  t.is(net.scheduler.nowMs - startMs, 3_000)
  net.network.setDialRule('spoke', 'hub', 'allow')
  t.false(net.dial('hub') instanceof PostroadError)
})

test('a dial over a cut path succeeds if the path heals in time', (t) => {
  const net = new Net(1)
  net.listen(net.hub)
  net.network.cut('spoke', 'hub')
  net.scheduler.after(2_500, () => net.network.heal('spoke', 'hub'))
  t.false(net.dial('hub', 5_000) instanceof PostroadError)
})

test('an acceptor whose answer is cut off is told in the end', (t) => {
  const net = new Net(1)
  const acceptors = net.listen(net.hub)
  net.network.cut('hub', 'spoke', 'one-way')
  t.true(isPostroadError(net.dial('hub', 2_000), 'LOCAL_TIMEOUT'))
  net.scheduler.runFor(1_000)
  t.is(acceptors.length, 1)
  t.is(acceptors[0]!.closes.length, 1)
})

test('names mean hosts: unknown ones none, loopback ones the dialler', (t) => {
  const net = new Net(1)
  net.listen(net.hub)
  t.regex((net.dial('nowhere') as PostroadError).message, /no such host "nowhere"/)
  t.true(isPostroadError(net.dial('localhost'), 'REMOTE_CONNECT_FAILED'))
  net.listen(net.spoke)
  t.false(net.dial('localhost') instanceof PostroadError)
})

test('what a name means can be chosen', (t) => {
  const net = new Net(1, { resolve: (_, name, at) => (at === port ? 'hub' : name) })
  net.listen(net.hub)
  t.false(net.dial('localhost') instanceof PostroadError)
})

test('WebSocket and TCP do not meet, nor do subprotocols without a common one', (t) => {
  const net = new Net(1)
  const webSocket: StreamEndpoint = {
    ...endpoint('hub'),
    carrier: 'ws',
    path: '/stomp',
    subprotocols: ['v12.stomp', 'v11.stomp']
  }
  net.listen(net.hub, webSocket)
  const dialled = (change: Partial<StreamEndpoint>) => {
    const result = net.dialAt({ ...webSocket, ...change })
    return result instanceof PostroadError ? result.code : result.subprotocol
  }
  t.is(dialled({}), 'v12.stomp')
  t.is(dialled({ subprotocols: ['v11.stomp'] }), 'v11.stomp')
  t.is(dialled({ subprotocols: [] }), '')
  t.is(dialled({ subprotocols: ['mqtt'] }), 'REMOTE_CONNECT_FAILED')
  t.is(dialled({ path: '/other' }), 'REMOTE_CONNECT_FAILED')
  t.is(dialled({ carrier: 'tcp' }), 'REMOTE_CONNECT_FAILED')
})

test('a sender that changes bytes the transport still keeps is caught', (t) => {
  const net = new Net(1, { windowBytes: 1_000 })
  const { dialled } = net.connect()
  const bytes = Buffer.alloc(5_000)
  t.is(dialled.write(bytes), 'queued')
  bytes.fill(1)
  t.throws(() => net.scheduler.runFor(1_000), { instanceOf: AssertionFailure })
})

test('a host may dial itself', (t) => {
  const net = new Net(1)
  const acceptors = net.listen(net.spoke)
  const connection = net.dial('spoke')
  t.false(connection instanceof PostroadError)
  ;(connection as StreamConnection).write(Buffer.from('me'))
  net.scheduler.runFor(100)
  t.is(acceptors[0]!.bytesReceived, 2)
  net.network.reset('spoke', 'spoke')
  net.scheduler.runFor(100)
  t.is(acceptors[0]!.closes.length, 1)
})

function endpoint(host: string): StreamEndpoint {
  return { carrier: 'tcp', host, port, path: '/', subprotocols: [] }
}

/** A hub, a spoke, and what tests do with them. */
class Net {
  readonly scheduler: SimScheduler
  readonly network: SimNetwork
  readonly hub: StreamTransport
  readonly spoke: StreamTransport

  constructor(seed: number, options: SimNetworkOptions = {}) {
    this.scheduler = new SimScheduler({ seed })
    this.network = new SimNetwork(this.scheduler, options)
    this.hub = this.network.transport('hub')
    this.spoke = this.network.transport('spoke')
  }

  runUntil(isDone: () => boolean): boolean {
    return this.scheduler.runWhileNot(isDone, { msMax: this.scheduler.nowMs + minuteMs })
  }

  /** Listens; answers the recorders of what is accepted, as it comes. */
  listen(transport: StreamTransport, at = endpoint('any')): Recorder[] {
    const acceptors: Recorder[] = []
    let isOpen = false
    transport.listen(
      at,
      () => {
        acceptors.push(new Recorder())
        return acceptors.at(-1)
      },
      (result) => {
        isOpen = !(result instanceof PostroadError)
      }
    )
    if (!this.runUntil(() => isOpen)) throw new Error('nothing listens')
    return acceptors
  }

  /** Dials from the spoke and waits for the answer. */
  dial(host: string, timeoutMs = 5_000): StreamConnection | PostroadError {
    return this.dialAt(endpoint(host), timeoutMs)
  }

  dialAt(at: StreamEndpoint, timeoutMs = 5_000): StreamConnection | PostroadError {
    let result: StreamConnection | PostroadError | undefined
    this.spoke.dial(at, timeoutMs, (answer) => {
      result = answer
      return new Recorder()
    })
    if (!this.runUntil(() => result !== undefined)) throw new Error('the dial was not answered')
    return result!
  }

  /** A connection from the spoke to the hub, with both ends recorded. */
  connect() {
    const acceptor = new Recorder()
    const dialler = new Recorder()
    let accepted: StreamConnection | undefined
    let dialled: StreamConnection | undefined
    this.hub.listen(
      endpoint('any'),
      (connection) => {
        accepted = connection
        return acceptor
      },
      () => {
        this.spoke.dial(endpoint('hub'), 5_000, (result) => {
          if (!(result instanceof PostroadError)) dialled = result
          return dialler
        })
      }
    )
    if (!this.runUntil(() => dialled !== undefined)) throw new Error('no connection')
    return { dialler, acceptor, dialled: dialled!, accepted: accepted! }
  }
}
