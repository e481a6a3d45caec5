// The whole file's schema, and the same as JSON Schema for editors and the reference page. Strict:
// a key it does not know is an error, never skipped.

import * as z from 'zod'
import { brokerSchema } from './broker-schema.ts'
import { mapOf, name } from './field-schemas.ts'
import { templateSchema } from './template-schema.ts'

/** Brokers in one file. */
export const brokersMax = 1_000

const brokers = z
  .record(name("A broker's name."), brokerSchema, { error: 'a map of brokers by name' })
  .refine((map) => Object.keys(map).length > 0, { error: 'a map of at least one broker' })
  .refine((map) => Object.keys(map).length <= brokersMax, {
    error: `a map of at most ${brokersMax} brokers`
  })
  .meta({ description: 'The brokers, by name.' })

/** A topology file. Connectors are checked one by one, nothing between two of them. */
export const topologySchema = mapOf('A network of brokers.', {
  network: name('Name of the network; brokers of another network are refused.'),
  defaults: brokerSchema.optional().meta({
    description: 'Options of every broker that does not set them itself.'
  }),
  brokers,
  topology: templateSchema.optional()
})

/** The part of JSON Schema that a topology file's schema uses. */
export interface JsonSchemaNode {
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchemaNode>>
  readonly additionalProperties?: false | JsonSchemaNode
  readonly items?: JsonSchemaNode
}

let made: JsonSchemaNode | undefined

/** JSON Schema (draft 7, which editors' YAML support reads) of a topology file. */
export function topologyJsonSchema(): JsonSchemaNode {
  made ??= {
    ...(z.toJSONSchema(topologySchema, { io: 'input', target: 'draft-7' }) as JsonSchemaNode)
  }
  return made
}

/** Keys of the map at `path`; empty where keys are free or there is no map. */
export function knownKeysAt(path: readonly (string | number)[]): string[] {
  return schemaKeysAt(topologyJsonSchema(), path)
}

/** Keys that a schema knows for the map at `path`; empty where keys are free. */
export function schemaKeysAt(schema: JsonSchemaNode, path: readonly (string | number)[]): string[] {
  let node: JsonSchemaNode | undefined = schema
  for (const step of path) {
    if (node === undefined) break
    const free: JsonSchemaNode | undefined = node.additionalProperties || undefined
    node = typeof step === 'number' ? node.items : (node.properties?.[step] ?? free)
  }
  return Object.keys(node?.properties ?? {})
}
