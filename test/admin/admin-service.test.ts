import test from 'ava'
import { answerBytesMax, type StatusReport } from '../../src/admin/index.ts'
import { isPostroadError } from '../../src/base/index.ts'
import { TwoBrokers } from './two-brokers.ts'

const everything = '{"command":"status"}'

test('a broker reports itself to a client of its own', (t) => {
  const report = new TwoBrokers().ask('b', 'b', everything) as StatusReport
  t.like(report, { format: 1, network: 'test', broker: 'b', incarnation: 1, truncated: [] })
  t.deepEqual(
    report.brokers?.map(({ name, cost, nextHop }) => [name, cost, nextHop]),
    [
      ['a', 3, 'a'],
      ['b', 0, null]
    ]
  )
  t.deepEqual(
    report.bridges?.map(({ peer, isDialler, connector, cost }) => [
      peer,
      isDialler,
      connector,
      cost
    ]),
    [['a', false, 'to-b', 3]]
  )
  t.is(report.connections?.length, 1)
})

test('any broker can be asked from any other', (t) => {
  const report = new TwoBrokers().ask('a', 'b', everything) as StatusReport
  t.is(report.broker, 'b')
  t.deepEqual(report.connections, [])
  t.true(report.upMs > 0)
})

test('a report shows queues, topics and demand as clients made them', (t) => {
  const brokers = new TwoBrokers()
  const client = brokers.client('b')
  brokers.world.turn(() => {
    client.subscribe({ destination: '/queue/orders', ack: 'client', onMessage() {} })
    client.subscribe({ destination: '/topic/prices.>', selector: 'x = 1', onMessage() {} })
    client.send('/queue/orders', 'one')
    client.send('/queue/waiting', 'two')
  })
  brokers.world.run(100)
  const report = brokers.ask('a', 'b', everything) as StatusReport
  t.deepEqual(
    report.queues?.map(({ name, ready, delivered, consumers }) => [
      name,
      ready,
      delivered,
      consumers
    ]),
    [
      ['orders', 0, 1, 1],
      ['waiting', 1, 0, 0]
    ]
  )
  t.deepEqual(
    report.topics?.map(({ pattern, selector, isActive }) => [pattern, selector, isActive]),
    [['prices.>', 'x = 1', true]]
  )
  const other = brokers.ask('a', 'a', everything) as StatusReport
  t.deepEqual(
    other.demand?.map(({ broker, entries }) => [broker, entries.map(({ pattern }) => pattern)]),
    [['b', ['orders', 'prices.>']]]
  )
})

test('a report has only the parts asked for', (t) => {
  const body = '{"command":"status","parts":["bridges"]}'
  const report = new TwoBrokers().ask('a', 'a', body) as StatusReport
  t.is(report.bridges?.length, 1)
  t.false('queues' in report)
  t.false('brokers' in report)
})

test('a request that cannot be read is answered with the reason', (t) => {
  const brokers = new TwoBrokers()
  t.deepEqual(brokers.ask('a', 'b', '{"command":"stop"}'), {
    error:
      'command "stop" is unknown; known are status, dead-letters, parked, forget, ' +
      'explain, versions, as in {"command":"status"}'
  })
  t.regex((brokers.ask('a', 'b', '{') as { error: string }).error, /is not JSON/)
})

test('a broker that does not exist never answers', (t) => {
  const answer = new TwoBrokers().ask('a', 'nobody', everything)
  t.true(isPostroadError(answer, 'LOCAL_TIMEOUT'))
})

test('a request without a reply address is dropped, and the next one answered', (t) => {
  const brokers = new TwoBrokers()
  const client = brokers.client('a')
  brokers.world.turn(() => {
    client.send('/queue/_postroad.admin.a', everything)
    client.send('/queue/_postroad.admin.a', everything, { headers: [['reply-to', '/queue/x']] })
  })
  brokers.world.run(100)
  const report = brokers.ask('a', 'a', everything) as StatusReport
  t.deepEqual(
    report.queues?.filter(({ kind }) => kind === 'queue'),
    []
  )
})

test('more requests than are taken at a time are all answered, in order', (t) => {
  const brokers = new TwoBrokers()
  const client = brokers.client('a')
  const answered: string[] = []
  brokers.world.turn(() => {
    client.subscribe({
      destination: '/temp-queue/mine',
      onMessage: ({ headers }) => answered.push(new Map(headers).get('correlation-id')!)
    })
    for (let i = 0; i < 100; i += 1) {
      const headers = [
        ['reply-to', '/temp-queue/mine'],
        ['correlation-id', `id:${i}`]
      ] as const
      client.send('/queue/_postroad.admin.b', '{"command":"status","parts":[]}', { headers })
    }
  })
  brokers.world.run(1_000)
  t.deepEqual(
    answered,
    Array.from({ length: 100 }, (_, i) => `id:${i}`)
  )
})

test('a report that would be too long is cut, keeps the fullest queues and says so', (t) => {
  const brokers = new TwoBrokers()
  const { broker } = brokers.stations.a
  brokers.world.turn(() => {
    for (let i = 0; i < 9_000; i += 1) {
      broker.publish(broker.newMessage(broker.destinations.get('queue', `${'q'.repeat(500)}${i}`)))
    }
    const fullest = broker.destinations.get('queue', 'fullest')
    broker.publish(broker.newMessage(fullest))
    broker.publish(broker.newMessage(fullest))
  })
  const report = brokers.ask('a', 'a', everything) as StatusReport
  t.deepEqual(report.truncated, ['queues'])
  t.is(report.queues?.[0]?.name, 'fullest')
  t.true(report.queues!.length > 1_000)
  t.true(Buffer.byteLength(JSON.stringify(report)) <= answerBytesMax)
})

test('a consumer of every queue gets no requests for the admin service', (t) => {
  const brokers = new TwoBrokers()
  const client = brokers.client('b')
  const stolen: string[] = []
  brokers.world.turn(() => {
    for (const pattern of ['>', '*.*.*', '*.admin.>']) {
      client.subscribe({
        destination: `/queue/${pattern}`,
        onMessage: ({ destination }) => stolen.push(destination)
      })
    }
  })
  brokers.world.run(100)
  for (const at of ['a', 'b', 'a', 'b'] as const) {
    for (const broker of ['a', 'b']) {
      const report = brokers.ask(at, broker, '{"command":"status","parts":[]}') as StatusReport
      t.is(report.broker, broker)
    }
  }
  t.deepEqual(stolen, [])
})
