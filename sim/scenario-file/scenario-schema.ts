// The schema of a scenario file, and the same as JSON Schema for editors and the reference page.
// Strict: a key it does not know is an error. What stands under `topology` is for read-network.ts,
// what faults and expectations mean for their own readers.

import * as z from 'zod'
import {
  brokerSchema,
  byteSize,
  count,
  duration,
  flag,
  type JsonSchemaNode,
  mapOf,
  name,
  schemaKeysAt,
  text,
  topologyJsonSchema
} from '../../src/config/index.ts'
import { consumerSchema, producerSchema } from './client-schemas.ts'
import { faultKinds } from './fault-kinds.ts'
import { formOf } from './fault-text.ts'
import { given, measured } from './fields.ts'
import { figures } from './figures.ts'
import { bandwidth, ratePerMinute } from './measures.ts'

/** Bounds of a scenario file. */
export const scenarioBounds = {
  /** Brokers that are simulated together. */
  brokersMax: 512,
  clientsMax: 10_000,
  /** Messages that all producers together may send. */
  messagesMax: 20_000_000,
  faultsMax: 10_000,
  durationMsMin: 1_000,
  durationMsMax: 86_400_000
} as const

const minuteMs = 60_000
const kib = 1_024

/** What the network stands under: a path, or one of these shapes. */
export const shapeSchema = mapOf('A network by its shape.', {
  ring: given(size('Brokers in a circle, called a, b, c …', 3)),
  chain: given(size('Brokers in a row.', 2)),
  mesh: given(size('Every broker linked to every other.', 2, 50)),
  'hub-spoke': given(
    size('One broker "hub" and so many spokes s1, s2 …', 1, scenarioBounds.brokersMax - 1)
  ),
  'two-hubs': given(
    size('"hub1" and "hub2", and so many spokes linked to both.', 1, scenarioBounds.brokersMax - 2)
  ),
  random: given(size('So many brokers with links drawn from the seed.', 2)),
  links: given(count('With random: how many links.', { preset: 60, min: 1, max: 5_000 }))
})

/** `links.default`, or one link. */
const qualitySchema = mapOf('How good a link is, both ways.', {
  latency: given(duration('Time of flight.', { preset: 5, min: 0, max: minuteMs })),
  jitter: given(
    duration('Most that is added to it at random.', { preset: 1, min: 0, max: minuteMs })
  ),
  bandwidth: measured('1kbit/s to 100Gbit/s; no limit without it.', bandwidth).optional(),
  resets: measured('How often its connections are reset.', ratePerMinute).optional()
})

const { limits, pingInterval, pingMisses, hopsMax } = brokerSchema.shape

/** One of `brokers`. */
const overrideSchema = mapOf('What is different at one broker.', {
  late: flag('true: not there from the start; a fault "add" brings it.', false),
  limits: given(limits),
  pingInterval: given(pingInterval),
  pingMisses: given(pingMisses),
  hopsMax: given(hopsMax),
  store: given(
    byteSize('Most bytes its store holds.', {
      preset: kib * kib * kib,
      min: 64 * kib,
      max: 1_024 * kib * kib * kib
    })
  )
})

const faultSchema = mapOf(
  'One fault: one of these keys.',
  Object.fromEntries(
    [...faultKinds.values()].map((kind) => [
      kind.name,
      text(
        `${capital(kind.about)}. ${formOf(kind)}, such as ${kind.example}`,
        formOf(kind)
      ).optional()
    ])
  )
)

const boundForm = 'a number, a duration, or a map of at-most and at-least'
const bound = z.union([z.number(), z.string()], { error: boundForm })
const boundSchema = (about: string) =>
  z
    .union(
      [
        bound,
        mapOf('Bounds.', {
          'at-most': bound.optional().meta({ description: 'No more than this.' }),
          'at-least': bound.optional().meta({ description: 'No less than this.' })
        })
      ],
      { error: boundForm }
    )
    .optional()
    .meta({ description: about })

const ofDestinations = [...figures].filter(([, { isOfDestinations }]) => isOfDestinations)

const expectSchema = mapOf('What must hold; it decides the exit code.', {
  ...Object.fromEntries(
    [...figures].map(([key, { about }]) => [key, boundSchema(`${capital(about)}.`)])
  ),
  destinations: z
    .record(
      z.string(),
      mapOf(
        'The same for one destination.',
        Object.fromEntries(
          ofDestinations.map(([key, { about }]) => [key, boundSchema(`${capital(about)}.`)])
        )
      ),
      { error: 'a map of expectations by destination' }
    )
    .optional()
    .meta({ description: 'The same for single destinations, by name as /queue/orders.' })
})

