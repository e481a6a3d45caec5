// What may go wrong in a drawn run: each kind of fault makes a few steps of the timeline, within
// what brokers promise to survive. A run has a random subset of the kinds.

import {
  type ConsumerPlan,
  crashSteps,
  hasChoosyQueues,
  type SimEvent,
  type TimelineStep,
  type WorldPlan
} from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import { step } from './scenario.ts'

/** Draws one fault: the steps that make it; none where there is nothing it could happen to. */
type Fault = (random: Prng, world: WorldPlan) => TimelineStep[]

/** How long what ends by itself takes. */
const spansMs = [50, 500, 3_000, 8_000] as const

const onLinks: Readonly<Record<string, Fault>> = {
  cut: (random, world) => now({ kind: 'cut', ...linkOf(random, world) }),
  cutOneWay(random, world) {
    const [from, to] = directionOf(random, world)
    return now({ kind: 'cut-one-way', from, to })
  },
  flap(random, world) {
    const { a, b } = linkOf(random, world)
    const spanMs = random.pick([100, 1_000, 4_000])
    const steps: TimelineStep[] = []
    let afterMs = 0
    for (let times = random.integer(2, 6); times > 0; times -= 1) {
      steps.push(step(afterMs, { kind: 'cut', a, b }))
      steps.push(step(random.integer(0, spanMs), { kind: 'heal', a, b }))
      afterMs = random.integer(0, spanMs)
    }
    return steps
  },
  heal: () => now({ kind: 'heal-all' }),
  reset: (random, world) => now({ kind: 'reset', ...linkOf(random, world) }),
  halfOpen(random, world) {
    const [a, b] = directionOf(random, world)
    return now({ kind: 'half-open', a, b })
  },
  isolate(random, { topology }) {
    const name = random.pick(topology.brokers)
    const links = topology.links.filter(({ a, b }) => a === name || b === name)
    return links.flatMap(({ a, b }) => now({ kind: 'cut', a, b }))
  },
  partition(random, { topology }) {
    const groups: [string[], string[]] = [[], []]
    for (const broker of topology.brokers) groups[random.integer(0, 1)]!.push(broker)
    return now({ kind: 'partition', groups })
  },
  quality(random, world) {
    const latencyMs = random.pick([0.1, 5, 80, 300])
    const jitterMs = latencyMs * random.pick([0, 0.5])
    const quality = { latencyMs, jitterMs }
    return now({ kind: 'quality', ...linkOf(random, world), quality })
  },
  poison(random, world) {
    const [from, to] = directionOf(random, world)
    return now({ kind: 'poison', from, to })
  }
}

