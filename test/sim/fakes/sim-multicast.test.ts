import test from 'ava'
import { SimSegment, type SimSegmentOptions } from '../../../sim/fakes/index.ts'
import { SimScheduler } from '../../../sim/scheduler.ts'
import { isPostroadError, PostroadError } from '../../../src/base/index.ts'
import type { MulticastMember } from '../../../src/ports/index.ts'

const group = { address: '239.255.2.3', port: 6155, interfaceAddress: undefined }

test('datagrams get lost, doubled and out of order as much as asked', (t) => {
  const count = 1_000
  const heardWith = (options: SimSegmentOptions) => {
    const net = new Segment(options)
    const sender = net.join('a')
    const receiver = net.join('b')
    for (let i = 0; i < count; i += 1) sender.member.send(Buffer.from(`${i}`))
    net.scheduler.runFor(1_000)
    return receiver.heard.map(Number)
  }
  const lost = heardWith({ lossShare: 0.3 }).length
  t.true(lost > 600 && lost < 800)
  const doubled = heardWith({ duplicationShare: 0.2 }).length
  t.true(doubled > 1_100 && doubled < 1_300)
  const mixed = heardWith({ delayMsMax: 10 })
  t.is(mixed.length, count)
  t.true(mixed.some((value, index) => index > 0 && value < mixed[index - 1]!))
  t.deepEqual(heardWith({ lossShare: 1 }), [])
})

test('one seed gives one run', (t) => {
  const run = () => {
    const net = new Segment({ lossShare: 0.5, duplicationShare: 0.5 })
    const { member } = net.join('a')
    for (let i = 0; i < 20; i += 1) member.send(Buffer.from('x'))
    net.scheduler.runFor(100)
    return net.scheduler.traceHash
  }
  t.is(run(), run())
})

test('an isolated host hears itself only, until it is back', (t) => {
  const net = new Segment()
  const a = net.join('a')
  const b = net.join('b')
  net.segment.isolate('a')
  a.member.send(Buffer.from('from a'))
  b.member.send(Buffer.from('from b'))
  net.scheduler.runFor(100)
  t.deepEqual(a.heard, ['from a'])
  t.deepEqual(b.heard, ['from b'])
  net.segment.rejoin('a')
  a.member.send(Buffer.from('again'))
  net.scheduler.runFor(100)
  t.deepEqual(b.heard, ['from b', 'again'])
})

test('a crashed host hears nothing of what is on its way, nor that it joined', (t) => {
  const net = new Segment()
  const a = net.join('a')
  const b = net.join('b')
  a.member.send(Buffer.from('too late'))
  b.member.close()
  net.segment.multicast('b').join(group, b, () => t.fail('an old life joined'))
  net.segment.crash('b')
  net.scheduler.runFor(100)
  t.deepEqual(b.heard, [])
  t.deepEqual(b.closes, [])
  const again = net.join('b')
  a.member.send(Buffer.from('welcome back'))
  net.scheduler.runFor(100)
  t.deepEqual(again.heard, ['welcome back'])
})

test('an interface that goes away is told to the members of its host', (t) => {
  const net = new Segment()
  const a = net.join('a')
  const b = net.join('b')
  net.segment.fail('a')
  net.scheduler.runFor(100)
  t.is(a.closes.length, 1)
  t.true(isPostroadError(a.closes[0], 'LOCAL_LISTEN_FAILED'))
  t.deepEqual(b.closes, [])
})

class Segment {
  readonly scheduler = new SimScheduler({ seed: 'segment' })
  readonly segment: SimSegment

  constructor(options: SimSegmentOptions = {}) {
    this.segment = new SimSegment(this.scheduler, options)
  }

  join(address: string) {
    const heard: string[] = []
    const closes: (Error | undefined)[] = []
    const handlers = {
      onDatagram: (bytes: Buffer) => {
        heard.push(bytes.toString())
      },
      onClose: (cause: Error | undefined) => {
        closes.push(cause)
      }
    }
    let member: MulticastMember | undefined
    this.segment.multicast(address).join(group, handlers, (result) => {
      if (!(result instanceof PostroadError)) member = result
    })
    this.scheduler.runWhileNot(() => member !== undefined, { msMax: 1_000_000 })
    return { ...handlers, heard, closes, member: member! }
  }
}
