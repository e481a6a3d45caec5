// The bounds of one broker, with defaults that are safe and bounds of the bounds. Every queue,
// buffer and frame of the broker is held to one of these.

import { byteSize, choice, count, duration, mapOf } from './field-schemas.ts'

const kib = 1_024
const mib = 1_024 * kib
const gib = 1_024 * mib
const hourMs = 3_600_000

/** `limits` of a broker. */
export const limitsSchema = mapOf('Bounds that keep the broker within its means.', {
  connectionsMax: count('Client connections at a time.', {
    preset: 10_000,
    min: 1,
    max: 1_000_000
  }),
  connectTimeout: duration('Time a connection has to introduce itself.', {
    preset: 10_000,
    min: 100,
    max: hourMs
  }),
  frameBytesMax: byteSize('Size of one frame, headers and body.', {
    preset: 16 * mib,
    min: kib,
    max: gib
  }),
  headerCountMax: count('Headers of one frame.', { preset: 100, min: 10, max: 10_000 }),
  headerBytesMax: byteSize('Size of all headers of one frame.', {
    preset: 64 * kib,
    min: kib,
    max: 16 * mib
  }),
  queueMessagesMax: count('Messages one queue holds in memory.', {
    preset: 1_000_000,
    min: 1,
    max: 1_000_000_000
  }),
  queueBytesMax: byteSize('Size of the messages one queue holds in memory.', {
    preset: 128 * mib,
    min: kib,
    max: 1_024 * gib
  }),
  storedQueueMessagesMax: count('Messages one queue holds that is kept on disk.', {
    preset: 1_000_000_000,
    min: 1,
    max: 1_000_000_000_000
  }),
  storedQueueBytesMax: byteSize('Size of the messages one queue holds that is kept on disk.', {
    preset: 1_024 * gib,
    min: kib,
    max: 1_024 * 1_024 * gib
  }),
  queueWindowMessages: count('Messages of a queue on disk that are held in memory as well.', {
    preset: 4_096,
    min: 16,
    max: 1_000_000
  }),
  queueWindowBytes: byteSize('Size of the messages of a queue on disk that memory holds as well.', {
    preset: 8 * mib,
    min: 64 * kib,
    max: 64 * gib
  }),
  memoryBytesMax: byteSize('Size of all messages the broker holds in memory.', {
    preset: 512 * mib,
    min: mib,
    max: 1_024 * gib
  }),
  whenFull: choice(
    'What happens to who sends into a full queue, memory or spool: wait or refuse; policies may ' +
      'say otherwise for their destinations.',
    ['wait', 'refuse'],
    'wait'
  ),
  destinationsMax: count('Queues and topics that exist at a time.', {
    preset: 100_000,
    min: 1,
    max: 10_000_000
  }),
  subscriptionsPerConnectionMax: count('Subscriptions of one connection.', {
    preset: 10_000,
    min: 1,
    max: 1_000_000
  }),
  transactionBytesMax: byteSize('Size of the messages one open transaction holds.', {
    preset: 16 * mib,
    min: kib,
    max: gib
  }),
  prefetchDefault: count('Unacknowledged deliveries of a consumer that asks for no number.', {
    preset: 1_000,
    min: 1,
    max: 1_000_000
  }),
  topicPendingMessagesMax: count('Messages that wait for one slow topic consumer.', {
    preset: 10_000,
    min: 1,
    max: 100_000_000
  }),
  topicPendingBytesMax: byteSize('Size of the messages that wait for one slow topic consumer.', {
    preset: 32 * mib,
    min: kib,
    max: 1_024 * gib
  }),
  slowConsumerPatience: duration('Time a topic consumer may stay full before it is cut off.', {
    preset: 5_000,
    min: 0,
    max: hourMs
  }),
  heartBeatMin: duration('Shortest heart-beat interval the broker agrees to.', {
    preset: 100,
    min: 10,
    max: hourMs
  })
})
