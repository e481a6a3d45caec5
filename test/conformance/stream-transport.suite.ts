// The exam of every stream transport, for one carrier: opening, refusing, carrying, slowing,
// ending.

import type { ExecutionContext, TestFn } from 'ava'
import { isPostroadError, PostroadError } from '../../src/base/index.ts'
import type {
  StreamConnection,
  StreamEndpoint,
  StreamHandlers,
  StreamListener,
  StreamTransport
} from '../../src/ports/index.ts'
import { Recorder } from './recorder.ts'
import { suiteTest, type World } from './world.ts'

/** A world with two transports; `dialling` reaches what `listening` opens. */
export interface StreamWorld extends World {
  readonly listening: StreamTransport
  readonly dialling: StreamTransport
  /** Where to listen; port 0. */
  readonly endpoint: StreamEndpoint
  /** More than the world buffers for a reader that does not read; a multiple of 64 KiB. */
  readonly floodBytes: number
}

/** Registers the exam for the worlds that `factory` makes. */
export function streamTransportSuite(
  test: TestFn,
  name: string,
  factory: () => StreamWorld | Promise<StreamWorld>
): void {
  const titled = suiteTest(test, name, factory)
  openingSuite(titled)
  listenerSuite(titled)
  refusingSuite(titled)
  carryingSuite(titled)
  pausingSuite(titled)
  slowingSuite(titled)
  endingSuite(titled)
  afterEndSuite(titled)
}

type Titled = ReturnType<typeof suiteTest<StreamWorld>>

const block = Buffer.alloc(65_536, 'flood ')
const dialMs = 5_000

function openingSuite(titled: Titled): void {
  titled('a listener on port 0 gets a real port, later', async (t, world) => {
    let result: StreamListener | PostroadError | undefined
    world.listening.listen(
      world.endpoint,
      () => undefined,
      (answer) => {
        result = answer
      }
    )
    t.is(result, undefined)
    await world.run('the listener', () => result !== undefined)
    const listener = listenerOf(t, result)
    t.true(listener.port > 0)
    listener.close()
  })

  titled('both ends know the other by address', async (t, world) => {
    const pair = await connected(t, world)
    t.regex(pair.dialled.remoteAddress, /^.+:\d+$/)
    t.regex(pair.accepted.remoteAddress, /^.+:\d+$/)
    t.true(pair.dialled.remoteAddress.endsWith(`:${pair.listener.port}`))
    t.is(pair.dialled.bytesQueued, 0)
    t.is(pair.dialled.subprotocol, pair.accepted.subprotocol)
  })

  titled('no handler is called before accept or done has returned', async (t, world) => {
    const log: string[] = []
    const noting = (end: string) => ({
      onData: () => log.push(`${end} data`),
      onDrain: () => {},
      onClose: () => log.push(`${end} close`)
    })
    const listener = await listen(t, world, (connection) => {
      connection.write(Buffer.from('welcome'))
      log.push('accepted')
      return noting('acceptor')
    })
    world.dialling.dial(endpointAt(world, listener), dialMs, (result) => {
      const connection = connectionOf(t, result)
      t.teardown(() => connection.destroy())
      connection.write(Buffer.from('hello'))
      log.push('dialled')
      return noting('dialler')
    })
    await world.run(
      'both greetings',
      () => log.filter((line) => line.includes('data')).length === 2
    )
    t.true(log.indexOf('accepted') < log.indexOf('acceptor data'))
    t.true(log.indexOf('dialled') < log.indexOf('dialler data'))
    listener.close()
  })
}

function listenerSuite(titled: Titled): void {
  titled('the address in use is told, and how to go on', async (t, world) => {
    const listener = await listen(t, world, () => undefined)
    let second: StreamListener | PostroadError | undefined
    world.listening.listen(
      endpointAt(world, listener),
      () => undefined,
      (answer) => {
        second = answer
      }
    )
    await world.run('the answer', () => second !== undefined)
    t.true(isPostroadError(second, 'LOCAL_ADDRESS_IN_USE'))
    t.true((second as PostroadError).message.includes(`:${listener.port} is in use`))
    listener.close()
  })

  titled('a closed listener keeps its connections and takes no more', async (t, world) => {
    const pair = await connected(t, world)
    pair.listener.close()
    await world.idle()
    pair.dialled.write(Buffer.from('still here'))
    await world.run('the bytes', () => pair.acceptor.bytesReceived === 10)
    const error = await failedDial(world, endpointAt(world, pair.listener))
    t.is(error?.code, 'REMOTE_CONNECT_FAILED')
    t.false(pair.acceptor.isClosed)
  })
}

