// What a real run stands on: a temporary folder with a topology file, the links with their proxies,
// and the broker processes. Nothing of it is left when it is closed, unless its logs are wanted.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { formatProblem, readTopology, type Topology } from '../../src/config/index.ts'
import type { ScenarioPlan } from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import type { SimLink } from '../topologies.ts'
import { type BrokerPorts, brokerDocument } from './broker-document.ts'
import { BrokerProcess, type LogRecord } from './broker-process.ts'
import { FaultLink } from './fault-link.ts'
import { freePorts } from './free-ports.ts'

/** Told of what brokers do by themselves. */
export interface GroundListener {
  onLog(broker: string, record: LogRecord): void
  /** Its process is gone. */
  onEnded(broker: string): void
}

/** What a ground is made of. */
export interface GroundOptions {
  readonly plan: ScenarioPlan
  readonly random: Prng
  readonly listener: GroundListener
  /** Folder to keep the topology file and the logs in; a temporary one that goes if left out. */
  readonly keepLogs: string | undefined
}

const portsPerBroker = 3

/** See the top of this file. */
export class RealGround {
  readonly folder: string
  readonly links: readonly FaultLink[]
  readonly brokers: ReadonlyMap<string, BrokerProcess>
  private readonly isTemporary: boolean

  private constructor(parts: Pick<RealGround, 'folder' | 'links' | 'brokers'>, isKept: boolean) {
    this.folder = parts.folder
    this.links = parts.links
    this.brokers = parts.brokers
    this.isTemporary = !isKept
  }

  /**
   * Prepares everything; no broker runs yet.
   * @throws Error if the machine has no room for it, or a broker cannot be configured so
   */
  static async open(options: GroundOptions): Promise<RealGround> {
    const { plan, random, listener, keepLogs } = options
    const folder = keepLogs ?? (await mkdtemp(join(tmpdir(), 'postroad-real-')))
    const ports = await portsOf(plan.topology.brokers)
    const links: FaultLink[] = []
    for (const link of plan.topology.links) links.push(await openLink(link, ports, random))
    for (const [at, { resetsPerMinute: _, ...quality }] of plan.qualities.entries()) {
      // Bad lines are bad from when the network is at work.
      links[at]?.setQuality(quality)
    }
    const file = join(folder, 'topology.yaml')
    const text = topologyText(plan, ports, links)
    await writeFile(file, text)
    const topology = readBack(text, file)
    const brokers = new Map<string, BrokerProcess>()
    for (const [name, config] of topology.brokers) {
      const process = new BrokerProcess({
        ...{ network: topology.network, config, folder, file },
        ports: ports.get(name)!,
        keepsId: plan.settings.keepsId,
        onLog: (record) => listener.onLog(name, record),
        onEnded: () => listener.onEnded(name)
      })
      brokers.set(name, process)
    }
    return new RealGround({ folder, links, brokers }, keepLogs !== undefined)
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    await Promise.all([...this.brokers.values()].map((broker) => broker.close()))
    await Promise.all(this.links.map((link) => link.close()))
    if (this.isTemporary) await rm(this.folder, { recursive: true, force: true })
  }
}

async function portsOf(brokers: readonly string[]): Promise<ReadonlyMap<string, BrokerPorts>> {
  const free = await freePorts(brokers.length * portsPerBroker)
  return new Map(
    brokers.map((name, at) => {
      const [stomp, bridge, webSocketBridge] = free.slice(at * portsPerBroker)
      return [name, { stomp: stomp!, bridge: bridge!, webSocketBridge: webSocketBridge! }]
    })
  )
}

function openLink(
  link: SimLink,
  ports: ReadonlyMap<string, BrokerPorts>,
  random: Prng
): Promise<FaultLink> {
  const chance = random.fork(`link/${link.a}-${link.b}`)
  return FaultLink.open({
    link,
    portOf: (broker) => {
      const { bridge, webSocketBridge } = ports.get(broker)!
      return link.carrier === 'ws' ? webSocketBridge : bridge
    },
    random: () => chance.float()
  })
}

function topologyText(
  plan: ScenarioPlan,
  ports: ReadonlyMap<string, BrokerPorts>,
  links: readonly FaultLink[]
): string {
  const brokers = plan.topology.brokers.map((name) => {
    const portFor = (link: SimLink): number | undefined =>
      links.find((one) => one.link === link)?.portFor(name)
    return [name, brokerDocument(plan, name, ports.get(name)!, portFor)]
  })
  return stringify({ network: 'real', brokers: Object.fromEntries(brokers) })
}

function readBack(text: string, file: string): Topology {
  const { topology, problems } = readTopology(text, file)
  if (topology !== undefined) return topology
  const texts = problems.map((problem) => formatProblem(problem))
  throw new Error(`the plan makes no topology that brokers take:\n${texts.join('\n')}`)
}
