import { connect, createServer, type Server, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { FaultLink } from '../../sim/real/fault-link.ts'
import { heldBytesMax } from '../../sim/real/fault-pipe.ts'
import type { SimLink } from '../../sim/topologies.ts'
import { waitUntil } from '../support/wait-until.ts'

/** One end of a connection, and all it has seen. */
interface End {
  readonly socket: Socket
  text: string
  /** 'end', 'closed', or the code of an error. */
  over: string | undefined
}

interface Bench {
  readonly link: FaultLink
  dial(): Promise<[End, End]>
  /** Dials without waiting for an answer. */
  dialOnly(): End
  readonly accepted: End[]
  readonly server: Server
}

function watch(socket: Socket): End {
  const end: End = { socket, text: '', over: undefined }
  socket.on('data', (bytes: Buffer) => {
    end.text += bytes.toString('latin1')
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end.over = error.code
  })
  socket.on('end', () => {
    end.over ??= 'end'
  })
  return end
}

/** A link whose end 'a' dials a server of ours, which stands for the broker 'b'. */
async function makeBench(t: ExecutionContext): Promise<Bench> {
  const accepted: End[] = []
  const server = createServer({ noDelay: true }, (socket) => accepted.push(watch(socket)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const made: SimLink = { a: 'a', b: 'b', cost: 1, dialledBy: 'a' }
  const link = await FaultLink.open({ link: made, portOf: () => port, random: () => 0.5 })
  const ends: End[] = []
  t.teardown(async () => {
    for (const { socket } of [...ends, ...accepted]) socket.destroy()
    server.close()
    await link.close()
  })
  const dialOnly = (): End => {
    const end = watch(connect({ port: link.portFor('a')!, host: '127.0.0.1', noDelay: true }))
    ends.push(end)
    return end
  }
  const dial = async (): Promise<[End, End]> => {
    const count = accepted.length
    const end = dialOnly()
    await waitUntil('the connection is made', () => accepted.length > count)
    return [end, accepted[count]!]
  }
  return { link, dial, dialOnly, accepted, server }
}

async function pass(from: End, to: End, text: string): Promise<number> {
  const beganMs = performance.now()
  const before = to.text.length
  from.socket.write(text)
  await waitUntil(`"${text}" arrives`, () => to.text.length >= before + text.length)
  return performance.now() - beganMs
}

async function quietFor(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}

test('bytes pass both ways, and an orderly end passes after them', async (t) => {
  const { dial } = await makeBench(t)
  const [a, b] = await dial()
  await pass(a, b, 'hello')
  await pass(b, a, 'welcome')
  a.socket.end('last words')
  await waitUntil('the end arrives', () => b.over !== undefined)
  t.is(b.text, 'hellolast words')
  t.is(b.over, 'end')
})

test('bytes take as long as the link says, and keep their order', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a, b] = await dial()
  link.setQuality({ latencyMs: 80, jitterMs: 40 })
  t.true((await pass(a, b, 'x')) >= 80)
  for (let number = 0; number < 50; number += 1) {
    a.socket.write(`${number} `)
    await quietFor(1)
  }
  const expected = `x${Array.from({ length: 50 }, (_, number) => `${number} `).join('')}`
  await waitUntil('all arrive', () => b.text.length === expected.length)
  t.is(b.text, expected)
})

test('a throttled link trickles: it neither stops nor hurries', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a, b] = await dial()
  link.setQuality({ bytesPerSecond: 100_000 })
  const beganMs = performance.now()
  a.socket.write(Buffer.alloc(50_000, 'x'))
  await waitUntil('a tenth has come', () => b.text.length >= 5_000)
  t.true(b.text.length < 40_000, `${b.text.length} bytes came at once`)
  await waitUntil('all arrive', () => b.text.length === 50_000)
  t.true(performance.now() - beganMs >= 450)
})

test('a link that gets faster again lets what is held go', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a, b] = await dial()
  link.setQuality({ bytesPerSecond: 1_000 })
  a.socket.write(Buffer.alloc(50_000, 'x'))
  await waitUntil('some arrive', () => b.text.length > 0)
  link.setQuality({ bytesPerSecond: Infinity })
  await waitUntil('all arrive', () => b.text.length === 50_000, 5_000)
  t.pass()
})

