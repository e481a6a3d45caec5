// Draws who sends and who receives, with a random subset of all that clients can do. A workload is
// such that everything can be delivered: every queue has a consumer that takes all of it, so what
// is left in the end is left by a broker.

import type { Prng } from '../prng.ts'
import type { WorldPlan } from './scenario-plan.ts'
import type { ConsumerPlan, ProducerPlan } from './workload-plan.ts'

/** How much workload to draw. */
export interface WorkloadSize {
  readonly producers: number
  readonly consumers: number
}

/** What clients of a run do beside sending and receiving. */
export type ClientFeature =
  | 'expiry'
  | 'selectors'
  | 'transactions'
  | 'bursts'
  | 'durables'
  | 'refusals'
  | 'late'
  | 'wildcards'
  | 'slow'
  | 'repeats'

const features: readonly ClientFeature[] = [
  'expiry',
  'selectors',
  'transactions',
  'bursts',
  'durables',
  'refusals',
  'late',
  'wildcards',
  'slow',
  'repeats'
]

const colours = ['red', 'green', 'blue'] as const
/** In the forms the oracle reads. */
const selectors = [
  "colour = 'red'",
  "colour <> 'red'",
  "colour IN ('red', 'green')",
  "colour NOT IN ('red')",
  "colour = 'blue' OR size = 'large'",
  "colour = 'green' AND size = 'small'"
] as const

/** A random subset of what clients can do; none now and then. */
export function drawFeatures(random: Prng): ReadonlySet<ClientFeature> {
  const likelihood = random.pick([0, 0.2, 0.5, 0.8])
  return new Set(features.filter(() => random.chance(likelihood)))
}

/** Producers and consumers over a few destinations. */
export function drawWorkload(
  random: Prng,
  brokers: readonly string[],
  size: WorkloadSize,
  wanted: ReadonlySet<ClientFeature> = new Set()
): Pick<WorldPlan, 'producers' | 'consumers'> {
  const topics = ['t.a.1', 't.a.2', 't.b'].slice(0, random.integer(1, 3))
  const queues = ['q.a.1', 'q.b'].slice(0, random.integer(1, 2))
  const draw = { random, brokers, wanted }
  const consumers: ConsumerPlan[] = []
  const add = (plan: ConsumerPlan): void =>
    void consumers.push({ ...plan, name: `c${consumers.length}` })
  for (const queue of queues) for (const plan of drawTakers(draw, `/queue/${queue}`)) add(plan)
  while (consumers.length < size.consumers) {
    const isTopic = random.chance(0.6)
    const patterns = isTopic ? [...topics, 't.a.*', 't.>'] : queues
    const more = !isTopic && wanted.has('wildcards') ? ['q.a.*', 'q.>'] : []
    const name = random.pick([...patterns, ...more])
    add(drawAnother(draw, `/${isTopic ? 'topic' : 'queue'}/${name}`))
  }
  if (consumers.some(({ nackEvery }) => nackEvery !== undefined) && random.chance(0.5)) {
    add(drawConsumer(draw, '/queue/DLQ'))
  }
  const producers: ProducerPlan[] = []
  while (producers.length < size.producers) {
    const isTopic = producers.length === 0 || (producers.length > 1 && random.chance(0.5))
    const destination = isTopic ? `/topic/${random.pick(topics)}` : `/queue/${random.pick(queues)}`
    producers.push({ ...drawProducer(draw, destination), name: `p${producers.length}` })
  }
  return { producers, consumers }
}

/**
 * True if some consumer of a queue takes a part of it only: then those that take the rest have to
 * stay, or it goes from broker to broker for ever.
 */
export function hasChoosyQueues({ consumers }: Pick<WorldPlan, 'consumers'>): boolean {
  return consumers.some(
    ({ destination, selector }) => selector !== undefined && destination.startsWith('/queue/')
  )
}

interface Draw {
  readonly random: Prng
  readonly brokers: readonly string[]
  readonly wanted: ReadonlySet<ClientFeature>
}

