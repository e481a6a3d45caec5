// All scenarios by name.

import { calmScenario } from './calm.ts'
import { choosyRefusersScenario } from './choosy-refusers.ts'
import { hubCrashScenario, ringCrashScenario } from './crash-and-return.ts'
import {
  chainScenario,
  hubSpokeScenario,
  meshScenario,
  ringScenario,
  twoHubsScenario
} from './cut-and-heal.ts'
import { doubleDialScenario } from './double-dial.ts'
import { farApartScenario } from './far-apart.ts'
import { fewHopsScenario } from './few-hops.ts'
import { largeMessagesScenario } from './large-messages.ts'
import { lostAcknowledgementsScenario } from './lost-acknowledgements.ts'
import { movingConsumerScenario } from './moving-consumer.ts'
import { randomFaults } from './random-faults.ts'
import { restlessSubscribersScenario } from './restless-subscribers.ts'
import type { Scenario } from './scenario.ts'
import { stalledClientsScenario } from './stalled-clients.ts'

/** In the order they are run. */
export const scenarios: readonly Scenario[] = [
  calmScenario,
  ringScenario,
  hubSpokeScenario,
  meshScenario,
  chainScenario,
  twoHubsScenario,
  ringCrashScenario,
  hubCrashScenario,
  doubleDialScenario,
  movingConsumerScenario,
  lostAcknowledgementsScenario,
  restlessSubscribersScenario,
  farApartScenario,
  stalledClientsScenario,
  fewHopsScenario,
  largeMessagesScenario,
  choosyRefusersScenario,
  randomFaults('random')
]

export { randomFaults } from './random-faults.ts'
export type { Scenario } from './scenario.ts'
