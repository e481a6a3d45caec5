import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isPostroadError, PostroadError } from '../../src/base/index.ts'
import { openLmdbStore, releaseDiskReserve, StoreReader } from '../../src/platform/index.ts'
import { LmdbEnvironment, type Operation } from '../../src/platform/lmdb-store/lmdb-environment.ts'
import { LmdbStore } from '../../src/platform/lmdb-store/lmdb-store.ts'
import { messageKey, recordKey, recordKinds } from '../../src/platform/lmdb-store/record-keys.ts'
import type { MessageStore, StorableMessage } from '../../src/ports/index.ts'
import { messageStoreSuite } from '../conformance/message-store.suite.ts'
import { realWorld } from './real-world.ts'

const mib = 1024 * 1024

messageStoreSuite(test, 'LMDB store', async (bytesMax = 512 * mib) => {
  const directory = mkdtempSync(join(tmpdir(), 'postroad-store-'))
  const store = await openLmdbStore({ directory, bytesMax })
  const reopen = () => openLmdbStore({ directory, bytesMax })
  // A store that has crashed may still be writing what it had begun.
  const remove = { recursive: true, maxRetries: 50, retryDelay: 20 }
  return { ...realWorld(() => rmSync(directory, remove)), store, reopen }
})

test('a batch that cannot be written changes nothing, and the store goes on', async (t) => {
  const { store, faults } = await openedWithFaults(t)
  t.is(await putOne(store, 1, 10), undefined)
  faults.push(() => new PostroadError('LOCAL_STORE_FAILED', 'the disk failed'))
  store.setFact('key', 'lost')
  t.is((await putOne(store, 2, 10))?.message, 'the disk failed')
  t.deepEqual(sequences(store), [1])
  t.is(store.fact('key'), undefined)
  t.is(await putOne(store, 3, 10), undefined)
  t.deepEqual(sequences(store), [1, 3])
  t.like(store.summary('orders'), { count: 2, bytes: 20 })
})

test('of commits written together those from the first bad one on fail, in order', async (t) => {
  const { store, faults } = await openedWithFaults(t)
  const isBad = (operations: readonly Operation[]): PostroadError | undefined =>
    operations.some(({ value }) => value?.length === 666)
      ? new PostroadError('LOCAL_STORE_FAILED', 'bad')
      : undefined
  for (let i = 0; i < 9; i += 1) faults.push(isBad)
  const results: string[] = []
  const ends = [10, 20, 666, 30, 666, 40].map((bytes, index) => {
    const end = putOne(store, index + 1, bytes)
    void end.then((error) => results.push(`${index + 1} ${error?.message ?? 'done'}`))
    return end
  })
  await Promise.all(ends)
  t.deepEqual(results, ['1 done', '2 done', '3 bad', '4 bad', '5 bad', '6 bad'])
  t.deepEqual(sequences(store), [1, 2])
})

test('on a full disk removals get the room that was kept, puts do not', async (t) => {
  const { store, faults, directory } = await openedWithFaults(t)
  const reserve = join(directory, 'reserve')
  t.is(await putOne(store, 1, 100), undefined)
  await realWorld().run('the reserve', () => existsSync(reserve))
  const isFull = (): PostroadError | undefined =>
    existsSync(reserve) ? new PostroadError('LOCAL_STORE_FULL', 'the disk is full') : undefined
  faults.push(isFull)
  t.is((await putOne(store, 2, 100))?.code, 'LOCAL_STORE_FULL')
  t.true(existsSync(reserve))
  faults.push(isFull)
  store.remove('orders', 1)
  t.is(await commit(store), undefined)
  t.false(existsSync(reserve))
  t.deepEqual(sequences(store), [])
  // With room on the disk again, it is kept again after some commits.
  for (let i = 0; i < 300; i += 1) t.is(await putOne(store, 10, 100), undefined)
  await realWorld().run('the reserve again', () => existsSync(reserve))
  t.is(statSync(reserve).size, mib)
})

