import test from 'ava'
import { AssertionFailure, isPostroadError, type PostroadError } from '../../src/base/index.ts'
import type { StorableMessage } from '../../src/ports/index.ts'
import { createMemoryStore } from '../../src/store/index.ts'

test('a batch that does not fit changes nothing and says how full the store is', (t) => {
  const { store, commit } = opened(1_000)
  store.put('orders', 1, message(900))
  t.is(commit(), undefined)
  store.put('orders', 2, message(101))
  store.remove('absent', 1)
  store.setFact('key', 'value')
  const error = commit()
  t.true(isPostroadError(error, 'LOCAL_STORE_FULL'))
  t.regex(error!.message, /holds 900 bytes and may hold 1000/)
  t.is(store.read('orders', 0, { countMax: 10, bytesMax: 1e9 }).length, 1)
  t.is(store.fact('key'), undefined)
})

test('what is removed or replaced makes room, also within one batch', (t) => {
  const { store, commit } = opened(1_000)
  store.put('orders', 1, message(900))
  t.is(commit(), undefined)
  store.remove('orders', 1)
  store.put('orders', 2, message(1_000))
  t.is(commit(), undefined)
  store.put('orders', 2, message(800))
  t.is(commit(), undefined)
  store.put('orders', 3, message(200))
  t.is(commit(), undefined)
  store.removeQueue('orders')
  store.put('orders', 4, message(1_000))
  t.is(commit(), undefined)
  store.put('orders', 5, message(1))
  t.true(isPostroadError(commit(), 'LOCAL_STORE_FULL'))
})

test('a full store can still be emptied', (t) => {
  const { store, commit } = opened(100)
  store.put('orders', 1, message(100))
  t.is(commit(), undefined)
  store.remove('orders', 1)
  t.is(commit(), undefined)
  t.deepEqual(store.queues(), [])
})

test('a message is encoded once, when its batch is committed', (t) => {
  const { store, commit } = opened(1_000)
  let encoded = 0
  store.put('orders', 1, {
    encodedBytes: 4,
    encode: () => {
      encoded += 1
      return Buffer.from('once')
    }
  })
  t.is(encoded, 0)
  commit()
  store.read('orders', 0, { countMax: 1, bytesMax: 1e9 })
  store.read('orders', 0, { countMax: 1, bytesMax: 1e9 })
  t.is(encoded, 1)
})

test('a closed store refuses changes', (t) => {
  const { store } = opened(1_000)
  store.close(() => {})
  t.throws(() => store.put('orders', 1, message(1)), { instanceOf: AssertionFailure })
  t.throws(() => store.commit(() => {}), { instanceOf: AssertionFailure })
})

function opened(bytesMax: number) {
  const tasks: (() => void)[] = []
  const store = createMemoryStore({ soon: (task) => tasks.push(task), bytesMax })
  const commit = (): PostroadError | undefined => {
    let result: PostroadError | undefined
    store.commit((error) => {
      result = error
    })
    for (const task of tasks.splice(0)) task()
    return result
  }
  return { store, commit }
}

function message(length: number): StorableMessage {
  return { encodedBytes: length, encode: () => Buffer.alloc(length) }
}
