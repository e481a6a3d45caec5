import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import test from 'ava'
import { runCommand } from '../support/broker-processes.ts'
import { soloTopology, withFile } from './command-process.ts'

test.serial('says ready in one line, with every listener and its real port', async (t) => {
  await withFile(soloTopology, async (file, start) => {
    const broker = start('run', file, '--broker', 'a', '--log-level', 'error')
    await broker.sees('stdout', /\n/)
    const address = (scheme: string): string => `${scheme}://127\\.0\\.0\\.1:[1-9]\\d*`
    const uris = ['stomp', 'stomp\\+ws', 'postroad'].map(address).join(' ')
    t.regex(broker.stdout, new RegExp(`^ready a ${uris}\n$`))
  })
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test.serial(`${signal} ends a broker in an orderly way`, async (t) => {
    await withFile(soloTopology, async (file, start) => {
      const broker = start('run', file, '--broker', 'a', '--log-format', 'json')
      await broker.stompPort()
      t.is(await broker.end(signal), 0)
      const events = broker.stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).event)
      t.true(events.includes('broker-stopping'), broker.stderr)
    })
  })
}

test.serial('a broker that the file does not have is named, with those it has', async (t) => {
  await withFile(soloTopology, async (file) => {
    const { code, stderr, stdout } = await runCommand(['run', file, '--broker', 'b'])
    t.is(code, 1)
    t.is(stderr, `postroad: ${file} has no broker "b"; choose --broker from a\n`)
    t.is(stdout, '')
  })
})

test.serial('a file with errors does not start, and says where they are', async (t) => {
  await withFile('network: x\nbrokers:\n  a:\n    transit: maybe\n', async (file) => {
    const { code, stderr } = await runCommand(['run', file, '--broker', 'a'])
    t.is(code, 1)
    t.regex(stderr, /topology\.yaml:4:14: error: /)
    t.notRegex(stderr, /\n +at /)
  })
})

test.serial('a port in use is named, with what to do about it', async (t) => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as { port: number }
  const text = soloTopology.replace('stomp://127.0.0.1:0', `stomp://127.0.0.1:${port}`)
  await withFile(text, async (file) => {
    const { code, stderr } = await runCommand(['run', file, '--broker', 'a'])
    t.is(code, 1)
    t.regex(stderr, new RegExp(`^postroad: 127\\.0\\.0\\.1:${port} is in use: .*--port-offset\n$`))
    const debug = await runCommand(['run', file, '--broker', 'a', '--debug'])
    t.regex(debug.stderr, /LOCAL_ADDRESS_IN_USE PostroadError: [\s\S]*\n +at /)
  })
})

test.serial(
  '--data keeps the identity, tells the starts apart and locks the directory',
  async (t) => {
    await withFile(soloTopology, async (file, start) => {
      const data = join(dirname(file), 'data')
      const args = ['run', file, '--broker', 'a', '--data', data]
      const identity = () => JSON.parse(readFileSync(join(data, 'a', 'identity.json'), 'utf8'))
      const first = start(...args)
      await first.stompPort()
      const { brokerId, incarnation } = identity()
      // The first life is dated: one that lost its disk must not begin behind what others know.
      t.true(incarnation > 1_700_000_000_000)
      const refused = await runCommand(args)
      t.is(refused.code, 1)
      t.regex(refused.stderr, /^postroad: data directory ".*a" is in use by process \d+; stop it/)
      t.is(await first.end('SIGKILL'), 'SIGKILL')
      const second = start(...args)
      await second.stompPort()
      t.is(identity().brokerId, brokerId)
      t.true(identity().incarnation > incarnation)
      t.is(await second.end('SIGTERM'), 0)
    })
  }
)
