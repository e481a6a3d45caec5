// `postroad dlq` against a running broker, and what it prints of letters.

import test from 'ava'
import type { ShownLetter } from '../../src/admin/index.ts'
import { listText } from '../../src/cli/dlq/list-command.ts'
import { letterText } from '../../src/cli/dlq/show-command.ts'
import { runCommand } from '../support/broker-processes.ts'
import { soloTopology, withFile } from './command-process.ts'

const topology = `${soloTopology}    policies:
      - destination: queue://orders
        deadLetter: { queue: own, expired: true }
`

const aLetter: ShownLetter = {
  ...{ id: 'ID:hub-1-2', queue: 'DLQ', isPersistent: true },
  ...{ reason: 'refused', text: 'refused 6 times', destination: '/queue/orders' },
  ...{ messageId: 'ID:a-1-1', redeliveries: '5', time: '2026-03-01T08:15:00.250Z' },
  ...{ broker: 'hub', path: 'a hub', headers: [['kind', 'book']] },
  ...{ bodyBytes: 2_000, bodyStart: 'line\nbell\u0007' }
}

test('a letter is printed with why it is there, and steers no terminal', (t) => {
  t.deepEqual(letterText(aLetter), [
    'ID:hub-1-2',
    '  queue        DLQ',
    '  time         2026-03-01T08:15:00.250Z',
    '  why          refused: refused 6 times',
    '  was in       /queue/orders',
    '  message-id   ID:a-1-1',
    '  redeliveries 5',
    '  path         a hub',
    '  persistent   true',
    '  | kind: book',
    '  body (2.0 KiB): line\n    bell\ufffd …'
  ])
})

test('a message that somebody sent to the queue is printed with what is known', (t) => {
  const bare: ShownLetter = {
    ...{ id: 'ID:hub-1-3', queue: 'DLQ', isPersistent: false },
    ...{ reason: undefined, text: undefined, destination: undefined, messageId: undefined },
    ...{ redeliveries: undefined, time: undefined, broker: undefined, path: undefined },
    ...{ headers: [], bodyBytes: 0, bodyStart: '' }
  }
  const lines = ['ID:hub-1-3', '  queue        DLQ', '  persistent   false', '  body (0 B)']
  t.deepEqual(letterText(bare), lines)
})

test('queues are listed with their oldest letter', (t) => {
  const queue = {
    ...{ queue: 'DLQ', waiting: 1_200, delivered: 1, bytes: 4_096, consumers: 0 },
    oldest: aLetter
  }
  const text = listText({ broker: 'hub', queues: [queue], left: 2 }).join('\n')
  t.regex(text, /^dead letters of broker hub$/m)
  t.regex(text, /DLQ +1,200 +1 +4\.0 KiB +0 +2026-03-01T08:15:00\.250Z +refused +\/queue\/orders/)
  t.regex(text, /and 2 more queues/)
  t.regex(listText({ broker: 'hub', queues: [], left: 0 }).join('\n'), /there are none/)
})

test.serial('letters are listed, shown, counted, sent back and removed', async (t) => {
  await withFile(topology, async (file, start) => {
    const broker = start('run', file, '--broker', 'a')
    const url = ['--url', `stomp://127.0.0.1:${await broker.stompPort()}`]
    const run = (...args: string[]) => runCommand([...args, ...url])
    const none = await run('dlq', 'show')
    t.is(none.code, 1)
    t.regex(none.stderr, /no such dead letter/)
    // Expired on arrival: their time was over before they came.
    const past = ['--header', 'expires:1', '--header', 'kind:book', '--count', '3', '--receipt']
    t.is((await run('send', '/queue/orders', 'order {n}', ...past)).code, 0)
    const list = await run('dlq', 'list')
    t.regex(list.stdout, /DLQ\.orders +3 .*expired +\/queue\/orders/)
    const shown = await run('dlq', 'show', '--json', '--limit', '2')
    const letters = shown.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ShownLetter)
    t.deepEqual(
      letters.map(({ bodyStart }) => bodyStart),
      ['order 1', 'order 2']
    )
    t.regex(shown.stderr, /may be more letters in DLQ\.orders/)
    t.is((await run('dlq', 'retry')).code, 2)
    const counted = await run('dlq', 'retry', '--all', '--dry-run')
    t.is(counted.stdout, 'DLQ.orders: 3 letters\n  /queue/orders: 3\n')
    const retried = await run('dlq', 'retry', '--id', letters[1]!.id)
    t.is(retried.code, 0)
    t.regex(retried.stdout, /sent back: 1$/m)
    const received = await run('receive', '/queue/orders', '--count', '1', '--timeout', '5s')
    t.is(received.stdout.trim(), 'order 2')
    const asks = await run('dlq', 'purge', '--reason', 'expired')
    t.is(asks.code, 2)
    t.regex(asks.stderr, /--yes/)
    const purged = await run('dlq', 'purge', '--reason', 'expired', '--yes')
    t.is(purged.code, 0)
    t.regex(purged.stdout, /removed: 2$/m)
    t.regex((await run('dlq', 'list')).stdout, /there are none/)
  })
})
