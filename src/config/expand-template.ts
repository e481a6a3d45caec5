// Expands the `topology` template to network connectors. A pair of brokers that a connector of the
// file joins already, in either direction, is left as it is.

import { parseDiscoveryUri } from '../discovery/index.ts'
import { asMap, type BrokerDraft, dialPlan, type RawMap } from './broker-draft.ts'
import { suggestName } from './closest-name.ts'
import { dialTarget, dialText } from './listener-address.ts'
import { templateSchema, type templates } from './template-schema.ts'
import type { TopologyCheck } from './topology-check.ts'

/** Connectors one template may make: a mesh grows with the square of its brokers. */
export const templateBridgesMax = 10_000

const fields = templateSchema.shape

interface Template {
  readonly kind: (typeof templates)[number]
  readonly members: readonly BrokerDraft[]
  /** Set for hub-spoke. */
  readonly hub: BrokerDraft | undefined
  readonly cost: number
}

type Pair = readonly [from: BrokerDraft, to: BrokerDraft]

/**
 * Adds the template's connectors to the drafts. Call after joinBrokers.
 * @returns false when an error kept it from adding them all
 */
export function expandTemplate(check: TopologyCheck): boolean {
  const raw = asMap(check.source.value)?.topology
  if (raw === undefined) return true
  const template = readTemplate(check, asMap(raw) ?? {})
  if (template === undefined) return false
  const bridges = bridgeCount(template)
  if (bridges > templateBridgesMax) {
    check.report({
      path: ['topology', 'template'],
      message: `a ${template.kind} of ${template.members.length} brokers needs ${bridges} bridges`,
      suggestion: `${templateBridgesMax} is the most; use hub-spoke, or name fewer brokers`
    })
    return false
  }
  const joined = joinedPairs(check)
  let isWhole = true
  for (const [from, to] of pairsOf(template)) {
    if (from === to || joined.has(pairKey(from.name, to.name))) continue
    joined.add(pairKey(from.name, to.name))
    isWhole = connect(check, template, from, to) && isWhole
  }
  return isWhole
}

/** The template with its brokers found; undefined after an error, told here or by the schema. */
function readTemplate(check: TopologyCheck, raw: RawMap): Template | undefined {
  const kind = fields.template.safeParse(raw.template).data
  const cost = fields.cost.safeParse(raw.cost).data
  const members = findMembers(check, raw)
  const hubName = fields.hub.safeParse(raw.hub).data
  const hub = hubName === undefined ? undefined : findBroker(check, hubName, ['topology', 'hub'])
  if (kind === 'hub-spoke' && raw.hub === undefined) {
    const [first] = check.brokers.keys()
    check.report({
      path: ['topology', 'template'],
      message: 'the hub-spoke template needs "hub"',
      suggestion: first === undefined ? undefined : `write for example hub: ${first}`
    })
  }
  if (kind !== undefined && kind !== 'hub-spoke' && raw.hub !== undefined) {
    const message = `"hub" is for the hub-spoke template, not for ${kind}`
    const suggestion = 'remove it, or use template: hub-spoke'
    check.report({ path: ['topology', 'hub'], at: 'key', message, suggestion })
    return undefined
  }
  if (kind === undefined || cost === undefined || members === undefined) return undefined
  if (kind === 'hub-spoke' && hub === undefined) return undefined
  return { kind, members, hub, cost }
}

/** Who takes part, in order; undefined after an error. */
function findMembers(check: TopologyCheck, raw: RawMap): BrokerDraft[] | undefined {
  if (raw.brokers === undefined) return [...check.brokers.values()]
  if (!Array.isArray(raw.brokers) || raw.brokers.length === 0) return undefined
  const members = new Set<BrokerDraft>()
  for (const [index, name] of raw.brokers.entries()) {
    if (typeof name !== 'string') continue
    const path = ['topology', 'brokers', index]
    const broker = findBroker(check, name, path)
    if (broker === undefined) continue
    if (members.has(broker)) {
      check.report({ path, message: `broker "${name}" is listed twice`, suggestion: 'remove one' })
    }
    members.add(broker)
  }
  return members.size === raw.brokers.length ? [...members] : undefined
}

function findBroker(
  check: TopologyCheck,
  name: string,
  path: (string | number)[]
): BrokerDraft | undefined {
  const broker = check.brokers.get(name)
  if (broker !== undefined) return broker
  const suggestion = suggestName(name, [...check.brokers.keys()])
  check.report({ path, message: `broker "${name}" is not in this file`, suggestion })
  return undefined
}

function bridgeCount({ kind, members }: Template): number {
  return kind === 'mesh' ? (members.length * (members.length - 1)) / 2 : members.length
}

function pairsOf({ kind, members, hub }: Template): Pair[] {
  switch (kind) {
    case 'hub-spoke':
      return members.map((spoke) => [spoke, hub!])
    case 'ring':
      return members.map((from, index) => [from, members[(index + 1) % members.length]!])
    case 'chain':
      return members.slice(1).map((to, index) => [members[index]!, to])
    case 'mesh':
      return members.flatMap((from, index) =>
        members.slice(index + 1).map((to): Pair => [from, to])
      )
  }
}

function joinedPairs(check: TopologyCheck): Set<string> {
  const pairs = new Set<string>()
  for (const from of check.brokers.values()) {
    for (const { targets } of from.connectors) {
      for (const to of targets) pairs.add(pairKey(from.name, to))
    }
  }
  return pairs
}

function pairKey(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

/** Has one broker dial another; false after an error. */
function connect(
  check: TopologyCheck,
  template: Template,
  from: BrokerDraft,
  to: BrokerDraft
): boolean {
  const listener = dialTarget(to.listeners.map(({ uri }) => uri))
  if (listener === undefined) {
    if (!to.hasAllListeners) return false
    check.report({
      path: to.path,
      at: 'key',
      message:
        `broker "${to.name}" has no postroad transport connector with a fixed port, ` +
        `and the ${template.kind} template has "${from.name}" dial it`,
      suggestion: 'add - uri: postroad://127.0.0.1:61617 or the like to its transportConnectors'
    })
    return false
  }
  const plan = dialPlan(parseDiscoveryUri(dialText(listener)))
  from.connectors.push({
    givenName: undefined,
    config: { ...plan, cost: template.cost, duplex: true, include: [], exclude: [] },
    path: ['topology', 'template'],
    targets: new Set([to.name])
  })
  return true
}