function refusingSuite(titled: Titled): void {
  titled('a dial nobody listens for fails and names the address', async (t, world) => {
    const listener = await listen(t, world, () => undefined)
    listener.close()
    await world.idle()
    const error = await failedDial(world, endpointAt(world, listener))
    t.is(error?.code, 'REMOTE_CONNECT_FAILED')
    t.true(error?.message.includes(`:${listener.port}`))
  })

  titled('a connection nobody handles is closed', async (t, world) => {
    const listener = await listen(t, world, () => undefined)
    const dialler = new Recorder()
    let hasFailed = false
    world.dialling.dial(endpointAt(world, listener), dialMs, (result) => {
      hasFailed = result instanceof PostroadError
      return dialler
    })
    await world.run('the end', () => dialler.isClosed || hasFailed)
    t.is(dialler.bytesReceived, 0)
    listener.close()
  })

  titled('a dialled connection nobody handles is closed', async (t, world) => {
    const acceptor = new Recorder()
    const listener = await listen(t, world, () => acceptor)
    world.dialling.dial(endpointAt(world, listener), dialMs, () => undefined)
    await world.run('the end', () => acceptor.isClosed)
    listener.close()
    t.is(acceptor.closes.length, 1)
  })

  titled('a cancelled dial never answers', async (t, world) => {
    const listener = await listen(t, world, () => new Recorder())
    let answers = 0
    const cancel = world.dialling.dial(endpointAt(world, listener), dialMs, () => {
      answers += 1
      return undefined
    })
    cancel()
    cancel()
    await world.idle()
    t.is(answers, 0)
    listener.close()
  })

  titled('cancelling a dial that is done leaves the connection alone', async (t, world) => {
    const acceptor = new Recorder()
    const listener = await listen(t, world, () => acceptor)
    let connection: StreamConnection | undefined
    const cancel = world.dialling.dial(endpointAt(world, listener), dialMs, (result) => {
      connection = connectionOf(t, result)
      return new Recorder()
    })
    await world.run('the connection', () => connection !== undefined)
    cancel()
    connection!.write(Buffer.from('x'))
    await world.run('the byte', () => acceptor.bytesReceived === 1)
    connection!.destroy()
    listener.close()
    t.pass()
  })
}

function carryingSuite(titled: Titled): void {
  titled('bytes arrive whole and in order, both ways, in any sizes', async (t, world) => {
    const pair = await connected(t, world)
    const sent = [1, 0, 10, 70_000, 3, 300_000, 65_536].map((length, index) =>
      counted(length, index)
    )
    for (const bytes of sent) {
      pair.dialled.write(bytes)
      pair.accepted.write(bytes)
    }
    const all = Buffer.concat(sent)
    const { dialler, acceptor } = pair
    await world.run(
      'all bytes',
      () => acceptor.bytesReceived + dialler.bytesReceived >= 2 * all.length
    )
    t.true(acceptor.bytes.equals(all))
    t.true(dialler.bytes.equals(all))
  })

  titled('after "written" the sender may use its bytes again', async (t, world) => {
    const pair = await connected(t, world)
    const expected: Buffer[] = []
    let slab = Buffer.alloc(1_000)
    for (let round = 0; round < 50; round += 1) {
      slab.fill(round)
      expected.push(Buffer.from(slab))
      if (pair.dialled.write(slab) === 'queued') slab = Buffer.alloc(1_000)
    }
    await world.run('all bytes', () => pair.acceptor.bytesReceived >= 50_000)
    t.true(pair.acceptor.bytes.equals(Buffer.concat(expected)))
  })

  titled('text and bytes that are no text both arrive as they are', async (t, world) => {
    const pair = await connected(t, world)
    const texts = [Buffer.from('žluťoučký kůň 🐎\n\0'), Buffer.from([0xff, 0xfe, 0x00, 0xc3])]
    const cutInside = [Buffer.from([0xc3]), Buffer.from([0xa9])]
    const all = Buffer.concat([...texts, ...cutInside])
    for (const bytes of [...texts, ...cutInside]) pair.accepted.write(bytes)
    await world.run('all bytes', () => pair.dialler.bytesReceived >= all.length)
    t.true(pair.dialler.bytes.equals(all))
  })
}

