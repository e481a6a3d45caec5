import test from 'ava'
import { SimStore } from '../../../sim/fakes/index.ts'
import { SimScheduler } from '../../../sim/scheduler.ts'
import { isPostroadError, type PostroadError } from '../../../src/base/index.ts'
import type { StorableMessage } from '../../../src/ports/index.ts'

test('a crash loses the open batch and keeps what was done', (t) => {
  const { scheduler, store } = opened(1)
  store.put('orders', 1, message('kept'))
  store.commit(() => {})
  scheduler.runFor(100)
  store.put('orders', 2, message('open'))
  const again = new SimStore(scheduler, { name: 'hub', image: store.crash() })
  t.deepEqual(sequences(again), [1])
})

test('of the commits under way, a crash keeps the first few, whole, and tells nobody', (t) => {
  const kept = new Set<number>()
  for (let seed = 0; seed < 60; seed += 1) {
    const { scheduler, store } = opened(seed)
    for (let batch = 0; batch < 4; batch += 1) {
      store.put('orders', 2 * batch + 1, message('first'))
      store.put('orders', 2 * batch + 2, message('second'))
      store.commit(() => t.fail('a crashed store answered'))
    }
    const again = new SimStore(scheduler, { name: 'hub', image: store.crash() })
    scheduler.runFor(1_000)
    const found = sequences(again)
    t.is(found.length % 2, 0)
    t.deepEqual(
      found,
      found.map((_, index) => index + 1)
    )
    kept.add(found.length / 2)
  }
  t.deepEqual([...kept].sort(), [0, 1, 2, 3, 4])
})

test('a commit made to fail takes those under way with it; the next one is well', (t) => {
  const { scheduler, store } = opened(1)
  const results: (PostroadError | undefined)[] = []
  store.failNextCommit('no space left')
  store.put('orders', 1, message('lost'))
  store.setFact('key', 'lost')
  store.setMark('spoke', { epoch: 'e', highWater: 1 })
  store.commit((error) => results.push(error))
  store.put('orders', 2, message('lost'))
  store.commit((error) => results.push(error))
  scheduler.runFor(100)
  t.true(isPostroadError(results[0], 'LOCAL_STORE_FAILED'))
  t.regex(results[0]!.message, /no space left/)
  t.is(results[1], results[0])
  store.put('orders', 3, message('kept'))
  store.commit((error) => results.push(error))
  scheduler.runFor(100)
  t.is(results[2], undefined)
  t.deepEqual(sequences(store), [3])
  t.is(store.fact('key'), undefined)
  t.is(store.mark('spoke'), undefined)
})

test('each step of a commit is told at its moment; one that crashes it there tells nobody', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  const steps: string[] = []
  let isFatal = false
  const store: SimStore = new SimStore(scheduler, {
    name: 'hub',
    onStep: (step) => {
      steps.push(`${step} ${sequences(store).join()}`)
      if (isFatal && step === 'store-committed') store.crash()
    }
  })
  store.put('orders', 1, message('told'))
  store.commit(() => steps.push('done'))
  scheduler.runFor(100)
  t.deepEqual(steps, ['store-begun ', 'store-committed 1', 'done', 'store-told 1'])
  isFatal = true
  store.put('orders', 2, message('kept'))
  store.commit(() => t.fail('a crashed store answered'))
  scheduler.runFor(100)
  t.deepEqual(steps.slice(4), ['store-begun 1', 'store-committed 1,2'])
})

test('a slow store takes so long for each commit, one after the other', (t) => {
  const { scheduler, store } = opened(1)
  const endsMs: number[] = []
  store.setCommitMs(500)
  for (let at = 1; at <= 2; at += 1) {
    store.put('orders', at, message('slow'))
    store.commit(() => endsMs.push(Math.round(scheduler.nowMs)))
  }
  scheduler.runFor(2_000)
  t.deepEqual(endsMs, [500, 1_000])
  store.setCommitMs(undefined)
  store.put('orders', 3, message('quick'))
  store.commit(() => endsMs.push(scheduler.nowMs))
  scheduler.runFor(6)
  t.is(endsMs.length, 3)
})

test('a copy of what is on the disk stays as it is', (t) => {
  const { scheduler, store } = opened(1)
  store.put('orders', 1, message('old'))
  store.setFact('key', 'old')
  store.setMark('spoke', { epoch: 'e', highWater: 1 })
  store.commit(() => {})
  scheduler.runFor(100)
  const image = store.copyImage()
  store.remove('orders', 1)
  store.put('orders', 2, message('new'))
  store.setFact('key', 'new')
  store.setMark('spoke', { epoch: 'e', highWater: 2 })
  store.commit(() => {})
  scheduler.runFor(100)
  const restored = new SimStore(scheduler, { name: 'hub', image })
  t.deepEqual(sequences(restored), [1])
  t.is(restored.fact('key'), 'old')
  t.is(restored.mark('spoke')?.highWater, 1)
  t.true(restored.holds('orders', 1))
  t.false(restored.holds('orders', 2))
  t.is(restored.storeId, store.storeId)
})

test('a failed commit under way does not survive a crash', (t) => {
  for (let seed = 0; seed < 20; seed += 1) {
    const { scheduler, store } = opened(seed)
    store.failNextCommit()
    store.put('orders', 1, message('lost'))
    store.commit(() => {})
    const again = new SimStore(scheduler, { name: 'hub', image: store.crash() })
    t.deepEqual(sequences(again), [])
  }
})

test('commits take the time they are given', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  const store = new SimStore(scheduler, { name: 'hub', commitMsMin: 20, commitMsMax: 30 })
  const doneMs: number[] = []
  for (let i = 0; i < 3; i += 1) store.commit(() => doneMs.push(scheduler.nowMs))
  scheduler.runFor(1_000)
  let beforeMs = 0
  for (const ms of doneMs) {
    t.true(ms - beforeMs >= 20 && ms - beforeMs <= 30.01)
    beforeMs = ms
  }
  t.is(doneMs.length, 3)
})

function opened(seed: number) {
  const scheduler = new SimScheduler({ seed })
  return { scheduler, store: new SimStore(scheduler, { name: 'hub' }) }
}

function message(text: string): StorableMessage {
  return { encodedBytes: text.length, encode: () => Buffer.from(text) }
}

function sequences(store: SimStore): number[] {
  return store.read('orders', 0, { countMax: 100, bytesMax: 1e9 }).map((stored) => stored.sequence)
}
