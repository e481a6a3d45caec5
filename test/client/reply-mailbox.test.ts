import test from 'ava'
import { isPostroadError, PostroadError } from '../../src/base/index.ts'
import { ReplyMailbox } from '../../src/client/index.ts'
import { TwoBrokers } from '../admin/two-brokers.ts'

test('answers find the requests they belong to, in whatever order they come', (t) => {
  const { world, ...brokers } = withService((bodies) => bodies.reverse())
  const answers: string[] = []
  const mailbox = new ReplyMailbox(world, brokers.client)
  for (const body of ['one', 'two']) {
    mailbox.request('/queue/service', body, 1_000, (answer) =>
      answers.push(`${body}: ${String(answer)}`)
    )
  }
  world.run(100)
  t.deepEqual(answers, ['two: TWO', 'one: ONE'])
})

test('a request without an answer ends in time, once', (t) => {
  const { world, client } = withService(() => [])
  const answers: unknown[] = []
  new ReplyMailbox(world, client).request('/queue/service', 'x', 1_000, (answer) =>
    answers.push(answer)
  )
  world.run(900)
  t.is(answers.length, 0)
  world.run(200)
  t.is(answers.length, 1)
  t.true(isPostroadError(answers[0], 'LOCAL_TIMEOUT'))
})

test('closing ends every request that waits', (t) => {
  const { world, client } = withService(() => [])
  const answers: unknown[] = []
  const mailbox = new ReplyMailbox(world, client)
  for (let i = 0; i < 3; i += 1) {
    mailbox.request('/queue/service', 'x', 1_000, (answer) => answers.push(answer))
  }
  const over = new PostroadError('REMOTE_CLOSED', 'gone')
  mailbox.close(over)
  world.run(2_000)
  t.deepEqual(answers, [over, over, over])
})

/** A client of broker a, and a service at b that answers two requests at a time in capitals. */
function withService(order: (bodies: string[]) => string[]) {
  const brokers = new TwoBrokers()
  const { world } = brokers
  const service = brokers.client('b')
  const requests = new Map<string, ReadonlyMap<string, string>>()
  world.turn(() => {
    service.subscribe({
      destination: '/queue/service',
      onMessage: ({ headers, body }) => {
        requests.set(body.toString(), new Map(headers))
        if (requests.size < 2) return
        for (const name of order([...requests.keys()])) {
          const request = requests.get(name)!
          service.send(request.get('reply-to')!, name.toUpperCase(), {
            headers: [['correlation-id', request.get('correlation-id')!]]
          })
        }
      }
    })
  })
  world.run(100)
  return { world, client: brokers.client('a') }
}