function pausingSuite(titled: Titled): void {
  titled('a reader that pauses is given nothing until it resumes', async (t, world) => {
    const pair = await connected(t, world)
    pair.accepted.pauseReading()
    await world.idle()
    pair.dialled.write(Buffer.from('wait'))
    await world.idle()
    t.is(pair.acceptor.bytesReceived, 0)
    pair.accepted.resumeReading()
    await world.run('the bytes', () => pair.acceptor.bytesReceived === 4)
  })

  titled('a connection paused while it is accepted is given nothing yet', async (t, world) => {
    const acceptor = new Recorder()
    let accepted: StreamConnection | undefined
    const listener = await listen(t, world, (connection) => {
      accepted = connection
      connection.pauseReading()
      return acceptor
    })
    world.dialling.dial(endpointAt(world, listener), dialMs, (result) => {
      const connection = connectionOf(t, result)
      t.teardown(() => connection.destroy())
      connection.write(Buffer.from('early'))
      return new Recorder()
    })
    await world.run('the connection', () => accepted !== undefined)
    await world.idle()
    t.is(acceptor.bytesReceived, 0)
    accepted!.resumeReading()
    await world.run('the bytes', () => acceptor.bytesReceived === 5)
    listener.close()
  })
}

function slowingSuite(titled: Titled): void {
  titled(
    'a reader that stops fills up the sender, who hears once when all is out',
    async (t, world) => {
      const pair = await connected(t, world)
      pair.accepted.pauseReading()
      await world.idle()
      let lastAnswer = ''
      for (let sent = 0; sent < world.floodBytes; sent += block.length)
        lastAnswer = pair.dialled.write(block)
      await world.idle()
      t.is(lastAnswer, 'queued')
      t.true(pair.dialled.bytesQueued > 0)
      t.is(pair.dialler.drains, 0)
      t.true(pair.acceptor.bytesReceived < world.floodBytes)
      pair.accepted.resumeReading()
      await world.run('the flood', () => pair.acceptor.bytesReceived === world.floodBytes)
      await world.run('the drain', () => pair.dialler.drains > 0)
      await world.idle()
      t.is(pair.dialler.drains, 1)
      t.is(pair.dialled.bytesQueued, 0)
    }
  )

  titled('each "queued" is followed by a drain, also when drains write more', async (t, world) => {
    const pair = await connected(t, world)
    let rounds = 0
    let sent = 0
    const pump = () => {
      while (rounds < 20) {
        sent += block.length
        if (pair.dialled.write(block) === 'queued') break
      }
    }
    pair.dialler.onDrain = () => {
      rounds += 1
      pump()
    }
    pump()
    await world.run('20 drains', () => rounds >= 20)
    await world.run('all bytes', () => pair.acceptor.bytesReceived === sent)
    t.is(pair.dialled.bytesQueued, 0)
  })
}

function endingSuite(titled: Titled): void {
  titled('an end sends what is queued first, then closes both ends in order', async (t, world) => {
    const pair = await connected(t, world)
    const sent = counted(3_000_000, 1)
    pair.dialled.write(sent)
    pair.dialled.end()
    await world.run('both ends closed', () => pair.dialler.isClosed && pair.acceptor.isClosed)
    t.true(pair.acceptor.bytes.equals(sent))
    await expectClosedOnce(t, world, pair)
    t.deepEqual(pair.dialler.closes, [undefined])
    t.deepEqual(pair.acceptor.closes, [undefined])
  })

  titled('a destroyed connection closes both ends', async (t, world) => {
    const pair = await connected(t, world)
    pair.accepted.destroy()
    pair.accepted.destroy()
    t.false(pair.acceptor.isClosed)
    await world.run('both ends closed', () => pair.dialler.isClosed && pair.acceptor.isClosed)
    t.deepEqual(pair.acceptor.closes, [undefined])
    await expectClosedOnce(t, world, pair)
  })

  titled('a destroyed connection hears nothing more', async (t, world) => {
    const pair = await connected(t, world)
    for (let i = 0; i < 20; i += 1) pair.dialled.write(block)
    pair.accepted.destroy()
    const received = pair.acceptor.bytesReceived
    await world.run('both ends closed', () => pair.dialler.isClosed && pair.acceptor.isClosed)
    t.is(pair.acceptor.bytesReceived, received)
    await expectClosedOnce(t, world, pair)
  })

  titled('an ended connection is given nothing more', async (t, world) => {
    const pair = await connected(t, world)
    pair.accepted.end()
    pair.dialled.write(Buffer.from('too late'))
    await world.run('both ends closed', () => pair.dialler.isClosed && pair.acceptor.isClosed)
    t.is(pair.acceptor.bytesReceived, 0)
    await expectClosedOnce(t, world, pair)
  })

  titled('both ends may end at once', async (t, world) => {
    const pair = await connected(t, world)
    pair.accepted.end()
    pair.dialled.end()
    await world.run('both ends closed', () => pair.dialler.isClosed && pair.acceptor.isClosed)
    await expectClosedOnce(t, world, pair)
  })
}

