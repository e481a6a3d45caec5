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
  const first = incarnations[0]!
  t.deepEqual(incarnations, [first, first + 1, first + 2])
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
  t.is(openIdentity(directory, 'a').identity.incarnation, identity.incarnation + 1)
})

inDirectory('the lock of a process that is gone is taken over', async (t, directory) => {
  const before = openIdentity(directory, 'a')
  before.lock.release()
  const gone = spawn(process.execPath, ['-e', '0'])
  await new Promise((resolve) => gone.once('exit', resolve))
  writeFileSync(join(directory, 'a', 'lock'), `${gone.pid} 12345`)
  const { identity, lock } = openIdentity(directory, 'a')
  t.is(identity.incarnation, before.identity.incarnation + 1)
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
      t.is(openIdentity(directory, 'a').identity.incarnation, before.identity.incarnation + 1)
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
