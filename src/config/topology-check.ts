// What the checks between connectors share: the file, its drafts, and where problems go. Checks
// read drafts and report; they never throw and never stop at the first problem.

import type { BrokerDraft } from './broker-draft.ts'
import type { ProblemList, ProblemText } from './problem-list.ts'
import type { YamlSource } from './yaml-source.ts'

/** One file under check. */
export class TopologyCheck {
  readonly source: YamlSource
  /** In the order of the file. */
  readonly brokers: ReadonlyMap<string, BrokerDraft>
  private readonly problems: ProblemList

  constructor(source: YamlSource, drafts: readonly BrokerDraft[], problems: ProblemList) {
    this.source = source
    this.brokers = new Map(drafts.map((draft) => [draft.name, draft]))
    this.problems = problems
  }

  /** True when every listener of every broker could be read. */
  get hasAllListeners(): boolean {
    return [...this.brokers.values()].every((broker) => broker.hasAllListeners)
  }

  /** True when every network connector of every broker could be read. */
  get hasAllConnectors(): boolean {
    return [...this.brokers.values()].every((broker) => broker.hasAllConnectors)
  }

  report(problem: ProblemText): void {
    this.problems.add(this.source, problem)
  }
}