const groupForm = 'a list of at least one broker'

/** A scenario file, but for what stands under `topology`. */
export const scenarioSchema = mapOf('A scenario: a network, its clients, and what happens to it.', {
  scenario: name('Name of the scenario.'),
  about: text('A sentence for people.', 'a sentence').optional(),
  topology: z.unknown().meta({ description: topologyAbout() }),
  seed: count('Everything random follows from it.', {
    preset: 1,
    min: 0,
    max: Number.MAX_SAFE_INTEGER
  }),
  duration: given(
    duration('How long producers send; 30s, or longer if faults need it, without it.', {
      preset: 30_000,
      min: scenarioBounds.durationMsMin,
      max: scenarioBounds.durationMsMax
    })
  ),
  ending: z.enum(['heal', 'as-is'], { error: 'heal or as-is' }).prefault('as-is').meta({
    description:
      'heal: at the end everything is healed and started, and all must arrive; as-is: nothing is.'
  }),
  drain: duration('Longest time for the rest to arrive after the end.', {
    preset: 120_000,
    min: 1_000,
    max: scenarioBounds.durationMsMax
  }),
  links: z
    .record(z.string(), qualitySchema, { error: 'a map of qualities by link' })
    .optional()
    .meta({ description: 'How good links are: by pair, as a:b, and "default" for all others.' }),
  brokers: z
    .record(z.string(), overrideSchema, { error: 'a map of brokers by name' })
    .optional()
    .meta({ description: 'What is different at single brokers, by name.' }),
  groups: z
    .record(
      name('Name of a group.'),
      z.array(z.string(), { error: groupForm }).min(1, { error: groupForm }),
      { error: 'a map of lists of brokers' }
    )
    .optional()
    .meta({ description: 'Groups of brokers, for the fault "partition".' }),
  producers: listOfMany('Clients that send.', producerSchema),
  consumers: listOfMany('Clients that receive.', consumerSchema),
  faults: z
    .array(faultSchema, { error: 'a list of faults, such as - kill: hub@10s..20s' })
    .max(scenarioBounds.faultsMax, { error: `at most ${scenarioBounds.faultsMax} faults` })
    .optional()
    .meta({ description: 'What happens. Times count from when the network is at work.' }),
  expect: expectSchema.optional()
})

let made: JsonSchemaNode | undefined

/** JSON Schema (draft 7, which editors' YAML support reads) of a scenario file. */
export function scenarioJsonSchema(): JsonSchemaNode {
  if (made !== undefined) return made
  const options = { io: 'input', target: 'draft-7' } as const
  const whole = z.toJSONSchema(scenarioSchema, options) as JsonSchemaNode
  const shapes = z.toJSONSchema(shapeSchema, options) as JsonSchemaNode
  const { $schema: _, ...document } = topologyJsonSchema() as JsonSchemaNode & { $schema?: string }
  const { $schema: __, ...shape } = shapes as JsonSchemaNode & { $schema?: string }
  const topology = {
    ...whole.properties?.topology,
    anyOf: [{ type: 'string' }, shape, document]
  }
  made = { ...whole, properties: { ...whole.properties, topology } }
  return made
}

/** Keys that the map at `path` of a scenario file may have. */
export function scenarioKeysAt(path: readonly (string | number)[]): string[] {
  const shapes = Object.keys(shapeSchema.shape)
  if (path[0] === 'topology') return path.length === 1 ? shapes : []
  return schemaKeysAt(scenarioJsonSchema(), path)
}

function size(description: string, min: number, max: number = scenarioBounds.brokersMax) {
  return count(description, { preset: min, min, max })
}

function listOfMany<Item extends z.ZodType>(description: string, item: Item) {
  const error = `at most ${scenarioBounds.clientsMax} entries`
  return z
    .array(item, { error: 'a list' })
    .max(scenarioBounds.clientsMax, { error })
    .optional()
    .meta({ description })
}

function topologyAbout(): string {
  return (
    'The network: path of a topology file, relative to this file; a shape, as {ring: 4}; or a ' +
    'whole topology document.'
  )
}

function capital(sentence: string): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`
}

/** A scenario file as the schema reads it. */
export type ScenarioEntries = z.output<typeof scenarioSchema>
