// When a session's output gives a client up.

import test from 'ava'
import { SimClock } from '../../../sim/fakes/index.ts'
import { SimScheduler } from '../../../sim/scheduler.ts'
import type { StreamConnection } from '../../../src/ports/index.ts'
import { SessionOutput } from '../../../src/protocols/stomp/session-output.ts'
import { SessionRegistry } from '../../../src/protocols/stomp/session-registry.ts'

/** A socket that keeps everything until told that some was sent. */
class SlowSocket implements StreamConnection {
  readonly remoteAddress = 'slow:1'
  readonly subprotocol = ''
  bytesQueued = 0

  write(bytes: Buffer): 'queued' {
    this.bytesQueued += bytes.length
    return 'queued'
  }

  pauseReading(): void {}
  resumeReading(): void {}
  end(): void {}
  destroy(): void {}
}

function setUp() {
  const scheduler = new SimScheduler({ seed: 'output' })
  const clock = new SimClock(scheduler, { name: 'broker' })
  const socket = new SlowSocket()
  const events: string[] = []
  const output = new SessionOutput({
    clock,
    limits: { outputQueuedBytesMax: 1_000 },
    registry: new SessionRegistry(clock),
    connection: socket,
    onFull: () => events.push('full'),
    onAnswersFull: () => events.push('answers full'),
    onStalled: (ms) => events.push(`stalled for ${ms}`)
  })
  const send = (bytes: number): void => {
    output.begin().append(Buffer.alloc(bytes), 0, bytes)
    output.flush()
  }
  return { scheduler, socket, events, output, send }
}

test('a socket that takes nothing for a minute is given up, once', (t) => {
  const { scheduler, events, send } = setUp()
  send(1_600)
  scheduler.runFor(60_000)
  t.deepEqual(events, ['full'])
  send(10)
  scheduler.runFor(200_000)
  t.deepEqual(events, ['full', 'stalled for 60100'])
})

test('a large body is given the time a slow client needs to read it', (t) => {
  const { scheduler, events, send } = setUp()
  send(16_000_000)
  scheduler.runFor(1_000_000)
  t.deepEqual(events, ['full'])
  scheduler.runFor(100_000)
  t.deepEqual(events, ['full', 'stalled for 1060000'])
})

test('a socket that takes a little now and then is not given up', (t) => {
  const { scheduler, socket, events, send } = setUp()
  send(5_000)
  for (let i = 0; i < 40; i += 1) {
    scheduler.runFor(50_000)
    socket.bytesQueued -= 100
  }
  t.deepEqual(events, ['full'])
})

test('a socket that was drained, or whose session is over, is not watched', (t) => {
  for (const relief of ['onDrain', 'stop'] as const) {
    const { scheduler, socket, events, output, send } = setUp()
    send(5_000)
    t.true(output.isCongested)
    socket.bytesQueued = 0
    output[relief]()
    scheduler.runFor(1_000_000)
    t.deepEqual(events, ['full'])
    t.is(output.isCongested, relief === 'stop')
  }
})

test('answers count from the last time the socket had taken everything', (t) => {
  const { socket, events, output } = setUp()
  const answer = Buffer.alloc(400)
  output.answer(answer)
  output.flush()
  output.answer(answer)
  output.answer(answer)
  t.deepEqual(events, [])
  output.answer(answer)
  t.deepEqual(events, ['answers full'])
  socket.bytesQueued = 0
  output.onDrain()
  output.answer(answer)
  t.deepEqual(events, ['answers full'])
})
