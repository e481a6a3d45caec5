// The exam of every message store: whole batches, ends in order, reads that see what is committed.

import type { ExecutionContext, TestFn } from 'ava'
import fc from 'fast-check'
import type { PostroadError } from '../../src/base/index.ts'
import type { MessageStore, StorableMessage } from '../../src/ports/index.ts'
import { suiteTest, type World } from './world.ts'

/** A world with an empty store. */
export interface StoreWorld extends World {
  readonly store: MessageStore
  /** Opens the closed store again; left out by stores that are not durable. */
  readonly reopen?: () => MessageStore | Promise<MessageStore>
}

/** @param bytesMax bound of the store; large enough not to matter by default */
type Factory = (bytesMax?: number) => StoreWorld | Promise<StoreWorld>
/** Bound of the stores that are filled. */
const smallBytesMax = 1024 * 1024

type Titled = ReturnType<typeof suiteTest<StoreWorld>>

/** Registers the exam for the stores that `factory` makes. */
export function messageStoreSuite(test: TestFn, name: string, factory: Factory): void {
  const titled = suiteTest(test, name, () => factory())
  batchSuite(titled)
  commitSuite(titled)
  queueSuite(titled)
  removalSuite(titled)
  factSuite(titled)
  summarySuite(titled)
  readSuite(titled)
  closeSuite(titled)
  fullSuite(suiteTest(test, name, () => factory(smallBytesMax)))

  titled('any sequence of batches leaves what a plain map would hold', async (t, first) => {
    t.is(first.store.queues().length, 0)
    await fc.assert(
      fc.asyncProperty(batches, async (changes) => {
        const world = await factory()
        try {
          await compareWithModel(world, changes)
        } finally {
          await world.dispose()
        }
      }),
      { numRuns: 40, includeErrorInReport: true }
    )
  })
}

function batchSuite(titled: Titled): void {
  titled('starts empty', async (t, { store }) => {
    t.deepEqual(store.queues(), [])
    t.deepEqual(store.read('orders', 0, { countMax: 10, bytesMax: 1e9 }), [])
    t.is(store.mark('spoke'), undefined)
    t.is(store.fact('x'), undefined)
    t.deepEqual(store.factKeys(''), [])
  })

  titled('reads see nothing of a batch before it is done', async (t, { store, run }) => {
    let isDone = false
    store.put('orders', 1, message('one'))
    store.setFact('key', 'value')
    store.setMark('spoke', { epoch: 'e', highWater: 4 })
    t.deepEqual(store.queues(), [])
    store.commit((error) => {
      t.is(error, undefined)
      isDone = true
    })
    t.false(isDone)
    await run('the commit', () => isDone)
    t.deepEqual(texts(store, 'orders'), ['1 one'])
    t.is(store.fact('key'), 'value')
    t.deepEqual(store.mark('spoke'), { epoch: 'e', highWater: 4 })
  })
}

function commitSuite(titled: Titled): void {
  titled('commits are done in order, each once', async (t, { store, run, idle }) => {
    const done: number[] = []
    for (let i = 1; i <= 20; i += 1) {
      store.put('orders', i, message(`m${i}`))
      store.commit(() => done.push(i))
    }
    t.deepEqual(done, [])
    await run('all commits', () => done.length >= 20)
    await idle()
    t.deepEqual(
      done,
      Array.from({ length: 20 }, (_, index) => index + 1)
    )
    t.is(store.read('orders', 0, { countMax: 100, bytesMax: 1e9 }).length, 20)
  })

  titled('an empty batch is done too', async (t, world) => {
    await committed(t, world)
    t.deepEqual(world.store.queues(), [])
  })

  titled('a commit made when another is done follows it', async (t, { store, run }) => {
    const done: string[] = []
    store.put('orders', 1, message('one'))
    store.commit(() => {
      done.push('first')
      store.put('orders', 2, message('two'))
      store.commit(() => done.push('second'))
      done.push('returned')
    })
    await run('both', () => done.length === 3)
    t.deepEqual(done, ['first', 'returned', 'second'])
    t.deepEqual(texts(store, 'orders'), ['1 one', '2 two'])
  })

  titled('a message put and removed in one batch leaves nothing', async (t, world) => {
    const { store } = world
    store.put('orders', 1, {
      encodedBytes: 4,
      encode: () => t.fail('it need not be encoded') as never
    })
    store.remove('orders', 1)
    await committed(t, world)
    t.deepEqual(store.queues(), [])
  })
}

