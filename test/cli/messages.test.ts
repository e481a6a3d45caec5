import { createServer } from 'node:net'
import test from 'ava'
import { runCommand, withTopology } from '../support/broker-processes.ts'
import { waitUntil } from '../support/wait-until.ts'
import { CommandProcess, soloTopology, withFile } from './command-process.ts'

test.serial('messages sent to one broker are received from the other', async (t) => {
  await withTopology('pair', async (topology) => {
    const at = (name: string, scheme: 'stomp' | 'ws' = 'stomp'): string[] => {
      const { ports } = topology.broker(name)
      const uri =
        scheme === 'ws' ? `stomp+ws://127.0.0.1:${ports.ws}` : `stomp://127.0.0.1:${ports.stomp}`
      return ['--url', uri]
    }
    const receiving = runCommand([
      'receive',
      '/queue/orders',
      ...['--count', '3', '--timeout', '15s', '--json'],
      ...at('b', 'ws')
    ])
    const headers = ['--header', 'region:eu', '--header', 'time:12:30', '--persistent']
    const sent = await runCommand([
      'send',
      '/queue/orders',
      'order {n}',
      ...['--count', '3', '--receipt', ...headers],
      ...at('a')
    ])
    t.is(sent.stdout, 'sent 3 messages to /queue/orders\n')
    t.is(sent.code, 0)
    const received = await receiving
    t.is(received.code, 0, received.stderr)
    const messages = received.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.deepEqual(
      messages.map(({ body }) => body),
      ['order 1', 'order 2', 'order 3']
    )
    t.like(messages[0].headers, { region: 'eu', time: '12:30', persistent: 'true' })

    const status = await runCommand(['status', '--json', '--broker', 'b', ...at('a')])
    const report = JSON.parse(status.stdout)
    t.is(report.broker, 'b')
    t.true(report.counters.received >= 3)
    const text = await runCommand(['status', ...at('b')])
    t.regex(text.stdout, /^broker b of network pair/)
    t.regex(text.stdout, /bridges of this broker\n.*\n {2}a /)
    const nobody = await runCommand(['status', '--broker', 'zz', ...at('a')])
    t.is(nobody.code, 1)
    t.regex(nobody.stderr, /broker "zz" does not answer: is that its name, and is it in reach\?/)
  })
})

test.serial(
  'receive takes no more than it was asked for, and times out with the rest',
  async (t) => {
    await withFile(soloTopology, async (file, start) => {
      const port = await start('run', file, '--broker', 'a').stompPort()
      const url = ['--url', `stomp://127.0.0.1:${port}`]
      const sending = new CommandProcess(['send', '/queue/x', '-', '--count', '5', ...url])
      sending.input('from standard input')
      t.is(await sending.ended, 0, sending.stderr)
      const two = await runCommand(['receive', '/queue/x', '--count', '2', ...url])
      t.is(two.stdout, 'from standard input\n'.repeat(2))
      const args = ['receive', '/queue/x', '--count', '4', '--timeout', '1s', '--json', ...url]
      const rest = await runCommand(args)
      t.is(rest.code, 1)
      t.is(rest.stderr, 'postroad: received 3 of 4 within 1000 ms\n')
      t.is(rest.stdout.trim().split('\n').length, 3)
    })
  }
)

test.serial('what the broker refuses is told in its own words', async (t) => {
  await withFile(soloTopology, async (file, start) => {
    const port = await start('run', file, '--broker', 'a').stompPort()
    const url = ['--url', `stomp://127.0.0.1:${port}`]
    for (const command of ['send', 'receive']) {
      const { code, stderr } = await runCommand([command, 'orders', ...url])
      t.is(code, 1)
      t.regex(stderr, /^postroad: destination "orders" must start with \/queue\//)
    }
  })
})

test.serial('a broker that is not there is told so', async (t) => {
  for (const args of [['send', '/queue/x', 'y'], ['receive', '/queue/x'], ['status']]) {
    const { code, stdout, stderr } = await runCommand([...args, '--url', 'stomp://127.0.0.1:1'])
    t.is(code, 1)
    t.is(stdout, '')
    t.is(
      stderr,
      'postroad: nothing listens on 127.0.0.1:1: is the broker up, and the port right?\n'
    )
  }
})

test.serial('Ctrl-C ends receive in an orderly way, and at once when pressed again', async (t) => {
  // A server that accepts clients and never answers DISCONNECT.
  let isLeft = false
  const server = createServer((socket) => {
    socket.on('error', () => {})
    t.teardown(() => socket.destroy())
    socket.on('data', (bytes) => {
      if (bytes.toString().startsWith('CONNECT\n')) socket.write('CONNECTED\nversion:1.2\n\n\0')
      if (bytes.includes('DISCONNECT')) isLeft = true
      if (bytes.includes('SUBSCRIBE')) {
        socket.write('MESSAGE\nsubscription:1\ndestination:/queue/x\nmessage-id:1\n\nhi\0')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const receiving = new CommandProcess([
    'receive',
    '/queue/x',
    '--url',
    `stomp://127.0.0.1:${port}`
  ])
  await receiving.sees('stdout', /hi\n/)
  receiving.signal('SIGINT')
  await waitUntil('the client says goodbye', () => isLeft)
  t.is(await receiving.end('SIGINT'), 130)
})

test.serial('Ctrl-C ends receive with what it has received', async (t) => {
  await withFile(soloTopology, async (file, start) => {
    const port = await start('run', file, '--broker', 'a').stompPort()
    const url = ['--url', `stomp://127.0.0.1:${port}`]
    await runCommand(['send', '/queue/x', 'one', ...url])
    const receiving = new CommandProcess(['receive', '/queue/x', ...url])
    await receiving.sees('stdout', /one\n/)
    t.is(await receiving.end('SIGINT'), 0)
  })
})