const onBrokers: Readonly<Record<string, Fault>> = {
  crash: (random, world) => now({ kind: 'kill', broker: brokerOf(random, world) }),
  losePower: (random, world) => now({ kind: 'power-off', broker: brokerOf(random, world) }),
  stop: (random, world) => now({ kind: 'stop', broker: brokerOf(random, world) }),
  restart: () => now({ kind: 'start-all' }),
  come(_, { overrides = {} }) {
    const late = Object.keys(overrides).filter((broker) => overrides[broker]!.isLate === true)
    return late.flatMap((broker) => now({ kind: 'start', broker }))
  },
  remove: (random, world) =>
    hasChoosyQueues(world) ? [] : now({ kind: 'remove', broker: brokerOf(random, world) }),
  bounce(random, world) {
    const broker = brokerOf(random, world)
    const kind = random.pick(['kill', 'power-off'] as const)
    return forAWhile(random, { kind, broker }, { kind: 'start', broker })
  },
  pause(random, world) {
    const broker = brokerOf(random, world)
    return forAWhile(random, { kind: 'pause', broker }, { kind: 'resume', broker })
  },
  slow(random, world) {
    const broker = brokerOf(random, world)
    const factor = random.pick([3, 10, 50])
    return forAWhile(random, { kind: 'slow', broker, factor }, { kind: 'slow', broker, factor: 1 })
  },
  clockStep(random, world) {
    const broker = brokerOf(random, world)
    // A broker without a data directory dates its lives: after one that seems to be later it is
    // taken
    // for a second one of its name, until the others have forgotten the first.
    const back = world.settings.keepsId ? [-3_600_000, -1_000] : []
    return now({ kind: 'clock-step', broker, byMs: random.pick([...back, 1_000, 3_600_000]) })
  },
  crashAt(random, world) {
    const broker = brokerOf(random, world)
    const steps: TimelineStep[] = []
    // Under load, again and again: what one life leaves in doubt the next one meets.
    for (let times = random.integer(1, 4); times > 0; times -= 1) {
      const step = random.pick(crashSteps)
      const [first, last] = forAWhile(
        random,
        { kind: 'kill-at', broker, step, times: random.pick([1, 3, 10, 30]) },
        { kind: 'start', broker }
      )
      steps.push(first!, last!)
    }
    return steps
  },
  /** Both ends of a link: what one was to tell the other is told by later lives. */
  crashPair(random, world) {
    const { a, b } = linkOf(random, world)
    const [first, second] = random.chance(0.5) ? [a, b] : [b, a]
    const kind = random.pick(['kill', 'power-off'] as const)
    return [
      ...now({ kind, broker: first }),
      step(random.pick([0, 1, 50]), { kind, broker: second }),
      step(random.integer(0, 3_000), { kind: 'start', broker: random.pick([a, b]) }),
      step(random.integer(0, 1_000), { kind: 'start', broker: a }),
      ...now({ kind: 'start', broker: b })
    ]
  }
}

const onDisks: Readonly<Record<string, Fault>> = {
  diskFull(random, world) {
    const broker = brokerOf(random, world)
    const kind = random.pick(['disk-full', 'disk-error'] as const)
    return forAWhile(random, { kind, broker }, { kind: 'disk-ok', broker })
  },
  diskSlow(random, world) {
    const broker = brokerOf(random, world)
    const ms = random.pick([20, 100, 500])
    const end = { kind: 'disk-slow', broker, ms: 0 } as const
    return forAWhile(random, { kind: 'disk-slow', broker, ms }, end)
  },
  /** It dies, or leaves, with much that is not on its disk. */
  endWithBadDisk(random, world) {
    const broker = brokerOf(random, world)
    const bad = random.pick<SimEvent>([
      { kind: 'disk-slow', broker, ms: 500 },
      { kind: 'disk-error', broker }
    ])
    const kind = random.pick(['kill', 'stop', 'power-off'] as const)
    return [
      ...now(bad),
      step(random.integer(0, 2_000), { kind, broker }),
      ...now({ kind: 'disk-slow', broker, ms: 0 }),
      ...now({ kind: 'disk-ok', broker }),
      step(random.integer(0, 3_000), { kind: 'start', broker })
    ]
  },
  rollBack(random, world) {
    const broker = brokerOf(random, world)
    return [
      ...now({ kind: 'disk-copy', broker }),
      step(random.integer(50, 4_000), { kind: 'disk-restore', broker }),
      step(random.pick([0, 0, 500]), { kind: 'start', broker })
    ]
  }
}