function afterEndSuite(titled: Titled): void {
  titled('what is written after the end is dropped, as "written"', async (t, world) => {
    const pair = await connected(t, world)
    pair.dialled.end()
    t.is(pair.dialled.write(Buffer.from('late')), 'written')
    await world.run('both ends closed', () => pair.dialler.isClosed && pair.acceptor.isClosed)
    t.is(pair.dialled.write(Buffer.from('later')), 'written')
    t.is(pair.accepted.write(Buffer.from('later')), 'written')
    t.is(pair.acceptor.bytesReceived, 0)
    t.is(pair.dialled.bytesQueued, 0)
  })

  titled('everything is harmless after the close', async (t, world) => {
    const pair = await connected(t, world)
    pair.dialled.destroy()
    await world.run('both ends closed', () => pair.dialler.isClosed && pair.acceptor.isClosed)
    for (const connection of [pair.dialled, pair.accepted]) {
      connection.pauseReading()
      connection.resumeReading()
      connection.end()
      connection.destroy()
    }
    await expectClosedOnce(t, world, pair)
  })

  titled('an end does not wait for ever for a reader that stopped', async (t, world) => {
    const pair = await connected(t, world)
    pair.accepted.pauseReading()
    await world.idle()
    for (let sent = 0; sent < world.floodBytes; sent += block.length) pair.dialled.write(block)
    pair.dialled.end()
    await world.run('the end', () => pair.dialler.isClosed)
    t.true(pair.dialler.closes[0] instanceof Error)
    pair.accepted.resumeReading()
    await world.run('the other end', () => pair.acceptor.isClosed)
    t.true(pair.acceptor.bytesReceived < world.floodBytes)
    await expectClosedOnce(t, world, pair)
  })
}

interface Pair {
  readonly listener: StreamListener
  readonly dialled: StreamConnection
  readonly accepted: StreamConnection
  readonly dialler: Recorder
  readonly acceptor: Recorder
}

async function connected(t: ExecutionContext, world: StreamWorld): Promise<Pair> {
  const acceptor = new Recorder()
  const dialler = new Recorder()
  let accepted: StreamConnection | undefined
  let dialled: StreamConnection | undefined
  const listener = await listen(t, world, (connection) => {
    accepted = connection
    return acceptor
  })
  world.dialling.dial(endpointAt(world, listener), dialMs, (result) => {
    dialled = connectionOf(t, result)
    return dialler
  })
  await world.run('the connection', () => accepted !== undefined && dialled !== undefined)
  t.teardown(() => {
    dialled!.destroy()
    accepted!.destroy()
    listener.close()
  })
  return { listener, dialler, acceptor, dialled: dialled!, accepted: accepted! }
}

async function listen(
  t: ExecutionContext,
  world: StreamWorld,
  accept: (connection: StreamConnection) => StreamHandlers | undefined
): Promise<StreamListener> {
  let result: StreamListener | PostroadError | undefined
  world.listening.listen(world.endpoint, accept, (answer) => {
    result = answer
  })
  await world.run('the listener', () => result !== undefined)
  return listenerOf(t, result)
}

async function failedDial(
  world: StreamWorld,
  endpoint: StreamEndpoint
): Promise<PostroadError | undefined> {
  let result: StreamConnection | PostroadError | undefined
  world.dialling.dial(endpoint, dialMs, (answer) => {
    result = answer
    return undefined
  })
  await world.run('the answer', () => result !== undefined)
  return result instanceof PostroadError ? result : undefined
}

async function expectClosedOnce(
  t: ExecutionContext,
  world: StreamWorld,
  pair: Pair
): Promise<void> {
  await world.idle()
  t.is(pair.dialler.closes.length, 1)
  t.is(pair.acceptor.closes.length, 1)
  t.deepEqual(pair.dialler.late, [])
  t.deepEqual(pair.acceptor.late, [])
}

function listenerOf(
  t: ExecutionContext,
  result: StreamListener | PostroadError | undefined
): StreamListener {
  if (result === undefined || result instanceof PostroadError) {
    return t.fail(`no listener: ${result?.message}`) as never
  }
  return result
}

function connectionOf(
  t: ExecutionContext,
  result: StreamConnection | PostroadError
): StreamConnection {
  if (result instanceof PostroadError) return t.fail(`no connection: ${result.message}`) as never
  return result
}

function endpointAt(world: StreamWorld, listener: StreamListener): StreamEndpoint {
  return { ...world.endpoint, port: listener.port }
}

/** Bytes that tell where they are out of place. */
function counted(length: number, salt: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i += 1) bytes[i] = (i * 31 + (i >>> 8) + salt) & 0xff
  return bytes
}
