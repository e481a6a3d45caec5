// `postroad plan`: what a topology file makes of a network, what it depends on, and what changes
// when parts of it are lost. Runs nothing.

import { formatProblem } from '../../config/index.ts'
import {
  type ClassLoss,
  type ClassSurvey,
  type PlannedLoss,
  recordsWithout,
  surveyLoss,
  surveyNetwork
} from '../../network/index.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { loadTopology, readTopologyFile } from '../load-topology.ts'
import { findWarnings } from './find-warnings.ts'
import { planText } from './plan-text.ts'
import { type FileNetwork, networkOfFile } from './planned-network.ts'
import { readLosses } from './read-losses.ts'

/** Options of `postroad plan`. */
export interface PlanOptions {
  readonly without?: readonly string[]
  readonly json?: boolean
}

/** What is found. */
export interface NetworkPlan {
  readonly file: string
  readonly network: string
  readonly brokers: number
  readonly bridges: number
  /** For each class of destinations that filters treat alike. */
  readonly destinations: readonly ClassSurvey[]
  readonly warnings: readonly string[]
  /** What changes with `--without`; null unless it is given. */
  readonly without: {
    readonly parts: readonly string[]
    readonly destinations: readonly ClassLoss[]
    /** Of what is left, those that are new. */
    readonly warnings: readonly string[]
  } | null
}

/** Runs the command; answers its exit code: not good if a loss cuts brokers off. */
export async function planCommand(file: string, options: PlanOptions): Promise<ExitCode> {
  const { topology = loadTopology(file, 0), problems } = readTopologyFile(file)
  const fileNetwork = networkOfFile(topology)
  const parts = options.without ?? []
  const loss = readLosses(parts, fileNetwork)
  if (typeof loss === 'string') {
    process.stderr.write(`postroad: ${loss}\n`)
    return exitCodes.wrongUsage
  }
  const { network, bridges } = fileNetwork
  const destinations = surveyNetwork(network)
  const warnings = findWarnings(fileNetwork, destinations)
  const plan: NetworkPlan = {
    ...{ file, network: topology.network, brokers: topology.brokers.size },
    bridges: bridges.length,
    destinations,
    warnings: [...problems.map((problem) => formatProblem(problem)), ...warnings],
    without: parts.length === 0 ? null : { parts, ...lossOf(fileNetwork, loss, warnings) }
  }
  const text = options.json === true ? JSON.stringify(plan, null, 2) : planText(plan).join('\n')
  process.stdout.write(`${text}\n`)
  const isCutOff = plan.without?.destinations.some(({ lostPairs }) => lostPairs > 0) === true
  return isCutOff ? exitCodes.failed : exitCodes.good
}

/** @param known warnings of the network as it is, not told again */
function lossOf(
  file: FileNetwork,
  loss: PlannedLoss,
  known: readonly string[]
): Omit<NonNullable<NetworkPlan['without']>, 'parts'> {
  const { network } = file
  const records = recordsWithout(network.records, loss)
  const after = surveyNetwork({ ...network, records })
  const warnings = findWarnings(file, after).filter((warning) => !known.includes(warning))
  return { destinations: surveyLoss(network, loss), warnings }
}
