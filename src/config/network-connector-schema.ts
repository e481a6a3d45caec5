// Whom a broker joins. What the URI, and each filter, must look like is for the rooms that use them
// to say; this file asks them and passes on the answer.

import * as z from 'zod'
import { isPostroadError, messageOf } from '../base/index.ts'
import { type DiscoveryUri, parseDiscoveryUri } from '../discovery/index.ts'
import { closestName } from './closest-name.ts'
import { destinationFilter } from './destination-filter.ts'
import { count, flag, listOf, mapOf, name } from './field-schemas.ts'

const uriForm = 'a discovery URI, such as static:(postroad://10.0.0.1:61617)'
/** Patterns in one list. */
const patternsMax = 1_000

/** One of `networkConnectors`. */
export const networkConnectorSchema = mapOf('One intent to join other brokers.', {
  uri: z
    .string({ error: uriForm })
    .transform(readDiscoveryUri)
    .meta({
      description:
        'static:(postroad://host:port,...) or postroad://host:port, then ?options: ' +
        'initialReconnectDelay (500ms), maxReconnectDelay (10s), useExponentialBackOff (true), ' +
        'backOffMultiplier (2).'
    }),
  name: name('Name in logs and on the map; to-<broker> if not given.').optional(),
  cost: count('Cost of crossing the bridge; routes are chosen by the least sum.', {
    preset: 1,
    min: 1,
    max: 65_535
  }),
  duplex: flag('false: messages go only from this broker to that one.', true),
  include: listOf(
    'Destinations that may cross, both ways; all if empty.',
    destinationFilter,
    patternsMax
  ),
  exclude: listOf(
    'Destinations that may not cross, even if included.',
    destinationFilter,
    patternsMax
  )
})

function readDiscoveryUri(written: string, context: z.RefinementCtx): DiscoveryUri {
  try {
    return parseDiscoveryUri(written)
  } catch (error) {
    const facts = isPostroadError(error) ? error.facts : {}
    const near = closestName(String(facts.given ?? ''), String(facts.known ?? '').split(','))
    context.addIssue({
      code: 'custom',
      message: messageOf(error),
      params: {
        isWhole: true,
        suggestion: near === undefined ? undefined : `did you mean "${near}"?`
      }
    })
    return z.NEVER
  }
}
