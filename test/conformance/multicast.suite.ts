// The exam of every multicast. It asks only for what a quiet local network gives: that a datagram
// sent now and then gets through. Loss and doubling are the business of the fake's own tests.

import type { ExecutionContext, TestFn } from 'ava'
import { AssertionFailure, PostroadError } from '../../src/base/index.ts'
import type { Multicast, MulticastGroup, MulticastMember } from '../../src/ports/index.ts'
import { suiteTest, type World } from './world.ts'

/** Two programs on one network, and a group nobody else uses. */
export interface MulticastWorld extends World {
  readonly first: Multicast
  readonly second: Multicast
  readonly group: MulticastGroup
}

/** Registers the exam for the worlds that `factory` makes. */
export function multicastSuite(
  test: TestFn,
  name: string,
  factory: () => MulticastWorld | Promise<MulticastWorld>
): void {
  const titled = suiteTest(test, name, factory)
  memberSuite(titled)
  datagramSuite(titled)
}

type Titled = ReturnType<typeof suiteTest<MulticastWorld>>

function memberSuite(titled: Titled): void {
  titled('a join is answered once, later', async (t, world) => {
    const answers: (MulticastMember | PostroadError)[] = []
    world.first.join(world.group, new Listener(), (answer) => answers.push(answer))
    t.is(answers.length, 0)
    await world.run('the answer', () => answers.length > 0)
    await world.idle()
    t.is(answers.length, 1)
    t.false(answers[0] instanceof PostroadError, (answers[0] as PostroadError).message)
    ;(answers[0] as MulticastMember).close()
  })

  titled('every member hears a datagram, its sender too', async (t, world) => {
    const first = await join(t, world, world.first)
    const second = await join(t, world, world.second)
    first.member.send(Buffer.from('who is there?'))
    await world.run('both hear it', () => first.heard.length > 0 && second.heard.length > 0)
    t.is(second.heard[0], 'who is there?')
    t.is(first.heard[0], 'who is there?')
    t.not(second.senders[0], '')
  })

  titled('two members of one program hear each other', async (t, world) => {
    const first = await join(t, world, world.first)
    const second = await join(t, world, world.first)
    second.member.send(Buffer.from('hello'))
    await world.run('both hear it', () => first.heard.length > 0 && second.heard.length > 0)
    t.is(first.heard[0], 'hello')
  })
}

function datagramSuite(titled: Titled): void {
  titled('the sender may use its bytes again at once', async (t, world) => {
    const first = await join(t, world, world.first)
    const second = await join(t, world, world.second)
    const bytes = Buffer.from('before')
    first.member.send(bytes)
    bytes.write('after!')
    await world.run('it is heard', () => second.heard.length > 0)
    t.is(second.heard[0], 'before')
  })

  titled(
    'a datagram of 1,400 bytes gets through, a longer one is our mistake',
    async (t, world) => {
      const first = await join(t, world, world.first)
      const second = await join(t, world, world.second)
      t.throws(() => first.member.send(Buffer.alloc(1_401)), { instanceOf: AssertionFailure })
      first.member.send(Buffer.alloc(1_400, 'x'))
      await world.run('it is heard', () => second.heard.length > 0)
      t.is(second.heard[0]!.length, 1_400)
    }
  )

  titled('another group of the same port is not heard', async (t, world) => {
    const first = await join(t, world, world.first)
    const elsewhere = { ...world.group, address: '239.255.77.9' }
    const second = await join(t, world, world.second, elsewhere)
    second.member.send(Buffer.from('not for you'))
    await world.run('its own group hears it', () => second.heard.length > 0)
    await world.idle()
    t.deepEqual(first.heard, [])
  })

  titled('a member that left hears and says nothing more', async (t, world) => {
    const first = await join(t, world, world.first)
    const second = await join(t, world, world.second)
    first.member.close()
    first.member.close()
    await world.run('the close', () => first.closes.length > 0)
    first.member.send(Buffer.from('from beyond'))
    second.member.send(Buffer.from('anyone?'))
    await world.run('the other hears itself', () => second.heard.length > 0)
    await world.idle()
    t.deepEqual(first.closes, [undefined])
    t.deepEqual(first.heard, [])
    t.deepEqual(second.heard, ['anyone?'])
  })
}

class Listener {
  readonly heard: string[] = []
  readonly senders: string[] = []
  readonly closes: (Error | undefined)[] = []

  onDatagram(bytes: Buffer, senderAddress: string): void {
    this.heard.push(bytes.toString())
    this.senders.push(senderAddress)
  }

  onClose(cause: Error | undefined): void {
    this.closes.push(cause)
  }
}

async function join(
  t: ExecutionContext,
  world: MulticastWorld,
  multicast: Multicast,
  group = world.group
): Promise<Listener & { member: MulticastMember }> {
  const listener = new Listener()
  let answer: MulticastMember | PostroadError | undefined
  multicast.join(group, listener, (result) => {
    answer = result
  })
  await world.run('the join', () => answer !== undefined)
  if (answer instanceof PostroadError) {
    return t.fail(`this machine cannot multicast: ${answer.message}`) as never
  }
  const member = answer!
  t.teardown(() => member.close())
  return Object.assign(listener, { member })
}