test('on a full disk what is put goes with removals of as much, and facts go alone', async (t) => {
  const { store, faults, directory } = await openedWithFaults(t)
  const reserve = join(directory, 'reserve')
  t.is(await putOne(store, 1, 500), undefined)
  t.is(await putOne(store, 2, 500), undefined)
  await realWorld().run('the reserve', () => existsSync(reserve))
  const isFull = (): PostroadError | undefined =>
    existsSync(reserve) ? new PostroadError('LOCAL_STORE_FULL', 'the disk is full') : undefined
  faults.push(isFull)
  store.remove('orders', 1)
  t.is((await putOne(store, 3, 600))?.code, 'LOCAL_STORE_FULL')
  faults.push(isFull)
  store.remove('orders', 1)
  store.remove('orders', 2)
  store.setFact('delivered orders', '4096')
  t.is(await putOne(store, 3, 600), undefined)
  t.false(existsSync(reserve))
  t.deepEqual(sequences(store), [3])
  faults.push(isFull)
  store.setFact('delivered orders', '8192')
  t.is(await commit(store), undefined)
  t.is(store.fact('delivered orders'), '8192')
})

test('a store gives up its reserve to whoever opens it', async (t) => {
  const { store, directory } = await openedWithFaults(t)
  const reserve = join(directory, 'reserve')
  t.is(await putOne(store, 1, 100), undefined)
  await realWorld().run('the reserve', () => existsSync(reserve))
  t.true(releaseDiskReserve(directory))
  t.false(existsSync(reserve))
  t.false(releaseDiskReserve(directory))
})

test('a long queue goes at once, and the room comes back bit by bit', async (t) => {
  const directory = newDirectory(t)
  const options = { directory, bytesMax: 64 * mib }
  const store = await openLmdbStore(options)
  const empty = store.usage().bytesUsed
  for (let i = 1; i <= 20_000; i += 1) store.put('orders', i, message(500))
  t.is(await commit(store), undefined)
  const filled = store.usage().bytesUsed
  t.true(filled > 10_000_000)
  store.removeQueue('orders')
  store.put('orders', 1, message(5))
  t.is(await commit(store), undefined)
  t.like(store.summary('orders'), { count: 1, bytes: 5 })
  await close(store)
  const reader = await StoreReader.open(directory)
  t.is(reader.deadRuns, 1)
  await reader.close()
  // What was left to delete is taken up after a restart.
  const again = await openLmdbStore(options)
  t.true(again.usage().bytesUsed > empty + 1_000_000)
  t.is(await putOne(again, 2, 5), undefined)
  await realWorld().run('the deletion', () => again.usage().bytesUsed < empty + 200_000)
  t.deepEqual(sequences(again), [1, 2])
  await close(again)
})

test('the file keeps within its bound, whatever comes and goes', async (t) => {
  const directory = newDirectory(t)
  const bytesMax = 8 * mib
  const store = await openLmdbStore({ directory, bytesMax })
  const lengths = [10, 900, 3_000, 5_000, 20_000, 130_000]
  let sequence = 0
  let refused = 0
  for (let step = 0; step < 1_200; step += 1) {
    const queue = `q${step % 5}`
    for (let i = 0; i < 1 + (step % 4); i += 1) {
      sequence += 1
      store.put(queue, sequence, message(lengths[(step * 7 + i) % lengths.length]!))
    }
    if ((await commit(store)) === undefined) continue
    refused += 1
    const held = store.read(`q${(step * 3) % 5}`, 0, { countMax: 60, bytesMax: 1e9 })
    for (const { sequence: at } of held) store.remove(`q${(step * 3) % 5}`, at)
    t.is(await commit(store), undefined)
    t.true(store.usage().bytesUsed <= bytesMax)
  }
  t.true(refused > 10)
  const { size } = statSync(join(directory, 'data.mdb'))
  t.true(size <= bytesMax * 1.1, `${size}`)
  await close(store)
})