function queueSuite(titled: Titled): void {
  titled('messages are read in the order of their sequences, from any place', async (t, world) => {
    const { store } = world
    for (const sequence of [5, 1, 9, 3, 7]) store.put('orders', sequence, message(`m${sequence}`))
    await committed(t, world)
    t.deepEqual(texts(store, 'orders'), ['1 m1', '3 m3', '5 m5', '7 m7', '9 m9'])
    const sequences = (after: number, countMax: number) =>
      store.read('orders', after, { countMax, bytesMax: 1e9 }).map((stored) => stored.sequence)
    t.deepEqual(sequences(3, 2), [5, 7])
    t.deepEqual(sequences(4, 2), [5, 7])
    t.deepEqual(sequences(9, 2), [])
    t.deepEqual(sequences(0, 0), [])
  })

  titled('large sequences keep their order', async (t, world) => {
    const { store } = world
    const sequences = [2 ** 40, 9, 10, 2 ** 32, Number.MAX_SAFE_INTEGER]
    for (const sequence of sequences) store.put('orders', sequence, message('m'))
    await committed(t, world)
    const read = store
      .read('orders', 0, { countMax: 10, bytesMax: 1e9 })
      .map((stored) => stored.sequence)
    t.deepEqual(read, [9, 10, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER])
  })

  titled('queues do not mix, whatever their names', async (t, world) => {
    const { store } = world
    const names = ['a', 'a/b', 'a\0', 'ž', 'a b', 'A', 'a.b.c', '__proto__']
    for (const name of names) store.put(name, 1, message(name))
    await committed(t, world)
    t.deepEqual([...store.queues()].sort(), [...names].sort())
    for (const name of names) t.deepEqual(texts(store, name), [`1 ${name}`])
  })
}

function removalSuite(titled: Titled): void {
  titled('a removed message is gone, an absent one is ignored', async (t, world) => {
    const { store } = world
    for (const sequence of [1, 2, 3]) store.put('orders', sequence, message(`m${sequence}`))
    await committed(t, world)
    store.remove('orders', 2)
    store.remove('orders', 99)
    store.remove('nowhere', 1)
    await committed(t, world)
    t.deepEqual(texts(store, 'orders'), ['1 m1', '3 m3'])
    t.deepEqual(store.queues(), ['orders'])
  })

  titled('a queue without messages is not named', async (t, world) => {
    const { store } = world
    store.put('orders', 1, message('one'))
    await committed(t, world)
    store.remove('orders', 1)
    await committed(t, world)
    t.deepEqual(store.queues(), [])
  })

  titled('a message put again is replaced', async (t, world) => {
    const { store } = world
    store.put('orders', 1, message('old'))
    store.put('orders', 2, message('two'))
    await committed(t, world)
    store.put('orders', 1, message('new'))
    await committed(t, world)
    t.deepEqual(texts(store, 'orders'), ['1 new', '2 two'])
  })

  titled('removing a queue spares what the batch puts afterwards', async (t, world) => {
    const { store } = world
    store.put('orders', 1, message('old'))
    store.put('other', 1, message('stays'))
    await committed(t, world)
    store.put('orders', 2, message('lost'))
    store.removeQueue('orders')
    store.put('orders', 3, message('kept'))
    store.removeQueue('nowhere')
    await committed(t, world)
    t.deepEqual(texts(store, 'orders'), ['3 kept'])
    t.deepEqual(texts(store, 'other'), ['1 stays'])
  })

  titled('a long queue is worked off from its head', async (t, world) => {
    const { store } = world
    for (let i = 1; i <= 2_000; i += 1) store.put('orders', i, message(`${i}`))
    await committed(t, world)
    for (let i = 1; i <= 1_900; i += 1) store.remove('orders', i)
    for (let i = 2_001; i <= 2_100; i += 1) store.put('orders', i, message(`${i}`))
    await committed(t, world)
    const left = store.read('orders', 0, { countMax: 5_000, bytesMax: 1e9 })
    t.is(left.length, 200)
    t.is(left[0]!.sequence, 1_901)
    t.is(left.at(-1)!.sequence, 2_100)
    t.is(left[0]!.bytes.toString(), '1901')
  })

  titled('empty messages and large ones come back as they were', async (t, world) => {
    const { store } = world
    const large = 'long '.repeat(100_000)
    store.put('orders', 1, message(''))
    store.put('orders', 2, message(large))
    await committed(t, world)
    t.deepEqual(texts(store, 'orders'), ['1 ', `2 ${large}`])
  })
}

