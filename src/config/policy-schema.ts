// What is done by destination: with messages whose delivery failed, and when there is no room. The
// defaults are the broker's own, so that an entry that says nothing changes nothing.

import * as z from 'zod'
import { type DeliveryPolicy, defaultDeadLetter, defaultRedelivery } from '../broker/index.ts'
import { formatDurationMs } from '../discovery/index.ts'
import { destinationFilter } from './destination-filter.ts'
import {
  count,
  duration,
  flag,
  mapOf,
  name,
  optionalByteSize,
  optionalCount
} from './field-schemas.ts'

/** Policies of one broker. */
export const policiesMax = 1_000

const hourMs = 3_600_000
const multiplierForm = 'a number from 1 to 100'
const whenFullWords = ['wait', 'refuse', 'dropOldest'] as const
const whenFullForm = 'one of wait, refuse, dropOldest'
const queueForm = 'one of shared, own, none'

const redelivery = mapOf('How often and when a message is offered again.', {
  redeliveriesMax: count('Deliveries after the first; the NACK of the last makes a dead letter.', {
    preset: defaultRedelivery.redeliveriesMax,
    min: 0,
    max: 1_000_000_000
  }),
  lostConnectionsMax: count(
    'Connections that die with a message before it is a dead letter; 0 for any number.',
    { preset: defaultRedelivery.lostConnectionsMax, min: 0, max: 1_000_000_000 }
  ),
  delay: duration('Pause between the first NACK and the next delivery.', {
    preset: defaultRedelivery.delayMsInitial,
    min: 0,
    max: 24 * hourMs
  }),
  delayMultiplier: z
    .number({ error: multiplierForm })
    .min(1, { error: multiplierForm })
    .max(100, { error: multiplierForm })
    .prefault(defaultRedelivery.delayMultiplier)
    .meta({ description: 'Factor between two pauses; 1 keeps the pause constant. 1 to 100.' }),
  delayMax: duration('Longest pause; not below `delay`.', {
    preset: defaultRedelivery.delayMsMax,
    min: 0,
    max: 24 * hourMs
  })
}).superRefine(({ delay, delayMax }, context) => {
  // What could not be read has been told of already.
  if (typeof delay !== 'number' || typeof delayMax !== 'number' || delay <= delayMax) return
  const [first, longest] = [formatDurationMs(delay), formatDurationMs(delayMax)]
  const message = `"delay" (${first}) is longer than "delayMax" (${longest})`
  const params = { isWhole: true, suggestion: `set delayMax to ${first} or more` }
  context.addIssue({ code: 'custom', path: ['delay'], message, params })
})

const deadLetter = mapOf('Where messages end that are not delivered.', {
  queue: z
    .enum(['shared', 'own', 'none'], { error: queueForm })
    .prefault(defaultDeadLetter.queue)
    .meta({ description: 'shared: DLQ; own: DLQ.<destination>; none: discarded and counted.' }),
  expired: flag(
    'true: what expires in a queue makes a dead letter, too.',
    defaultDeadLetter.isForExpired
  ),
  broker: name(
    'Broker that keeps the letters; origin: the one that took the message from its producer. If ' +
      'not given: the one that makes them.'
  ).optional()
})

const limits = mapOf('How much each may hold; what is not given is as in `limits` of the broker.', {
  messagesMax: optionalCount('Messages of one queue, or that wait for one topic subscription.', {
    min: 1,
    max: 1_000_000_000_000
  }),
  bytesMax: optionalByteSize('Size of them.', { min: 1_024, max: 1_024 ** 5 }),
  whenFull: z
    .enum(whenFullWords, { error: whenFullForm })
    .optional()
    .meta({
      description:
        'wait: producers are held back; refuse: they get an ERROR; dropOldest, for topics only: ' +
        'a subscription that is not durable loses its oldest messages.'
    })
})

/** One of `policies`. */
export const policySchema = mapOf('What holds for the destinations of one pattern.', {
  destination: destinationFilter,
  redelivery: redelivery.prefault({}),
  deadLetter: deadLetter.prefault({}),
  limits: limits.prefault({})
}).superRefine(({ destination, limits: given }, context) => {
  if (given?.whenFull !== 'dropOldest' || !String(destination).startsWith('queue:')) return
  const message = `"whenFull" is dropOldest for "${destination}", and a queue drops nothing`
  const params = { isWhole: true, suggestion: 'use wait or refuse, or name a topic' }
  context.addIssue({ code: 'custom', path: ['limits', 'whenFull'], message, params })
})

/** The policy that an entry of the file stands for. */
export function policyOf(entry: z.infer<typeof policySchema>): DeliveryPolicy {
  const { destination, redelivery: again, deadLetter: letter, limits: room } = entry
  const isBounded = Object.values(room).some((value) => value !== undefined)
  return {
    kind: destination.startsWith('topic:') ? 'topic' : 'queue',
    pattern: destination.slice(destination.indexOf('://') + 3),
    redelivery: {
      redeliveriesMax: again.redeliveriesMax,
      lostConnectionsMax: again.lostConnectionsMax,
      delayMsInitial: again.delay,
      delayMultiplier: again.delayMultiplier,
      delayMsMax: again.delayMax
    },
    deadLetter: {
      queue: letter.queue,
      isForExpired: letter.expired,
      ...(letter.broker === undefined ? {} : { broker: letter.broker })
    },
    ...(isBounded ? { limits: room } : {})
  }
}