test('reads go on while the file is opened again to give its memory back', async (t) => {
  const directory = newDirectory(t)
  const store = await openLmdbStore({ directory, bytesMax: 512 * mib })
  const large = message(mib)
  for (let i = 1; i <= 50; i += 1) store.put('orders', i, large)
  t.is(await commit(store), undefined)
  for (let round = 0; round < 3; round += 1) {
    for (let after = 0; after < 50; after += 5) {
      const read = store.read('orders', after, { countMax: 5, bytesMax: 1e9 })
      t.is(read.length, 5)
      t.is(read[0]!.bytes.length, mib)
      // A commit between, and reads while the file is being opened again.
      if (after === 25) t.is(await putOne(store, 100 + round, 10), undefined)
      else await Promise.resolve()
    }
  }
  t.is(store.summary('orders')!.count, 53)
  await close(store)
})

test('a store of a newer format is refused, with what to do', async (t) => {
  const directory = newDirectory(t)
  await close(await openLmdbStore({ directory, bytesMax: mib }))
  const options = { directory, mapBytes: mib, isReadOnly: false }
  const environment = await LmdbEnvironment.open(options)
  const value = Buffer.from(JSON.stringify({ format: 2, storeId: 'x' }))
  await environment.write([{ key: recordKey(recordKinds.header, 0), value }])
  await environment.close()
  const error = await refused(t, directory)
  t.regex(error.message, /has format 2, and this version of Postroad reads formats up to 1: run /)
  await t.throwsAsync(StoreReader.open(directory), { message: /has format 2/ })
})

