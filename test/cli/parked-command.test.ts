// `postroad parked` and `postroad forget`: what they print, and both against a running broker.

import test from 'ava'
import { outcomesText } from '../../src/cli/parked/forget-command.ts'
import { listText, messageText } from '../../src/cli/parked/parked-command.ts'
import { runCommand } from '../support/broker-processes.ts'
import { soloTopology, withFile } from './command-process.ts'

test('what is parked is listed in words', (t) => {
  const since = '2026-03-01T18:02:10.118Z'
  const facts = { messages: 1_200, bytes: 4_096, inMemory: 0 }
  const text = listText({
    broker: 'hub',
    parked: [{ broker: 'site', ...facts, since, reason: 'away' }],
    queues: [{ queue: 'returns', messages: 7, bytes: 700, reason: 'no-consumers', brokers: [] }],
    left: 3
  }).join('\n')
  t.regex(text, /^parked at broker hub$/m)
  t.regex(text, /site +1,200 +4\.0 KiB +2026-03-01T18:02:10\.118Z +0 +the broker is out of reach/)
  t.regex(text, /returns +7 +700 B +- +nobody in reach has consumers for it/)
  t.regex(text, /and 3 more/)
  const none = listText({ broker: 'hub', parked: [], queues: [], left: 0 }).join('\n')
  t.regex(none, / {2}nothing\n\nqueues that nobody takes from\n {2}none$/)
})

test('a parked message is printed with its way and its age, and steers no terminal', (t) => {
  const message = {
    ...{ id: 'ID:a-1-2', destination: '/topic/prices', origin: 'a', path: ['a', 'b'] },
    ...{ since: '2026-03-01T18:02:10.118Z', waitedMs: 125_000, isPersistent: true },
    ...{ headers: [['kind', 'bell\u0007']] as const, bodyBytes: 2_000, bodyStart: 'text' }
  }
  t.deepEqual(messageText(message), [
    'ID:a-1-2',
    '  destination /topic/prices',
    '  origin      a',
    '  path        a b',
    '  since       2026-03-01T18:02:10.118Z, for 2 m 5 s',
    '  persistent  true',
    '  | kind: bell\ufffd',
    '  body (2.0 KiB): text …'
  ])
  const bare = { ...message, path: [], since: null, waitedMs: null, headers: [], bodyBytes: 0 }
  t.regex(messageText(bare).join('\n'), /path +from here\n {2}since +unknown\n/)
})

test('who has forgotten a broker, and who has not, stands in one table', (t) => {
  const done = { broker: 'a', topics: 2, messages: 1_000, letters: 1 }
  const text = outcomesText('site', [
    { broker: 'a', done },
    { broker: 'b', error: 'broker "b" does not answer' }
  ]).join('\n')
  t.regex(text, /^kept for broker site until now$/m)
  t.regex(text, /a +2 +1,000 +1 {2}done/)
  t.regex(text, /b +- +- +- {2}broker "b" does not answer/)
})

test.serial('a running broker tells what is parked, and forgets a broker', async (t) => {
  await withFile(soloTopology, async (file, start) => {
    const broker = start('run', file, '--broker', 'a')
    const url = ['--url', `stomp://127.0.0.1:${await broker.stompPort()}`]
    const run = (...args: string[]) => runCommand([...args, ...url])
    t.is((await run('send', '/queue/orders', 'x', '--receipt')).code, 0)
    const list = await run('parked')
    t.is(list.code, 0)
    t.regex(list.stdout, /orders +1 .* nobody in reach has consumers for it/)
    t.like(JSON.parse((await run('parked', 'a', '--json')).stdout), { broker: 'a', parked: [] })
    const none = await run('parked', '--of', 'site')
    t.is(none.code, 1)
    t.regex(none.stderr, /nothing is parked for site/)
    const asks = await run('forget', 'site')
    t.is(asks.code, 2)
    t.regex(asks.stderr, /--yes/)
    const told = await run('forget', 'site', '--yes')
    t.is(told.code, 0)
    t.regex(told.stdout, /a +0 +0 +0 {2}done/)
    const here = await run('forget', 'a', '--yes')
    t.is(here.code, 1)
    t.regex(here.stderr, /"a" is in reach; stop it/)
  })
})