const onClients: Readonly<Record<string, Fault>> = {
  move(random, world) {
    const consumer = random.pick(world.consumers)
    // A durable subscription stays where it was made: such a consumer leaves and comes back.
    const isBound = consumer.durableName !== undefined
    const to = isBound ? consumer.at : brokerOf(random, world)
    return now({ kind: 'move', client: consumer.name, to, leaving: leavingOf(random, consumer) })
  },
  moveProducer(random, world) {
    const { name: client } = random.pick(world.producers)
    const leaving = random.pick(['orderly', 'abrupt'] as const)
    return now({ kind: 'move', client, to: brokerOf(random, world), leaving })
  },
  dropConsumer(random, { consumers }) {
    const loyal = consumers.filter(mayDrop)
    if (loyal.length === 0) return []
    return now({ kind: 'drop-client', client: random.pick(loyal).name })
  },
  dropProducer: (random, { producers }) =>
    now({ kind: 'drop-client', client: random.pick(producers).name }),
  stall(random, { consumers }) {
    const loyal = consumers.filter(mayDrop)
    if (loyal.length === 0) return []
    const client = random.pick(loyal).name
    return forAWhile(random, { kind: 'stall-client', client }, { kind: 'wake-client', client })
  },
  misspeak(random, { consumers, producers }) {
    const { name: client } = random.pick([...consumers.filter(mayDrop), ...producers])
    return now({ kind: 'misspeak', client, what: random.pick(['bytes', 'frame']) })
  },
  arrive(random, { consumers }) {
    const late = consumers.filter(({ isLate }) => isLate === true)
    return late.length === 0 ? [] : now({ kind: 'arrive', client: random.pick(late).name })
  },
  absence(random, { consumers }) {
    const durable = consumers.filter(({ durableName }) => durableName !== undefined)
    if (durable.length === 0) return []
    const client = random.pick(durable).name
    return forAWhile(
      random,
      { kind: 'leave', client, leaving: 'abrupt' },
      { kind: 'arrive', client }
    )
  }
}

const faults: Readonly<Record<string, Fault>> = {
  ...onLinks,
  ...onBrokers,
  ...onDisks,
  ...onClients
}

/** Draws a timeline of one to three phases, each with a few faults and a rest after them. */
export function drawFaults(
  random: Prng,
  world: WorldPlan,
  known: ReadonlySet<string>
): TimelineStep[] {
  // A network that loses one broker after the other is another one in the end.
  let kinds = drawKinds(random)
  const phases = random.integer(1, 3)
  const timeline: TimelineStep[] = []
  for (let phase = 0; phase < phases; phase += 1) {
    let afterMs = random.integer(200, 1_500)
    const count = random.integer(1, 5)
    for (let i = 0; i < count; i += 1) {
      const kind = random.pick(kinds)
      if (kind === 'remove') kinds = kinds.filter((other) => other !== kind)
      if (kinds.length === 0) kinds = ['reset']
      const [first, ...others] = faults[kind]!(random, world)
      if (first === undefined || !known.has(first.event.kind)) continue
      timeline.push({ ...first, afterMs: first.afterMs + afterMs }, ...others)
      afterMs = Math.ceil(random.pick([0, 1, 20, 300, 1_500, 3_000]) * random.float())
    }
    timeline.push(step(afterMs, { kind: 'settle' }))
  }
  return timeline
}

/** A random subset of the kinds of fault, some more often than others. */
function drawKinds(random: Prng): string[] {
  const all = Object.keys(faults)
  const kinds: string[] = []
  for (const kind of all) {
    if (!random.chance(0.35)) continue
    const weight = random.integer(1, 4)
    for (let i = 0; i < weight; i += 1) kinds.push(kind)
  }
  return kinds.length > 0 ? kinds : all
}

function now(event: SimEvent): TimelineStep[] {
  return [step(0, event)]
}

function forAWhile(random: Prng, begin: SimEvent, end: SimEvent): TimelineStep[] {
  return [step(0, begin), step(Math.ceil(random.pick(spansMs) * random.float()), end)]
}

/** What an automatic consumer of a queue was sent and did not read is lost with its connection. */
function mayDrop({ ack, destination }: ConsumerPlan): boolean {
  return ack !== 'auto' || destination.startsWith('/topic/')
}

function leavingOf(random: Prng, consumer: ConsumerPlan): 'orderly' | 'abrupt' {
  return mayDrop(consumer) && random.chance(0.5) ? 'abrupt' : 'orderly'
}

function brokerOf(random: Prng, { topology }: WorldPlan): string {
  return random.pick(topology.brokers)
}

function linkOf(random: Prng, { topology }: WorldPlan): { readonly a: string; readonly b: string } {
  const { a, b } = random.pick(topology.links)
  return { a, b }
}

function directionOf(random: Prng, world: WorldPlan): [string, string] {
  const { a, b } = linkOf(random, world)
  return random.chance(0.5) ? [a, b] : [b, a]
}
