// Where a broker keeps its persistent messages. Whether a directory can be used is found out when
// the broker opens it.

import * as z from 'zod'
import { byteSize, mapOf, text } from './field-schemas.ts'

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
  })
})