test('what is no store is refused before the library sees it', async (t) => {
  const directory = newDirectory(t)
  const file = join(directory, 'data.mdb')
  mkdirSync(directory)
  for (const content of ['hello\n', 'x'.repeat(100_000), '\0'.repeat(30_000)]) {
    writeFileSync(file, content)
    t.regex((await refused(t, directory)).message, /data\.mdb" is no store of Postroad; name/)
    await t.throwsAsync(StoreReader.open(directory), { message: /is no store of Postroad/ })
  }
  rmSync(file)
  mkdirSync(file)
  t.regex((await refused(t, directory)).message, /EISDIR/)
  rmSync(directory, { recursive: true })
  writeFileSync(directory, 'in the way')
  t.regex((await refused(t, directory)).message, /a file of that name is in the way/)
})

test('a file of LMDB that another program made is left alone', async (t) => {
  const directory = newDirectory(t)
  mkdirSync(directory)
  const options = { directory, mapBytes: mib, isReadOnly: false }
  const environment = await LmdbEnvironment.open(options)
  await environment.write([{ key: Buffer.from('theirs'), value: Buffer.from('data') }])
  await environment.close()
  t.regex((await refused(t, directory)).message, /is no store of Postroad/)
})

test('a file that was cut off is damaged, an empty one is new', async (t) => {
  const directory = newDirectory(t)
  const store = await openLmdbStore({ directory, bytesMax: 64 * mib })
  for (let i = 1; i <= 5_000; i += 1) store.put('orders', i, message(1_000))
  t.is(await commit(store), undefined)
  await close(store)
  const file = join(directory, 'data.mdb')
  truncateSync(file, 3 * 8_192)
  t.regex((await refused(t, directory)).message, /cannot be read, it may be damaged/)
  truncateSync(file, 0)
  const fresh = await openLmdbStore({ directory, bytesMax: mib })
  t.deepEqual(fresh.queues(), [])
  t.not(fresh.storeId, store.storeId)
  await close(fresh)
})

test('a reader sees the store as it was when it was opened', async (t) => {
  const directory = newDirectory(t)
  const store = await openLmdbStore({ directory, bytesMax: 64 * mib })
  store.setMark('channel', { epoch: 'e', highWater: 3 })
  store.setFact('key', 'value')
  for (let i = 1; i <= 10; i += 1) store.put('orders', i, message(100))
  t.is(await commit(store), undefined)
  const reader = await StoreReader.open(directory)
  store.removeQueue('orders')
  t.is(await commit(store), undefined)
  t.deepEqual(reader.queues(), [{ name: 'orders', count: 10, bytes: 1_000 }])
  t.deepEqual(reader.ends('orders'), [1, 10])
  t.is(reader.read('orders', 0, { countMax: 99, bytesMax: 1e9 }).length, 10)
  t.is(reader.read('absent', 0, { countMax: 99, bytesMax: 1e9 }).length, 0)
  t.deepEqual(reader.marks(), [['channel', { epoch: 'e', highWater: 3 }]])
  t.deepEqual(reader.facts(), [['key', 'value']])
  t.is(reader.storeId, store.storeId)
  await reader.close()
  await close(store)
})

test('messages that belong to no queue are found, but not those to be deleted', async (t) => {
  const directory = newDirectory(t)
  const store = await openLmdbStore({ directory, bytesMax: 64 * mib })
  for (let i = 1; i <= 5_000; i += 1) store.put('gone', i, message(10))
  store.put('orders', 1, message(10))
  t.is(await commit(store), undefined)
  store.removeQueue('gone')
  t.is(await commit(store), undefined)
  await close(store)
  const before = await StoreReader.open(directory)
  t.deepEqual([before.deadRuns, before.strayRuns()], [1, []])
  await before.close()
  const options = { directory, mapBytes: mib, isReadOnly: false }
  const environment = await LmdbEnvironment.open(options)
  await environment.write([{ key: messageKey(77, 1), value: Buffer.from('stray') }])
  await environment.close()
  const reader = await StoreReader.open(directory)
  t.deepEqual(reader.strayRuns(), [77])
  await reader.close()
})

/** A store whose writes meet the faults in their order; each answers undefined to let one pass. */
async function openedWithFaults(t: ExecutionContext) {
  const directory = newDirectory(t)
  await close(await openLmdbStore({ directory, bytesMax: 16 * mib }))
  const options = { directory, mapBytes: 16 * mib, isReadOnly: false }
  const environment = await LmdbEnvironment.open(options)
  const faults: ((operations: readonly Operation[]) => PostroadError | undefined)[] = []
  const { write } = environment
  environment.write = async (operations) => {
    const error = faults.shift()?.(operations)
    if (error !== undefined) throw error
    await write.call(environment, operations)
  }
  const store = new LmdbStore({ environment, storeId: 'x', bytesMax: 16 * mib })
  t.teardown(() => close(store))
  return { store, faults, directory }
}

function newDirectory(t: ExecutionContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'postroad-store-'))
  t.teardown(() => rmSync(parent, { recursive: true }))
  return join(parent, 'store')
}

async function refused(t: ExecutionContext, directory: string): Promise<PostroadError> {
  const error = await t.throwsAsync(openLmdbStore({ directory, bytesMax: mib }))
  t.true(isPostroadError(error, 'LOCAL_STORE_FAILED'), String(error))
  return error as PostroadError
}

function sequences(store: MessageStore): number[] {
  const limits = { countMax: 1_000, bytesMax: 1e9 }
  return store.read('orders', 0, limits).map(({ sequence }) => sequence)
}

function putOne(
  store: MessageStore,
  sequence: number,
  bytes: number
): Promise<PostroadError | undefined> {
  store.put('orders', sequence, message(bytes))
  return commit(store)
}

function commit(store: MessageStore): Promise<PostroadError | undefined> {
  return new Promise((resolve) => store.commit(resolve))
}

function close(store: MessageStore): Promise<PostroadError | undefined> {
  return new Promise((resolve) => store.close(resolve))
}

function message(length: number): StorableMessage {
  return { encodedBytes: length, encode: () => Buffer.alloc(length, length % 251) }
}
