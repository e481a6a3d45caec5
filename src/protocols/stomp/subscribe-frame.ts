// What SUBSCRIBE and UNSUBSCRIBE frames ask for, in the words of the standard and in those that
// users of ActiveMQ (activemq.prefetchSize, activemq.subscriptionName), Artemis
// (durable-subscription-name) and RabbitMQ (prefetch-count, durable) send.

import { PostroadError, quoted } from '../../base/index.ts'
import { type DurableName, type MessageFilter, selectorFilter } from '../../broker/index.ts'
import type { StompFrameView, StompVersion } from './codec/index.ts'
import { clientNameBytesMax, prefetchMax } from './stomp-limits.ts'
import type { AckMode } from './stomp-subscription.ts'

/** A SUBSCRIBE frame, read. */
export interface SubscribeWish {
  readonly destination: string
  readonly id: string | undefined
  readonly ackMode: AckMode
  readonly prefetch: number
  readonly filter: MessageFilter | undefined
  readonly durable: DurableName | undefined
}

/** What reading a SUBSCRIBE depends on. */
export interface SubscribeContext {
  readonly version: StompVersion
  readonly clientId: string | undefined
  readonly prefetchDefault: number
}

/**
 * Reads a SUBSCRIBE frame.
 * @throws PostroadError REMOTE_PROTOCOL_VIOLATION naming the header, LOCAL_SELECTOR_INVALID
 */
export function readSubscribe(frame: StompFrameView, context: SubscribeContext): SubscribeWish {
  const destination = frame.get('destination')
  if (destination === undefined) {
    throw violation('SUBSCRIBE has no destination header; add one, such as /queue/orders')
  }
  const id = frame.get('id')
  if (id === undefined && context.version !== '1.0') {
    throw violation(`SUBSCRIBE has no id header, and STOMP ${context.version} needs one`)
  }
  // It stands on every MESSAGE.
  if (id !== undefined) checkName('id', id)
  const selector = frame.get('selector')
  return {
    destination,
    id,
    ackMode: readAckMode(frame.get('ack')),
    prefetch: readPrefetch(frame) ?? context.prefetchDefault,
    filter: selector === undefined || selector === '' ? undefined : selectorFilter(selector),
    durable: readDurable(frame, id, context.clientId)
  }
}

function readAckMode(text: string | undefined): AckMode {
  switch (text) {
    case undefined:
      return 'auto'
    case 'auto':
    case 'client':
    case 'client-individual':
      return text
    default:
      throw violation(
        `ack:${quoted(text, 40)} is unknown; it must be auto, client or client-individual`
      )
  }
}

function readPrefetch(frame: StompFrameView): number | undefined {
  for (const name of ['activemq.prefetchSize', 'prefetch-count']) {
    const text = frame.get(name)
    if (text === undefined) continue
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    // RabbitMQ's users write 0 for "as many as you like".
    if (value === 0 && name === 'prefetch-count') return prefetchMax
    if (value >= 1 && value <= prefetchMax) return value
    throw violation(`${name}:${quoted(text, 40)} must be a whole number from 1 to ${prefetchMax}`)
  }
  return undefined
}

/** ActiveMQ's header for the name of a durable subscription, then Artemis'. */
const durableNameHeaders = ['activemq.subscriptionName', 'durable-subscription-name']

function readDurable(
  frame: StompFrameView,
  id: string | undefined,
  clientId: string | undefined
): DurableName | undefined {
  for (const header of durableNameHeaders) {
    const name = frame.get(header)
    if (name === undefined) continue
    if (name === '') throw violation(`${header} is empty; name the durable subscription`)
    if (clientId === undefined) throw violation(`${header} needs a client-id header in CONNECT`)
    checkName(header, name)
    return { clientId, subscriptionName: name }
  }
  if (frame.get('durable') !== 'true') return undefined
  if (id === undefined) throw violation('durable:true needs an id header')
  return { clientId: clientId ?? '', subscriptionName: id }
}

/**
 * The durable subscription an UNSUBSCRIBE ends for good, if it names one.
 * @throws PostroadError REMOTE_PROTOCOL_VIOLATION naming the header
 */
export function readDurableToEnd(
  frame: StompFrameView,
  clientId: string | undefined
): DurableName | undefined {
  return readDurable(frame, frame.get('id'), clientId)
}

function checkName(header: string, name: string): void {
  if (Buffer.byteLength(name) <= clientNameBytesMax) return
  throw violation(
    `${header}:${quoted(name, 40)} is too long; it has at most ${clientNameBytesMax} bytes`
  )
}

function violation(detail: string): PostroadError {
  return new PostroadError('REMOTE_PROTOCOL_VIOLATION', detail)
}