test('a cut link holds bytes and tells nobody; healed, they flow again', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a, b] = await dial()
  link.cut()
  a.socket.write('held')
  b.socket.write('back')
  await quietFor(100)
  t.deepEqual([a.text, b.text, a.over, b.over], ['', '', undefined, undefined])
  t.true(link.isCut)
  link.heal()
  await waitUntil('what was held arrives', () => a.text === 'back' && b.text === 'held')
  t.false(link.isCut)
})

test('an end that gives up while the link is cut resets the other once it is healed', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a, b] = await dial()
  link.cut()
  a.socket.resetAndDestroy()
  await quietFor(100)
  t.is(b.over, undefined)
  link.heal()
  await waitUntil('the other end is told', () => b.over !== undefined)
  t.is(b.over, 'ECONNRESET')
})

test('a cut of one way leaves the other whole, up to what no acknowledgement stops', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a, b] = await dial()
  link.cutFrom('a')
  a.socket.write('lost')
  await pass(b, a, 'still heard')
  t.is(b.text, '')
  b.socket.write(Buffer.alloc(1_000_000, 'x'))
  await quietFor(200)
  t.true(a.text.length <= 2 * heldBytesMax, `${a.text.length} bytes without acknowledgement`)
  link.heal()
  await waitUntil('the rest arrives', () => a.text.length === 1_000_011 && b.text === 'lost')
  t.pass()
})

test('a cut link takes a dial and is silent; healed in time, the dial gets through', async (t) => {
  const { link, dialOnly, accepted } = await makeBench(t)
  link.cut()
  const a = dialOnly()
  a.socket.write('anybody?')
  await quietFor(100)
  t.is(accepted.length, 0)
  t.is(a.over, undefined)
  link.heal()
  await waitUntil('the dial arrives', () => accepted[0]?.text === 'anybody?')
  t.pass()
})

test('a dial to a broker that is not there is reset', async (t) => {
  const { server, dialOnly } = await makeBench(t)
  server.close()
  const a = dialOnly()
  await waitUntil('it is told', () => a.over !== undefined)
  t.is(a.over, 'ECONNRESET')
})

test('a reset is told to both ends', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a, b] = await dial()
  link.reset()
  await waitUntil('both are told', () => a.over !== undefined && b.over !== undefined)
  t.deepEqual([a.over, b.over], ['ECONNRESET', 'ECONNRESET'])
})

test('a half-open connection is believed in by the other end until it sends', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a, b] = await dial()
  link.breakAt('a')
  await waitUntil('this end is told', () => a.over !== undefined)
  await quietFor(100)
  t.is(b.over, undefined)
  b.socket.write('are you there?')
  await waitUntil('the other end is told', () => b.over !== undefined)
  t.is(b.over, 'ECONNRESET')
})

test('a machine that is off answers nothing, not even when its sockets close', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a, b] = await dial()
  link.setPower('b', false)
  b.socket.destroy()
  await quietFor(100)
  t.is(a.over, undefined)
  link.setPower('b', true)
  await waitUntil('its end is told afterwards', () => a.over !== undefined)
  t.pass()
})

test('a sender that nobody reads is not read: what is held has a bound', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a] = await dial()
  link.cut()
  for (let count = 0; count < 50; count += 1) a.socket.write(Buffer.alloc(1_000_000))
  await quietFor(300)
  t.true(link.heldBytes <= 2 * heldBytesMax, `${link.heldBytes} bytes are held`)
  t.true(a.socket.writableLength > 10_000_000)
})

test('bytes can be put between those that a broker sends', async (t) => {
  const { link, dial } = await makeBench(t)
  t.false(link.poisonFrom('b'))
  const [a, b] = await dial()
  await pass(b, a, 'good')
  t.true(link.poisonFrom('b'))
  await waitUntil('the poison arrives', () => a.text.length > 4)
  t.regex(a.text, /^good\u00ff{64}$/)
})

test('connections that are over leave nothing behind', async (t) => {
  const { link, dial } = await makeBench(t)
  const [a] = await dial()
  const [, other] = await dial()
  t.is(link.streamCount, 2)
  a.socket.end()
  other.socket.resetAndDestroy()
  await waitUntil('both are gone', () => link.streamCount === 0)
  t.is(link.heldBytes, 0)
})
