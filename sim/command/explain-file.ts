// A scenario file for `postroad check`: what is wrong with it, or what it would run.

import type { TopologyProblem } from '../../src/config/index.ts'
import type { ScenarioPlan } from '../plan/index.ts'
import { planOfRehearsal } from '../scenario-file/index.ts'
import { explainText } from './explain-text.ts'
import { readRehearsalFile } from './read-files.ts'

/** What is in a scenario file. */
export interface ExplainedFile {
  readonly problems: readonly TopologyProblem[]
  /** The plan; null after an error. */
  readonly summary: ScenarioPlan | null
  /** The same for people; empty after an error. */
  readonly summaryText: string
}

/** Reads a scenario file and says what it would run. */
export function explainFile(file: string): ExplainedFile {
  const { rehearsal, problems } = readRehearsalFile(file)
  if (rehearsal === undefined) return { problems, summary: null, summaryText: '' }
  const plan = planOfRehearsal(rehearsal)
  return { problems, summary: plan, summaryText: explainText(rehearsal, plan) }
}
