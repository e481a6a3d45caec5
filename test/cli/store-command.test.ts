import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'
import { runCommand } from '../support/broker-processes.ts'
import { soloTopology, withFile } from './command-process.ts'

const listener = 'transportConnectors: [{ uri: stomp://127.0.0.1:0 }]'
const twoBrokers = `network: two
brokers:
  a: { ${listener} }
  b: { ${listener} }
`

test.serial('messages are inspected, verified, exported and imported again', async (t) => {
  await withFile(soloTopology, async (file, start) => {
    const folder = dirname(file)
    const data = join(folder, 'data')
    const exported = join(folder, 'messages.jsonl')
    const inspected = async () => {
      const { stdout, code } = await runCommand(['store', 'inspect', data, '--json'])
      t.is(code, 0)
      return JSON.parse(stdout)
    }
    const broker = start('run', file, '--broker', 'a', '--data', data)
    const url = `stomp://127.0.0.1:${await broker.stompPort()}`
    const send = ['--count', '300', '--persistent', '--receipt', '--url', url]
    t.is((await runCommand(['send', '/queue/orders', 'order {n}', ...send])).code, 0)

    // Beside the running broker.
    const running = await inspected()
    t.is(typeof running.runningPid, 'number')
    const queue = { name: 'orders', count: 300, firstSequence: 1, lastSequence: 300 }
    t.like(running, { broker: 'a', format: 1, queues: [queue], marks: [] })
    t.is((await runCommand(['store', 'export', data, exported])).code, 0)
    const refused = await runCommand(['store', 'import', data, exported])
    t.is(refused.code, 1)
    t.regex(refused.stderr, /^postroad: data directory ".*a" is in use by process \d+; stop it/)
    t.is(await broker.end('SIGKILL'), 'SIGKILL')

    const lines = readFileSync(exported, 'utf8').trimEnd().split('\n')
    // The head, the messages, and how far they may have been delivered.
    t.is(lines.length, 302)
    t.like(JSON.parse(lines[0]!), { postroadExport: 1, broker: 'a', storeId: running.storeId })
    t.like(JSON.parse(lines[300]!), { queue: 'orders', sequence: 300, body: 'order 300' })
    const again = await runCommand(['store', 'export', data, exported])
    t.is(again.code, 1)
    t.regex(again.stderr, /cannot write ".*messages\.jsonl": EEXIST/)

    const dry = await runCommand(['store', 'import', data, exported, '--dry-run'])
    t.regex(dry.stdout, /^would import 300 messages into the store of broker a; /)
    t.like(await inspected(), { queues: [queue] })
    const imported = await runCommand(['store', 'import', data, exported])
    t.is(imported.code, 0, imported.stderr)
    t.regex(imported.stdout, /^imported 300 messages into the store of broker a; /)
    t.like(await inspected(), {
      runningPid: null,
      storeId: running.storeId,
      queues: [{ name: 'orders', count: 600, firstSequence: 1, lastSequence: 600 }]
    })
    const verified = await runCommand(['store', 'verify', join(data, 'a')])
    t.is(verified.code, 0)
    t.regex(verified.stdout, /^store of broker a: good; 600 messages in 1 queues, /)
  })
})

test.serial('what an earlier life stored comes first, new messages go behind it', async (t) => {
  await withFile(soloTopology, async (file, start) => {
    const data = join(dirname(file), 'data')
    const args = ['run', file, '--broker', 'a', '--data', data]
    const queues = async () => {
      const { stdout } = await runCommand(['store', 'inspect', data, '--json'])
      return JSON.parse(stdout).queues
    }
    const first = start(...args)
    let url = `stomp://127.0.0.1:${await first.stompPort()}`
    const send = ['send', '/queue/orders', 'order {n}', '--count', '20', '--persistent']
    t.is((await runCommand([...send, '--receipt', '--url', url])).code, 0)
    t.is(await first.end('SIGKILL'), 'SIGKILL')
    const second = start(...args)
    url = `stomp://127.0.0.1:${await second.stompPort()}`
    t.is((await runCommand([...send, '--receipt', '--url', url])).code, 0)
    t.like(await queues(), [{ name: 'orders', count: 40, firstSequence: 1, lastSequence: 40 }])
    const receive = ['receive', '/queue/orders', '--count', '20', '--timeout', '10s']
    const { code, stdout } = await runCommand([...receive, '--url', url])
    t.is(code, 0)
    t.is(stdout, Array.from({ length: 20 }, (_, at) => `order ${at + 1}\n`).join(''))
    t.is(await second.end('SIGTERM'), 0)
    t.like(await queues(), [{ name: 'orders', count: 20, firstSequence: 21, lastSequence: 40 }])
  })
})

