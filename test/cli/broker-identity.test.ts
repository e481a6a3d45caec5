import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isPostroadError } from '../../src/base/index.ts'
import { freshIdentity, openIdentity } from '../../src/cli/broker-identity.ts'

/** A test with a directory of its own. */
function inDirectory(
  title: string,
  body: (t: ExecutionContext, directory: string) => void | Promise<void>
): void {
  test(title, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'postroad-identity-'))
    try {
      await body(t, directory)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
}

test('without a data directory every start is a broker of its own', (t) => {
  const one = freshIdentity()
  t.regex(one.brokerId, /^[0-9a-f]{32}$/)
  t.not(freshIdentity().brokerId, one.brokerId)
})

inDirectory('the id is kept and the incarnation rises with each start', (t, directory) => {
  const ids: string[] = []
  const incarnations: number[] = []
  for (let start = 0; start < 3; start += 1) {
    const { identity, lock } = openIdentity(directory, 'a')
    incarnations.push(identity.incarnation)
    ids.push(identity.brokerId)
    lock.release()
  }
  t.true(incarnations[0]! < incarnations[1]! && incarnations[1]! < incarnations[2]!)
  t.regex(ids[0]!, /^[0-9a-f]{32}$/)
  t.is(new Set(ids).size, 1)
})

inDirectory('a broker that lost its data is later than all lives it had before', (t, directory) => {
  const before = openIdentity(directory, 'a')
  before.lock.release()
  rmSync(join(directory, 'a'), { recursive: true })
  const { identity, lock } = openIdentity(directory, 'a')
  lock.release()
  t.true(identity.incarnation >= before.identity.incarnation)
  t.true(identity.incarnation > 1_000_000, 'dated, not counted from one')
  t.not(identity.brokerId, before.identity.brokerId)
})

inDirectory('a broker on an old copy of its data is later than the lives since', (t, directory) => {
  const file = join(directory, 'a', 'identity.json')
  openIdentity(directory, 'a').lock.release()
  const copy = readFileSync(file, 'utf8')
  const { incarnation } = JSON.parse(copy) as { incarnation: number }
  for (let life = 1; life <= 3; life += 1) openIdentity(directory, 'a').lock.release()
  const last = (JSON.parse(readFileSync(file, 'utf8')) as { incarnation: number }).incarnation
  writeFileSync(file, copy)
  while (Date.now() <= last);
  const { identity, lock } = openIdentity(directory, 'a')
  lock.release()
  t.true(identity.incarnation > last)
  t.is(identity.previousIncarnation, incarnation)
})

inDirectory('whatever the clock says, a life is later than the one before', (t, directory) => {
  openIdentity(directory, 'a').lock.release()
  const file = join(directory, 'a', 'identity.json')
  const { brokerId } = JSON.parse(readFileSync(file, 'utf8')) as { brokerId: string }
  const future = Date.now() + 86_400_000
  writeFileSync(file, JSON.stringify({ brokerId, incarnation: future }))
  const { identity, lock } = openIdentity(directory, 'a')
  lock.release()
  t.is(identity.incarnation, future + 1)
})

inDirectory('brokers of one directory have identities of their own', (t, directory) => {
  const a = openIdentity(directory, 'a')
  const b = openIdentity(directory, 'b')
  t.not(a.identity.brokerId, b.identity.brokerId)
  a.lock.release()
  b.lock.release()
})

inDirectory('a directory in use is refused, and free again once released', (t, directory) => {
  const { identity, lock } = openIdentity(directory, 'a')
  const error = t.throws(() => openIdentity(directory, 'a'))
  t.true(isPostroadError(error, 'LOCAL_STORE_FAILED'))
  t.regex(error!.message, new RegExp(`in use by process ${process.pid}; stop it`))
  lock.release()
  t.true(openIdentity(directory, 'a').identity.incarnation > identity.incarnation)
})

inDirectory('the lock of a process that is gone is taken over', async (t, directory) => {
  const before = openIdentity(directory, 'a')
  before.lock.release()
  const gone = spawn(process.execPath, ['-e', '0'])
  await new Promise((resolve) => gone.once('exit', resolve))
  writeFileSync(join(directory, 'a', 'lock'), `${gone.pid} 12345`)
  const { identity, lock } = openIdentity(directory, 'a')
  t.true(identity.incarnation > before.identity.incarnation)
  lock.release()
  t.false(existsSync(join(directory, 'a', 'lock')))
})

if (process.platform === 'linux') {
  inDirectory(
    'a process id used again by another process does not hold the lock',
    (t, directory) => {
      const before = openIdentity(directory, 'a')
      before.lock.release()
      // This process runs, but it did not start at that time.
      writeFileSync(join(directory, 'a', 'lock'), `${process.pid} 1`)
      const { identity } = openIdentity(directory, 'a')
      t.true(identity.incarnation > before.identity.incarnation)
    }
  )
}

inDirectory('a lock of unknown form is left for a person to look at', (t, directory) => {
  openIdentity(directory, 'a').lock.release()
  writeFileSync(join(directory, 'a', 'lock'), 'mine')
  const error = t.throws(() => openIdentity(directory, 'a'))
  t.regex(error!.message, /delete .*lock/)
})

const damaged: readonly (readonly [string, string, RegExp])[] = [
  ['is cut short', '{"brokerId":"01', /cannot be used/],
  ['is empty', '', /cannot be used/],
  ['is no object', '17', /it is not a JSON object/],
  ['has a short id', '{"brokerId":"01","incarnation":1}', /not 32 hexadecimal digits/],
  [
    'has no count',
    `{"brokerId":"${'0'.repeat(32)}","incarnation":0.5}`,
    /incarnation is not a whole number/
  ]
]

for (const [how, text, expected] of damaged) {
  inDirectory(
    `an identity file that ${how} stops the broker and stays as it is`,
    (t, directory) => {
      const file = join(directory, 'a', 'identity.json')
      mkdirSync(join(directory, 'a'))
      writeFileSync(file, text)
      const error = t.throws(() => openIdentity(directory, 'a'))
      t.true(isPostroadError(error, 'LOCAL_STORE_FAILED'))
      t.regex(error!.message, expected)
      t.true(error!.message.includes(file))
      t.is(readFileSync(file, 'utf8'), text)
      // The failed start must not keep the directory.
      t.false(existsSync(join(directory, 'a', 'lock')))
    }
  )
}

inDirectory('a data directory that cannot be made is reported by name', (t, directory) => {
  writeFileSync(join(directory, 'file'), '')
  const error = t.throws(() => openIdentity(join(directory, 'file'), 'a'))
  t.true(isPostroadError(error, 'LOCAL_STORE_FAILED'))
  t.regex(error!.message, /cannot make data directory/)
})
