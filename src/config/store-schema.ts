// Where a broker keeps its persistent messages. Whether a directory can be used is found out when
// the broker opens it.

import * as z from 'zod'
import { byteSize, choice, mapOf, optionalByteSize, text } from './field-schemas.ts'

/** Kinds of stores. */
export const storeKinds = ['lmdb', 'memory'] as const

const mib = 1_024 * 1_024
const gib = 1_024 * mib
const pathForm = 'a directory, such as /var/lib/postroad'

/** `store` of a broker. */
export const storeSchema = mapOf('Where persistent messages are kept.', {
  kind: z
    .enum(storeKinds, { error: 'one of lmdb, memory' })
    .optional()
    .meta({
      description:
        'lmdb: on disk, needs path or --data; memory: as long as the process. If not given: lmdb ' +
        'where there is a path or --data, else memory.'
    }),
  path: text(
    'Directory under which the broker keeps its identity and its store, in a directory of its ' +
      'name; --data wins over it. Relative to where the broker is started.',
    pathForm
  ).optional(),
  sizeMax: byteSize('Size of the store on disk; near it persistent messages are refused.', {
    preset: 10 * gib,
    min: mib,
    max: 1_024 * 1_024 * gib
  }),
  spoolMax: optionalByteSize(
    'Part of it for messages that are not persistent and do not fit in memory; half of sizeMax ' +
      'at most. If not given: a quarter of sizeMax.',
    { min: mib, max: 1_024 * 1_024 * gib }
  ),
  whenFull: choice(
    'What happens to who sends persistent messages when the store is at sizeMax: wait or refuse. ' +
      'On a full disk, or one that fails, they are always refused.',
    ['wait', 'refuse'],
    'refuse'
  )
})

/** Bytes of the spool that a store has. */
export function spoolBytes({ sizeMax, spoolMax }: z.infer<typeof storeSchema>): number {
  return Math.floor(Math.min(spoolMax ?? sizeMax / 4, sizeMax / 2))
}