test.serial('a damaged store is found out, also where reading it ends the reader', async (t) => {
  await withFile(soloTopology, async (file, start) => {
    const data = join(dirname(file), 'data')
    const broker = start('run', file, '--broker', 'a', '--data', data)
    const url = `stomp://127.0.0.1:${await broker.stompPort()}`
    const send = ['--count', '3000', '--persistent', '--receipt', '--size', '1000', '--url', url]
    t.is((await runCommand(['send', '/queue/orders', 'order {n}', ...send])).code, 0)
    t.is(await broker.end('SIGTERM'), 0)
    const dataFile = join(data, 'a', 'store', 'data.mdb')
    const size = Math.floor(statSync(dataFile).size / 2)
    const handle = openSync(dataFile, 'r+')
    writeSync(handle, Buffer.alloc(size), 0, size, 8 * 8_192)
    closeSync(handle)
    const { code, stderr, stdout } = await runCommand(['store', 'verify', data])
    t.is(code, 1)
    t.regex(stderr + stdout, /damaged|problems/)
  })
})

test.serial('a store that is not there, and one of several brokers, is named', async (t) => {
  await withFile(twoBrokers, async (file, start) => {
    const data = join(dirname(file), 'data')
    const none = await runCommand(['store', 'inspect', data])
    t.is(none.code, 1)
    t.regex(none.stderr, /^postroad: there is no store in ".*data": name the --data directory/)
    const up = start('up', file, '--data', data)
    await up.sees('stdout', /^ready /m)
    const several = await runCommand(['store', 'inspect', data])
    t.is(several.code, 1)
    t.regex(several.stderr, /has several brokers; choose --broker from a, b\n$/)
    const chosen = await runCommand(['store', 'inspect', data, '--broker', 'b'])
    t.is(chosen.code, 0, chosen.stderr)
    t.regex(chosen.stdout, /^store of broker b, running as process \d+\n/)
    t.is(await up.end('SIGTERM'), 0)
  })
})

test.serial('a file that is no export is refused by line, and nothing is imported', async (t) => {
  await withFile(soloTopology, async (file, start) => {
    const data = join(dirname(file), 'data')
    const bad = join(dirname(file), 'bad.jsonl')
    const broker = start('run', file, '--broker', 'a', '--data', data)
    await broker.stompPort()
    t.is(await broker.end('SIGTERM'), 0)
    const head = '{"postroadExport":1,"broker":"a","storeId":"x"}'
    const cases: [string, RegExp][] = [
      ['', /bad\.jsonl:1: cannot be imported: it is empty; nothing was imported/],
      ['{"a":1}\n', /bad\.jsonl:1: cannot be imported: it is no export of Postroad/],
      [head.replace(':1,', ':2,'), /:1: .*its format is 2, and this version reads up to 1/],
      [`${head}\n{"queue":"q"}\n`, /bad\.jsonl:2: cannot be imported: "sequence": /],
      [`${head}\nnonsense\n`, /bad\.jsonl:2: cannot be imported: /]
    ]
    for (const [text, reason] of cases) {
      writeFileSync(bad, text)
      const { code, stderr } = await runCommand(['store', 'import', data, bad])
      t.is(code, 1)
      t.regex(stderr, reason)
    }
    const { stdout } = await runCommand(['store', 'inspect', data, '--json'])
    t.deepEqual(JSON.parse(stdout).queues, [])
  })
})

test.serial('a broker that wants memory says so, and keeps its identity alone', async (t) => {
  const text = soloTopology.replace('  a:', '  a:\n    store: { kind: memory }')
  await withFile(text, async (file, start) => {
    const data = join(dirname(file), 'data')
    const broker = start('run', file, '--broker', 'a', '--data', data, '--log-format', 'json')
    const line = await broker.sees('stderr', /^.*"store-opened".*$/m)
    t.like(JSON.parse(line[0]), {
      kind: 'memory',
      reason: 'store.kind is memory: messages are not kept'
    })
    t.is(await broker.end('SIGTERM'), 0)
    t.true(statSync(join(data, 'a', 'identity.json')).isFile())
    t.throws(() => statSync(join(data, 'a', 'store')))
  })
})
