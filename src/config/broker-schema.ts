// One broker's options; `defaults` takes the same. Each is checked by itself: what must hold
// between two connectors is checked on drafts (broker-draft.ts).

import * as z from 'zod'
import { count, duration, flag, listOf, mapOf, text } from './field-schemas.ts'
import { limitsSchema } from './limits-schema.ts'
import { networkConnectorSchema } from './network-connector-schema.ts'
import { policiesMax, policySchema } from './policy-schema.ts'
import { storeSchema } from './store-schema.ts'
import { transportConnectorSchema } from './transport-connector-schema.ts'

/** Connectors of one kind of one broker. */
const connectorsMax = 1_000

const loginForm = 'a login, with at least one character'

const users = z
  .record(
    text('A login.', loginForm),
    text('A passcode.', 'a passcode: text with at least one character'),
    { error: 'a map of logins and their passcodes' }
  )
  .refine((map) => Object.keys(map).length > 0, {
    error: 'a map with at least one login; without the key, every client is admitted'
  })
  .meta({ description: 'Passcodes by login. If present, clients must log in with one of them.' })

/** A broker, and `defaults`. */
export const brokerSchema = mapOf('Options of one broker.', {
  transportConnectors: listOf(
    'What the broker listens on.',
    transportConnectorSchema,
    connectorsMax
  ),
  networkConnectors: listOf('Whom the broker joins.', networkConnectorSchema, connectorsMax),
  transit: flag('false: never carries messages that neither start nor end here.', true),
  users: users.optional(),
  limits: limitsSchema.prefault({}),
  store: storeSchema.prefault({}),
  policies: listOf(
    'What is done with failed deliveries, by destination; the first match counts.',
    policySchema,
    policiesMax
  ),
  pingInterval: duration('Time between two pings on a bridge.', {
    preset: 1_000,
    min: 10,
    max: 3_600_000
  }),
  pingMisses: count('Pings in a row without an answer after which a bridge is down.', {
    preset: 3,
    min: 1,
    max: 100
  }),
  hopsMax: count('Bridges a message may cross.', { preset: 32, min: 1, max: 255 })
})