function factSuite(titled: Titled): void {
  titled('facts are set, replaced, deleted and listed in order', async (t, world) => {
    const { store } = world
    for (const key of ['sub/b', 'sub/a', 'other', 'su']) store.setFact(key, `v-${key}`)
    await committed(t, world)
    t.deepEqual(store.factKeys('sub/'), ['sub/a', 'sub/b'])
    t.deepEqual(store.factKeys(''), ['other', 'su', 'sub/a', 'sub/b'])
    store.setFact('sub/a', undefined)
    store.setFact('sub/b', '')
    store.setFact('nowhere', undefined)
    await committed(t, world)
    t.deepEqual(store.factKeys('sub/'), ['sub/b'])
    t.is(store.fact('sub/a'), undefined)
    t.is(store.fact('sub/b'), '')
  })

  titled('a mark is the last one set', async (t, world) => {
    const { store } = world
    store.setMark('spoke', { epoch: 'e1', highWater: 1 })
    store.setMark('spoke', { epoch: 'e1', highWater: 2 })
    await committed(t, world)
    store.setMark('spoke', { epoch: 'e2', highWater: 0 })
    t.deepEqual(store.mark('spoke'), { epoch: 'e1', highWater: 2 })
    await committed(t, world)
    t.deepEqual(store.mark('spoke'), { epoch: 'e2', highWater: 0 })
    t.is(store.mark('other'), undefined)
  })
}

function summarySuite(titled: Titled): void {
  titled('a summary counts what is committed, from the first to the last', async (t, world) => {
    const { store } = world
    t.is(store.summary('orders'), undefined)
    for (const sequence of [4, -2, 9]) store.put('orders', sequence, message('four'))
    t.is(store.summary('orders'), undefined)
    await committed(t, world)
    const whole = { count: 3, bytes: 12, firstSequence: -2, lastSequence: 9 }
    t.deepEqual(store.summary('orders'), whole)
    t.is(store.summary('other'), undefined)
    store.put('orders', 4, message('longer'))
    store.remove('orders', -2)
    store.remove('orders', -1)
    t.deepEqual(store.summary('orders'), whole)
    await committed(t, world)
    t.deepEqual(store.summary('orders'), {
      count: 2,
      bytes: 10,
      firstSequence: 4,
      lastSequence: 9
    })
    store.remove('orders', 9)
    store.put('orders', 5, message(''))
    await committed(t, world)
    t.deepEqual(store.summary('orders'), { count: 2, bytes: 6, firstSequence: 4, lastSequence: 5 })
    store.removeQueue('orders')
    await committed(t, world)
    t.is(store.summary('orders'), undefined)
  })

  titled('a summary survives its store', async (t, world) => {
    const { store, reopen } = world
    for (let i = 1; i <= 500; i += 1) store.put('orders', i, message(`${i}`))
    store.removeQueue('other')
    await committed(t, world)
    for (let i = 1; i <= 400; i += 1) store.remove('orders', i)
    await committed(t, world)
    const expected = { count: 100, bytes: 300, firstSequence: 401, lastSequence: 500 }
    t.deepEqual(store.summary('orders'), expected)
    await closed(world)
    if (reopen === undefined) return
    const again = await reopen()
    t.deepEqual(again.summary('orders'), expected)
    again.put('orders', 500, message('longer'))
    again.put('orders', 501, message('new'))
    await committed(t, { ...world, store: again })
    t.deepEqual(again.summary('orders'), { ...expected, count: 101, bytes: 306, lastSequence: 501 })
  })

  titled('a store has an id that it keeps', async (t, world) => {
    const { storeId } = world.store
    t.regex(storeId, /^[0-9a-z]{6,64}$/)
    await closed(world)
    if (world.reopen !== undefined) t.is((await world.reopen()).storeId, storeId)
  })

  titled('usage rises with what is stored and falls when it is removed', async (t, world) => {
    const { store } = world
    const empty = store.usage()
    t.true(empty.bytesUsed <= empty.bytesMax)
    for (let i = 1; i <= 100; i += 1) store.put('orders', i, message('x'.repeat(10_000)))
    await committed(t, world)
    const filled = store.usage()
    t.true(filled.bytesUsed >= empty.bytesUsed + 1_000_000)
    t.is(filled.bytesMax, empty.bytesMax)
    for (let i = 1; i <= 100; i += 1) store.remove('orders', i)
    await committed(t, world)
    t.true(store.usage().bytesUsed <= empty.bytesUsed + 100_000)
  })
}

