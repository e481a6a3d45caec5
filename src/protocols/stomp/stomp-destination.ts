// Destinations as STOMP clients write them: '/queue/orders.eu', '/topic/prices.>',
// '/temp-queue/reply'.

import { PostroadError, quoted } from '../../base/index.ts'
import type { Destination, DestinationKind } from '../../broker/index.ts'

/** A destination header taken apart. The name is not checked yet. */
export interface StompDestination {
  readonly kind: DestinationKind
  readonly name: string
}

const prefixes: readonly [string, DestinationKind][] = [
  ['/queue/', 'queue'],
  ['/topic/', 'topic'],
  ['/temp-queue/', 'temp-queue']
]

/**
 * Reads a destination header.
 * @throws PostroadError LOCAL_DESTINATION_INVALID for an unknown prefix
 */
export function readStompDestination(text: string): StompDestination {
  for (const [prefix, kind] of prefixes) {
    if (text.startsWith(prefix)) return { kind, name: text.slice(prefix.length) }
  }
  throw new PostroadError(
    'LOCAL_DESTINATION_INVALID',
    `destination ${quoted(text)} must start with /queue/, /topic/ or /temp-queue/, ` +
      'for example /queue/orders.eu',
    { destination: text.slice(0, 100) }
  )
}

/** A destination as a STOMP client reads it. */
export function writeStompDestination(destination: Destination): string {
  return `/${destination.kind}/${destination.name}`
}
