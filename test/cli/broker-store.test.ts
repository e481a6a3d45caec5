import test from 'ava'
import { chooseStore } from '../../src/cli/broker-store.ts'
import { readTopology } from '../../src/config/index.ts'

function configOf(store: string) {
  const text = `network: n\nbrokers:\n  a:\n    store: ${store}\n`
  const { topology, problems } = readTopology(text, 'f')
  if (topology === undefined) throw new Error(problems[0]!.message)
  return topology.brokers.get('a')!
}

test('without a directory messages are kept in memory', (t) => {
  const choice = chooseStore(configOf('{}'), undefined)
  t.deepEqual(choice, { kind: 'memory', dataDirectory: undefined, isMemoryChosen: false })
})

test('with a directory they are kept on disk', (t) => {
  const onDisk = { kind: 'lmdb', isMemoryChosen: false }
  t.deepEqual(chooseStore(configOf('{}'), 'data'), { ...onDisk, dataDirectory: 'data' })
  const withPath = configOf('{ path: /srv/mail }')
  t.deepEqual(chooseStore(withPath, undefined), { ...onDisk, dataDirectory: '/srv/mail' })
  t.deepEqual(chooseStore(withPath, 'data'), { ...onDisk, dataDirectory: 'data' })
  t.deepEqual(chooseStore(configOf('{ kind: lmdb }'), 'data'), {
    ...onDisk,
    dataDirectory: 'data'
  })
})

test('a broker that wants memory has it, with a directory too', (t) => {
  const choice = chooseStore(configOf('{ kind: memory }'), 'data')
  t.deepEqual(choice, { kind: 'memory', dataDirectory: 'data', isMemoryChosen: true })
})

test('a store on disk without a directory is refused, with what to do', (t) => {
  const error = t.throws(() => chooseStore(configOf('{ kind: lmdb }'), undefined))
  t.is(
    error?.message,
    'broker "a" has store.kind lmdb and no directory for it: add --data DIR, or store.path ' +
      'in the topology file'
  )
})
