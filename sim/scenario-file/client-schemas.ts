// Producers and consumers of a scenario file, each by itself; whether the brokers they name exist
// is for read-clients.ts.

import * as z from 'zod'
import { byteSize, count, duration, flag, mapOf, name, text } from '../../src/config/index.ts'
import { destination, everyNth, given, measured, selector } from './fields.ts'
import { ratePerSecond } from './measures.ts'

/** Clients that one entry may stand for. */
export const clientsOfEntryMax = 1_000
/** Values of one header. */
const headerValuesMax = 100

const dayMs = 86_400_000
const broker = name('Broker it connects to.')
const clients = given(
  count('So many alike, called NAME-1, NAME-2 …; one called NAME without it.', {
    preset: 1,
    min: 1,
    max: clientsOfEntryMax
  })
)
const late = flag('true: not there from the start; a fault "arrive" brings it.', false)
const version = z
  .enum(['1.0', '1.1', '1.2'], { error: "one of '1.0', '1.1', '1.2', in quotes" })
  .prefault('1.2')
  .meta({ description: 'Version of STOMP it speaks.' })

const headerForm = 'a text, a number, or a list of at most 100 of them'
const headerValue = z.union([z.string(), z.number(), z.boolean()], { error: headerForm })
const headers = z
  .record(
    text('Name of a header.', 'a name'),
    z.union([headerValue, z.array(headerValue).min(1).max(headerValuesMax)], { error: headerForm }),
    { error: 'a map of headers' }
  )
  .optional()
  .meta({ description: 'Headers for selectors; of a list, message after message takes the next.' })

/** One of `producers`. */
export const producerSchema = mapOf('One client that sends, or several alike.', {
  name: name('Unique among all clients.'),
  at: broker,
  to: destination('Where it sends to: /queue/NAME or /topic/NAME.', false),
  rate: measured('Messages a second, or a minute: 50/s, 6/min.', ratePerSecond),
  size: byteSize('Size of each body.', { preset: 1_024, min: 64, max: 16 * 1_024 * 1_024 }),
  persistent: flag('Whether brokers are to keep messages over a restart.', true),
  receipts: everyNth('Asks for a receipt with each so many messages.', 10_000).prefault('every 1'),
  burst: count('Messages sent at once; the rate stays what it is.', {
    preset: 1,
    min: 1,
    max: 1_000
  }),
  steady: flag('true: sends at equal times; else they are drawn around them.', false),
  ttl: given(duration('Expiry of each message.', { preset: 5_000, min: 1, max: dayMs })),
  headers,
  transaction: given(
    count('Messages of one transaction; each third transaction is aborted.', {
      preset: 3,
      min: 1,
      max: 1_000
    })
  ),
  messages: given(
    count('Stops by itself after so many.', { preset: 1_000, min: 1, max: 10_000_000 })
  ),
  late,
  clients,
  version
})

/** One of `consumers`. */
export const consumerSchema = mapOf('One client that receives, or several alike.', {
  name: name('Unique among all clients.'),
  at: broker,
  from: destination('/queue/NAME or /topic/NAME; patterns such as /topic/prices.>', true),
  ack: z
    .enum(['auto', 'client', 'client-individual'], {
      error: 'one of auto, client, client-individual'
    })
    .prefault('client-individual')
    .meta({ description: 'How it acknowledges.' }),
  prefetch: count('Deliveries under way at a time.', { preset: 100, min: 1, max: 1_000_000 }),
  work: duration('Time it takes for a message.', { preset: 1, min: 0, max: 3_600_000 }),
  selector: selector("Only messages it holds for, such as region = 'eu'.").optional(),
  durable: name('Name of a durable topic subscription.').optional(),
  nack: everyNth('Refuses each so many-th message.', 1_000_000).optional(),
  late,
  clients,
  version
})

/** A producer as read. */
export type ProducerEntry = z.output<typeof producerSchema>
/** A consumer as read. */
export type ConsumerEntry = z.output<typeof consumerSchema>
