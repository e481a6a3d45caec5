// The file that `store export` writes: lines of JSON, of which the first says what it is. The
// reference is docs/reference/store-export.md.

import * as z from 'zod'
import { messageRecordSchema } from './message-record.ts'

/** Version of the file. */
export const exportFormat = 1

/** The first line. */
export const exportHeadSchema = z.looseObject({
  postroadExport: z.int().min(1),
  broker: z.string(),
  storeId: z.string()
})

/** Every other line: a message, or a mark or a fact, which are for people. */
export const exportLineSchema = z.union([
  messageRecordSchema,
  z.strictObject({
    mark: z.strictObject({ channel: z.string(), epoch: z.string(), highWater: z.number() })
  }),
  z.strictObject({ fact: z.strictObject({ key: z.string(), value: z.string() }) })
])

/** See {@link exportLineSchema}. */
export type ExportLine = z.infer<typeof exportLineSchema>