function readSuite(titled: Titled): void {
  titled('a read ends at its count, and at its bytes but for one message', async (t, world) => {
    const { store } = world
    for (let i = 1; i <= 9; i += 1) store.put('orders', i, message('x'.repeat(i * 100)))
    await committed(t, world)
    const sequences = (after: number, countMax: number, bytesMax: number): number[] =>
      store.read('orders', after, { countMax, bytesMax }).map((stored) => stored.sequence)
    t.deepEqual(sequences(0, 9, 1_000), [1, 2, 3, 4])
    t.deepEqual(sequences(0, 9, 999), [1, 2, 3])
    t.deepEqual(sequences(0, 2, 1_000), [1, 2])
    t.deepEqual(sequences(4, 9, 500), [5])
    t.deepEqual(sequences(4, 9, 1), [5])
    t.deepEqual(sequences(4, 0, 1), [])
    t.deepEqual(sequences(9, 9, 1_000), [])
    t.deepEqual(sequences(Number.MAX_SAFE_INTEGER, 9, 1_000), [])
  })

  titled('sequences below zero come before the others', async (t, world) => {
    const { store } = world
    const sequences = [0, -1, 3, -(2 ** 33), Number.MIN_SAFE_INTEGER]
    for (const sequence of sequences) store.put('orders', sequence, message('m'))
    await committed(t, world)
    const from = (after: number): number[] => {
      const limits = { countMax: 10, bytesMax: 1_000 }
      return store.read('orders', after, limits).map((stored) => stored.sequence)
    }
    t.deepEqual(
      from(Number.NEGATIVE_INFINITY),
      [...sequences].sort((a, b) => a - b)
    )
    t.deepEqual(from(-(2 ** 33)), [-1, 0, 3])
    t.deepEqual(from(-1), [0, 3])
    store.remove('orders', Number.MIN_SAFE_INTEGER)
    await committed(t, world)
    t.is(store.summary('orders')!.firstSequence, -(2 ** 33))
  })

  titled("a message read is the reader's, whatever happens to the store", async (t, world) => {
    const { store } = world
    store.put('orders', 1, message('kept'))
    store.put('orders', 2, message('x'.repeat(50_000)))
    await committed(t, world)
    const [first, second] = store.read('orders', 0, { countMax: 2, bytesMax: 1e9 })
    store.removeQueue('orders')
    for (let i = 1; i <= 50; i += 1) store.put('orders', i, message(`${i}`.repeat(5_000)))
    await committed(t, world)
    store.read('orders', 0, { countMax: 50, bytesMax: 1e9 })
    t.is(first!.bytes.toString(), 'kept')
    t.is(second!.bytes.toString(), 'x'.repeat(50_000))
  })
}

