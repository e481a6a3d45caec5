import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import test from 'ava'
import { runCommand, withTopology } from '../support/broker-processes.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type CommandProcess, isRunning, soloTopology, withFile } from './command-process.ts'

const twoBrokers = `${soloTopology}  b:
    transportConnectors:
      - uri: stomp://127.0.0.1:0
`

test.serial('runs every broker, says ready once for all, and stops them all', async (t) => {
  await withFile(twoBrokers, async (file, start) => {
    const up = start('up', file)
    await up.sees('stdout', /^ready .*\n/m)
    const ready = up.stdout.split('\n').filter((line) => line.startsWith('ready'))
    t.is(ready.length, 1)
    t.regex(ready[0]!, /^ready a stomp:\S+ stomp\+ws:\S+ postroad:\S+ b stomp:\S+$/)
    t.regex(up.stdout, /^a \| ready a stomp:/m)
    const pids = await pidsOf(up)
    t.is(pids.length, 2)
    t.is(await up.end('SIGTERM'), 0)
    t.deepEqual(pids.filter(isRunning), [])
    t.notRegex(up.output, /died/)
  })
})

test.serial('brokers end with their parent, even if it is killed', async (t) => {
  await withFile(twoBrokers, async (file, start) => {
    const up = start('up', file)
    const pids = await pidsOf(up)
    t.is(await up.end('SIGKILL'), 'SIGKILL')
    await waitUntil('no broker is left', () => !pids.some(isRunning))
    t.pass()
  })
})

test.serial('a broker that dies is reported and started again', async (t) => {
  await withFile(twoBrokers, async (file, start) => {
    const up = start('up', file)
    const [pid] = await pidsOf(up)
    process.kill(pid!, 'SIGKILL')
    await up.sees('stderr', /^postroad: broker [ab] died \(SIGKILL\), starts again in 1 s$/m)
    await up.sees('stderr', /(broker-started[\s\S]*){3}/)
    t.is(up.stdout.match(/^ready/gm)?.length, 1)
    t.is(await up.end('SIGINT'), 0)
  })
})

test.serial('ends at once if a broker cannot start, and takes the others with it', async (t) => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as { port: number }
  const text = twoBrokers.replace(/:0\n$/, `:${port}\n`)
  await withFile(text, async (file) => {
    const { code, stdout, stderr } = await runCommand(['up', file])
    t.is(code, 1)
    t.notRegex(stdout, /^ready/m)
    t.regex(stderr, new RegExp(`^b \\| postroad: 127\\.0\\.0\\.1:${port} is in use`, 'm'))
    t.regex(stderr, /^postroad: broker b could not start \(exit code 1\)$/m)
  })
})

test.serial('colours names only where it may', async (t) => {
  await withFile(soloTopology, async (file) => {
    const plain = await runCommand(['up', file, '--seconds', '1'])
    t.is(plain.code, 0)
    t.false(plain.stdout.includes('\u001b'))
  })
})

test.serial('traffic crosses the network without loss, and the run ends by itself', async (t) => {
  t.timeout(60_000)
  await withTopology('pair', async (topology) => {
    // The ports are free once more: only the moved file is wanted.
    await Promise.all(topology.all().map((broker) => broker.stop()))
    t.true(readFileSync(topology.file, 'utf8').includes('pair'))
    const up = await runCommand([
      'up',
      topology.file,
      '--traffic',
      '--seconds',
      '3',
      '--rate',
      '20'
    ])
    t.is(up.code, 0, up.stdout)
    t.regex(up.stdout, /^traffic 1 s: /m)
    t.regex(up.stdout, /^try: kill -9 \d+ \(broker b\)/m)
    const summary = /^traffic \d+ s: sent (\d+), .*: every message arrived once$/m.exec(up.stdout)
    t.true(Number(summary?.[1]) > 60, up.stdout)
  })
})

/** The processes of the brokers, from their logs. */
async function pidsOf(up: CommandProcess): Promise<number[]> {
  await up.sees('stderr', /(broker-started[\s\S]*){2}\n/)
  return [...up.stderr.matchAll(/broker-started.* pid=(\d+)/g)].map(([, pid]) => Number(pid))
}
