// Reads a topology file: YAML, then the schema, then the rules between connectors, each stage going
// as far as it can so that one reading tells of every problem. Pure: text in, plain data out; it
// opens no file and never throws, whatever the text.

import { draftBrokers } from './broker-draft.ts'
import { buildTopology } from './build-topology.ts'
import { checkListeners } from './check-listeners.ts'
import { checkParts } from './check-parts.ts'
import { describeIssue, type FileFormat } from './describe-issue.ts'
import { expandTemplate } from './expand-template.ts'
import { joinBrokers } from './join-brokers.ts'
import { checkConnectorNames } from './name-connectors.ts'
import { ProblemList } from './problem-list.ts'
import type { Topology } from './topology.ts'
import { TopologyCheck } from './topology-check.ts'
import type { TopologyProblem } from './topology-problem.ts'
import { brokersMax, knownKeysAt, topologySchema } from './topology-schema.ts'
import { YamlSource } from './yaml-source.ts'

/** What reading a topology file came to. */
export interface TopologyReading {
  /** Undefined when there is an error among the problems. */
  readonly topology: Topology | undefined
  /** Errors and warnings, in the order of the file. */
  readonly problems: TopologyProblem[]
}

const format: FileFormat = { noun: 'a topology file', knownKeysAt }

/**
 * Reads the text of a topology file.
 * @param file the file's name, for the problems only
 */
export function readTopology(text: string, file: string): TopologyReading {
  const problems = new ProblemList(file, text)
  const source = YamlSource.parse(text, (offset, message, suggestion) => {
    problems.addAt(offset, { path: [], message, suggestion })
  })
  const topology = source === undefined ? undefined : readTopologySource(source, problems)
  return { topology, problems: problems.inFileOrder() }
}

/**
 * Reads a topology that was parsed already, such as a part of another file.
 * @returns undefined if there is an error among the problems, or was one before
 */
export function readTopologySource(
  source: YamlSource,
  problems: ProblemList
): Topology | undefined {
  if (source.value === null) {
    const suggestion = 'write at least network and brokers'
    problems.add(source, { path: [], message: 'the file is empty', suggestion })
    return undefined
  }
  const read = topologySchema.safeParse(source.value)
  for (const issue of read.error?.issues ?? []) {
    for (const problem of describeIssue(issue, source.value, format)) problems.add(source, problem)
  }
  // The schema has said so if there are more; checking pairs of so many would only take long.
  if (source.keysOf(['brokers']).length > brokersMax) return undefined
  const check = new TopologyCheck(source, draftBrokers(source), problems)
  checkConnectorNames(check)
  checkListeners(check)
  const isJoined = joinBrokers(check)
  const isExpanded = expandTemplate(check)
  if (isJoined && isExpanded) checkParts(check)
  return problems.hasErrors ? undefined : buildTopology(check)
}