function fullSuite(titled: Titled): void {
  titled('a store filled to the brim can be emptied and filled again', async (t, world) => {
    const { store } = world
    const filled: number[] = []
    for (let round = 0; round < 4; round += 1) {
      filled.push(await fill(t, world))
      const held = store.summary('orders')!
      t.is(held.count, filled.at(-1)!)
      t.true(store.usage().bytesUsed <= smallBytesMax)
      // From the head, in pieces; then the rest at once.
      const last = held.lastSequence
      for (let at = held.firstSequence; at <= last - 20; at += 1) {
        store.remove('orders', at)
        if (at % 7 === 0) await committed(t, world)
      }
      if (round % 2 === 0) store.removeQueue('orders')
      else for (let at = last - 19; at <= last; at += 1) store.remove('orders', at)
      await committed(t, world)
      t.is(store.summary('orders'), undefined)
    }
    t.true(filled[0]! > 100, `${filled}`)
    t.true(Math.min(...filled) >= filled[0]! * 0.8, `${filled}`)
  })

  titled('a batch that does not fit takes those begun meanwhile with it', async (t, world) => {
    const { store, run } = world
    store.put('orders', 1, message('kept'))
    store.setFact('key', 'kept')
    await committed(t, world)
    const results: string[] = []
    const commitAs = (name: string): void =>
      store.commit((error) => results.push(`${name} ${error?.code ?? 'done'}`))
    store.put('orders', 2, message('before'))
    commitAs('before')
    store.remove('orders', 1)
    store.removeQueue('orders')
    store.setFact('key', 'lost')
    store.setMark('spoke', { epoch: 'e', highWater: 1 })
    for (let i = 3; i < 20; i += 1) store.put('orders', i, message('x'.repeat(smallBytesMax / 8)))
    commitAs('large')
    store.put('other', 1, message('after'))
    commitAs('after')
    await run('all', () => results.length === 3)
    const isFull = 'LOCAL_STORE_FULL'
    t.deepEqual(results, ['before done', `large ${isFull}`, `after ${isFull}`])
    t.deepEqual(texts(store, 'orders'), ['1 kept', '2 before'])
    t.deepEqual(texts(store, 'other'), [])
    t.is(store.fact('key'), 'kept')
    t.is(store.mark('spoke'), undefined)
    store.put('other', 2, message('later'))
    await committed(t, world)
    t.deepEqual(texts(store, 'other'), ['2 later'])
  })
}

/** Puts messages of 1,000 bytes, ten a batch, until there is no room; answers how many. */
async function fill(t: ExecutionContext, world: StoreWorld): Promise<number> {
  const { store } = world
  let count = 0
  for (let batch = 0; batch < 10_000; batch += 1) {
    for (let i = 1; i <= 10; i += 1) store.put('orders', count + i, message('x'.repeat(1_000)))
    const error = await commit(world)
    if (error !== undefined) {
      t.is(error.code, 'LOCAL_STORE_FULL')
      t.regex(error.message, /let consumers catch up, or raise/)
      return count
    }
    count += 10
  }
  throw new Error('the store is never full')
}

async function closed({ store, run }: StoreWorld): Promise<void> {
  let isClosed = false
  store.close((error) => {
    if (error !== undefined) throw error
    isClosed = true
  })
  await run('the close', () => isClosed)
}

function closeSuite(titled: Titled): void {
  titled('a close ends the commits made before it', async (t, { store, run }) => {
    const done: string[] = []
    store.put('orders', 1, message('one'))
    store.commit((error) => done.push(`commit ${error}`))
    store.close((error) => done.push(`close ${error}`))
    t.deepEqual(done, [])
    await run('the close', () => done.length === 2)
    t.deepEqual(done, ['commit undefined', 'close undefined'])
  })

  titled('a durable store opens with what was committed', async (t, world) => {
    const { store, reopen, run } = world
    t.is(store.isDurable, reopen !== undefined)
    let isClosed = false
    store.put('orders', 1, message('kept'))
    store.setFact('key', 'value')
    store.setMark('spoke', { epoch: 'e', highWater: 7 })
    await committed(t, world)
    store.put('orders', 2, message('never committed'))
    store.close(() => {
      isClosed = true
    })
    await run('the close', () => isClosed)
    if (reopen === undefined) return
    const again = await reopen()
    t.deepEqual(texts(again, 'orders'), ['1 kept'])
    t.is(again.fact('key'), 'value')
    t.deepEqual(again.mark('spoke'), { epoch: 'e', highWater: 7 })
  })
}

