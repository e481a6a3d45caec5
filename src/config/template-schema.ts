// The `topology` key: a template that expands to network connectors. Whether the brokers it names
// exist and can be dialled is for expand-template.ts.

import * as z from 'zod'
import { count, mapOf, name } from './field-schemas.ts'

/** Known templates. */
export const templates = ['hub-spoke', 'ring', 'chain', 'mesh'] as const

const templateForm = 'one of hub-spoke, ring, chain, mesh'

/** `topology` of a file. */
export const templateSchema = mapOf('Network connectors between the brokers, by template.', {
  template: z.enum(templates, { error: templateForm }).meta({
    description:
      'hub-spoke: every spoke dials the hub; ring: each dials the next and the last the first; ' +
      'chain: each dials the next; mesh: each dials all after it.'
  }),
  hub: name('The hub, for hub-spoke only.').optional(),
  brokers: z
    .array(name('A broker of this file.'), { error: 'a list of broker names' })
    .min(1, { error: 'a list of at least one broker name' })
    .optional()
    .meta({
      description: 'Who takes part, in this order; all, in the order of the file, if absent.'
    }),
  cost: count('Cost of every bridge made here.', { preset: 1, min: 1, max: 65_535 })
})
