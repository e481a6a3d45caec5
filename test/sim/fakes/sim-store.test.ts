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

test('a commit made to fail takes nothing with it; the next one is well', (t) => {
  const { scheduler, store } = opened(1)
  const results: (PostroadError | undefined)[] = []
  store.failNextCommit('no space left')
  store.put('orders', 1, message('lost'))
  store.setFact('key', 'lost')
  store.setMark('spoke', { epoch: 'e', highWater: 1 })
  store.commit((error) => results.push(error))
  store.put('orders', 2, message('kept'))
  store.commit((error) => results.push(error))
  scheduler.runFor(100)
  t.true(isPostroadError(results[0], 'LOCAL_STORE_FAILED'))
  t.regex(results[0]!.message, /no space left/)
  t.is(results[1], undefined)
  t.deepEqual(sequences(store), [2])
  t.is(store.fact('key'), undefined)
  t.is(store.mark('spoke'), undefined)
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
