// One message to many subscribers: what is done once, and what each of them gets.

import test from 'ava'
import { Message } from '../../../src/broker/index.ts'
import { headersForVersion } from '../../../src/protocols/stomp/header-translation.ts'
import { StompWorld } from '../../support/stomp-world.ts'

/** Notes what becomes of the bytes of the messages a broker publishes. */
class CopyWatch {
  published: Message[] = []
  compactions = 0
  private readonly compact = Message.prototype.compact

  constructor(world: StompWorld) {
    const { broker } = world
    const publish = broker.publish.bind(broker)
    broker.publish = (message) => {
      this.published.push(message)
      return publish(message)
    }
    const { compact } = this
    const countCompaction = (): void => {
      this.compactions += 1
    }
    Message.prototype.compact = function (this: Message): void {
      const { body } = this
      compact.call(this)
      if (this.body !== body) countCompaction()
    }
  }

  end(): void {
    Message.prototype.compact = this.compact
  }
}

test.serial(
  'a message to 1,000 subscribers is one message, whose bytes are copied on send',
  (t) => {
    const world = new StompWorld({ network: { isResplitting: false } })
    const peers = Array.from({ length: 10 }, (_, i) => {
      const version = (['1.0', '1.1', '1.2'] as const)[i % 3]!
      const peer = world.client({ version })
      for (let id = 0; id < 100; id += 1) {
        peer.send('SUBSCRIBE', { id: `${id}`, destination: id % 2 === 0 ? '/topic/a' : '/topic/*' })
      }
      return peer
    })
    world.run(500)
    const watch = new CopyWatch(world)
    t.teardown(() => watch.end())
    const frame = Buffer.from('SEND\ndestination:/topic/a\ncolour:red\n\nhello\0')
    const sender = world.client()
    sender.write(frame)
    world.run(500)
    t.is(watch.published.length, 1)
    const [message] = watch.published
    t.is(message!.body, message!.headers, 'headers and body lie in the chunk they came in')
    t.is(message!.body.length, frame.length)
    t.is(watch.compactions, 0)
    t.is(peers.flatMap((peer) => peer.messages).length, 1_000)
    for (const peer of peers) {
      t.true(peer.messages.every((got) => got.text === 'hello' && got.get('colour') === 'red'))
      t.is(new Set(peer.messages.map((got) => got.get('subscription'))).size, 100)
    }
  }
)

test('header lines are rewritten for an older version once, for all its subscribers', (t) => {
  const message = new Message({ kind: 'topic', name: 'a', cache: undefined }, origin, 1)
  message.headers = Buffer.from('pad\nx:a\\cb\\r\n')
  message.headersStart = 4
  message.headersEnd = message.headers.length
  message.hasEscapes = true
  const v10 = headersForVersion(message, '1.0')
  const v11 = headersForVersion(message, '1.1')
  t.is(v10?.toString(), 'x:a:b \n')
  t.is(v11?.toString(), 'x:a\\cb \n')
  t.is(headersForVersion(message, '1.0'), v10)
  t.is(headersForVersion(message, '1.1'), v11)
  t.is(headersForVersion(message, '1.2'), undefined)
})

test('1.1 needs no rewriting but for a carriage return', (t) => {
  for (const [line, isRewritten] of [
    ['x:a\\cb\\n\\\\\n', false],
    ['x:a\\\\r\n', false],
    ['x:a\\\\\\r\n', true],
    ['x:\\r\n', true],
    ['x\\r:y\n', true]
  ] as const) {
    const message = new Message({ kind: 'topic', name: 'a', cache: undefined }, origin, 1)
    message.headers = Buffer.from(line)
    message.headersEnd = message.headers.length
    message.hasEscapes = true
    t.is(headersForVersion(message, '1.1') !== undefined, isRewritten, line)
  }
})

const origin = { broker: 'hub', incarnation: 1, idPrefix: Buffer.from('ID:hub-1-') }