function message(text: string): StorableMessage {
  const bytes = Buffer.from(text)
  return { encodedBytes: bytes.length, encode: () => Buffer.from(bytes) }
}

function texts(store: MessageStore, queue: string): string[] {
  const stored = store.read(queue, Number.NEGATIVE_INFINITY, {
    countMax: 10_000,
    bytesMax: 1e9
  })
  return stored.map(({ sequence, bytes }) => `${sequence} ${bytes.toString()}`)
}

async function committed(t: ExecutionContext, world: StoreWorld): Promise<void> {
  t.is(await commit(world), undefined)
}

async function commit(world: StoreWorld): Promise<PostroadError | undefined> {
  let isDone = false
  let failure: PostroadError | undefined
  world.store.commit((error) => {
    failure = error
    isDone = true
  })
  await world.run('the commit', () => isDone)
  return failure
}

type Change =
  | { readonly kind: 'put' | 'remove'; readonly queue: string; readonly sequence: number }
  | { readonly kind: 'clear'; readonly queue: string }

const queueName = fc.constantFrom('a', 'b', 'c')
const sequence = fc.integer({ min: 1, max: 12 })
const change: fc.Arbitrary<Change> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('put'), queue: queueName, sequence }), weight: 6 },
  { arbitrary: fc.record({ kind: fc.constant('remove'), queue: queueName, sequence }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('clear'), queue: queueName }), weight: 1 }
)
const batches = fc.array(fc.array(change, { maxLength: 15 }), { maxLength: 8 })

async function compareWithModel(world: StoreWorld, changes: readonly Change[][]): Promise<void> {
  const model = new Map<string, Map<number, string>>()
  let count = 0
  for (const batch of changes) {
    for (const change of batch) {
      count += 1
      apply(world.store, change, `m${count}`)
      applyToModel(model, change, `m${count}`)
    }
    const failure = await commit(world)
    if (failure !== undefined) throw failure
    compare(world.store, model)
  }
}

function apply(store: MessageStore, change: Change, text: string): void {
  if (change.kind === 'clear') store.removeQueue(change.queue)
  else if (change.kind === 'remove') store.remove(change.queue, change.sequence)
  else store.put(change.queue, change.sequence, message(text))
}

function applyToModel(model: Map<string, Map<number, string>>, change: Change, text: string): void {
  const queue = model.get(change.queue) ?? new Map<number, string>()
  model.set(change.queue, queue)
  if (change.kind === 'clear') queue.clear()
  else if (change.kind === 'remove') queue.delete(change.sequence)
  else queue.set(change.sequence, text)
}

function compare(store: MessageStore, model: Map<string, Map<number, string>>): void {
  const filled = [...model].filter(([, messages]) => messages.size > 0)
  const names = filled.map(([name]) => name).sort()
  const found = [...store.queues()].sort()
  if (found.join() !== names.join()) throw new Error(`queues ${found}, expected ${names}`)
  for (const [name, messages] of filled) {
    const expected = [...messages].sort(([a], [b]) => a - b).map(([at, text]) => `${at} ${text}`)
    const held = texts(store, name)
    const bytes = [...messages.values()].reduce((sum, text) => sum + text.length, 0)
    const ends = [...messages.keys()].sort((a, b) => a - b)
    const { count, firstSequence, lastSequence, ...summary } = store.summary(name)!
    const isRight =
      count === messages.size &&
      summary.bytes === bytes &&
      firstSequence === ends[0] &&
      lastSequence === ends.at(-1)
    if (!isRight) throw new Error(`${name}: ${JSON.stringify(store.summary(name))}`)
    if (held.join() !== expected.join()) throw new Error(`${name}: ${held}, expected ${expected}`)
  }
}