/** Consumers that together take everything from a queue. */
function drawTakers(draw: Draw, destination: string): ConsumerPlan[] {
  const { random, wanted } = draw
  const isWild = wanted.has('wildcards') && random.chance(0.3)
  const first = slowedDown(draw, drawConsumer(draw, isWild ? '/queue/q.>' : destination))
  if (!wanted.has('selectors') || !random.chance(0.4)) return [first]
  return [
    { ...first, selector: "colour = 'red'" },
    { ...slowedDown(draw, drawConsumer(draw, destination)), selector: "colour <> 'red'" }
  ]
}

/** One more consumer, which may be choosy, late, durable or contrary. */
function drawAnother(draw: Draw, destination: string): ConsumerPlan {
  const { random, wanted } = draw
  const isTopic = destination.startsWith('/topic/')
  const plan = slowedDown(draw, drawConsumer(draw, destination))
  const isDurable = isTopic && wanted.has('durables') && random.chance(0.5)
  return {
    ...plan,
    // What an automatic consumer was sent when its connection broke is gone, durable or not.
    ...(isDurable ? { durableName: 'kept', ack: 'client-individual' as const } : {}),
    ...(wanted.has('selectors') && random.chance(0.5) ? { selector: random.pick(selectors) } : {}),
    ...(wanted.has('late') && random.chance(0.4) ? { isLate: true } : {})
  }
}

function drawConsumer({ random, brokers, wanted }: Draw, destination: string): ConsumerPlan {
  const plan: ConsumerPlan = {
    name: '',
    at: random.pick(brokers),
    destination,
    ack: random.pick(['auto', 'client', 'client-individual']),
    prefetch: random.pick([1, 2, 10, 1_000]),
    workMs: random.pick([0, 1, 10]),
    version: random.pick(['1.0', '1.1', '1.2', '1.2'])
  }
  const repeats = wanted.has('repeats') && random.chance(0.5) ? { repeatsAcks: true } : {}
  const isContrary = wanted.has('refusals') && random.chance(0.5)
  if (!isContrary) return { ...plan, ...repeats }
  const nackEvery = random.pick([2, 7, 20])
  const version = random.pick(['1.1', '1.2'] as const)
  return { ...plan, ...repeats, ack: 'client-individual', version, nackEvery }
}

/** One that takes less than is sent, now and then. */
function slowedDown({ random, wanted }: Draw, plan: ConsumerPlan): ConsumerPlan {
  if (!wanted.has('slow') || !random.chance(0.5)) return plan
  return { ...plan, prefetch: random.pick([1, 2, 10]), workMs: random.pick([40, 100]) }
}

function drawProducer({ random, brokers, wanted }: Draw, destination: string): ProducerPlan {
  const isBursting = wanted.has('bursts') && random.chance(0.5)
  const burst = isBursting ? random.pick([2, 5, 20]) : 1
  return {
    name: '',
    at: random.pick(brokers),
    destination,
    everyMs: random.integer(20, 100) * (burst > 2 ? burst / 2 : 1),
    bodyBytes: random.pick([16, 100, 100, 2_000, 70_000]),
    isPersistent: random.chance(0.4),
    receiptEvery: random.pick([1, 10]),
    version: random.pick(['1.1', '1.2']),
    ...(isBursting ? { burst } : {}),
    ...(random.chance(0.2) ? { isSteady: true } : {}),
    ...(wanted.has('expiry') && random.chance(0.5)
      ? { ttlMs: random.pick([20, 300, 2_000, 10_000]) }
      : {}),
    ...(wanted.has('selectors') ? { headers: { colour: colours, size: ['small', 'large'] } } : {}),
    ...(wanted.has('transactions') && random.chance(0.5)
      ? { transactionSize: random.pick([1, 3, 10]) }
      : {}),
    ...(random.chance(0.1) ? { messagesMax: random.integer(5, 60) } : {})
  }
}
