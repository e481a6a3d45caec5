// Draws what brokers and links of a run are like: bounds and distances.

import { defaultBrokerLimits } from '../../src/broker/index.ts'
import { bridgesLimitsDefault, defaultParkingLimits } from '../../src/network/index.ts'
import type { SimPathQuality } from '../fakes/index.ts'
import type { Prng } from '../prng.ts'
import type { SimBrokerSettings } from '../sim-broker.ts'
import type { SimTopology } from '../topologies.ts'

/** Draws settings with small bounds now and then, since bounds are where faults hide. */
export function drawSettings(random: Prng): SimBrokerSettings {
  const windowMessagesMax = random.pick([4, 64, 4_096, 4_096])
  const outboxMessagesMax = random.pick([4, 64, 16_384, 16_384])
  return {
    limits: {
      ...defaultBrokerLimits,
      queueMessagesMax: random.pick([20, 200, defaultBrokerLimits.queueMessagesMax]),
      topicPendingMessagesMax: random.pick([20, 200, 10_000, 10_000]),
      demandBacklogMessagesMax: random.pick([5, 50, 2_000, 2_000]),
      memoryBytesMax: random.pick([
        500_000,
        5_000_000,
        ...usual(defaultBrokerLimits.memoryBytesMax)
      ]),
      queueWindowMessages: random.pick([2, 20, defaultBrokerLimits.queueWindowMessages]),
      refusalsMax: random.pick([1, 2, defaultBrokerLimits.refusalsMax])
    },
    network: {
      bridges: {
        ...bridgesLimitsDefault,
        window: { ...bridgesLimitsDefault.window, messagesMax: windowMessagesMax },
        outbox: { ...bridgesLimitsDefault.outbox, messagesMax: outboxMessagesMax },
        inDoubtHoldMs: random.pick([200, 2_000, 2_000, 8_000])
      },
      parking: {
        ...defaultParkingLimits,
        bytesMax: random.pick([1_000_000, 4_000_000, ...usual(defaultParkingLimits.bytesMax)])
      },
      hopsMax: 32,
      repairMs: random.pick([2_000, 5_000, 30_000])
    },
    turnUsMax: random.pick([0, 200, 2_000]),
    keepsId: random.chance(0.6),
    reconnect: {
      reconnectDelayMsInitial: random.pick([100, 500]),
      reconnectDelayMsMax: random.pick([1_000, 5_000]),
      reconnectBackOffMultiplier: 2
    }
  }
}

/** Channels this narrow carry too little over long ways: what waits there is given up in time. */
const narrowMessagesMax = 4

/** Draws how far apart brokers are: not so far that channels are overloaded for good. */
export function drawQualities(
  random: Prng,
  topology: SimTopology,
  { network }: SimBrokerSettings
): Partial<SimPathQuality>[] {
  const isNarrow = network.bridges.window.messagesMax <= narrowMessagesMax
  const latencyMsMax = random.pick(isNarrow ? [0.5, 5, 20] : [0.5, 5, 40, 120])
  return topology.links.map(() => ({
    latencyMs: round(0.1 + latencyMsMax * random.float()),
    jitterMs: round(random.pick([0, 0.1, 0.5]) * latencyMsMax)
  }))
}

/** Three chances for what is usual. */
function usual(value: number): number[] {
  return [value, value, value]
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
