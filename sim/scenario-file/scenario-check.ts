// What the readers of one scenario file share: the file as plain values, and where problems go.
// Readers report and go on; none of them throws, whatever the file says.

import type { ProblemList, YamlPath, YamlSource } from '../../src/config/index.ts'
import type { Mistake } from './fault-text.ts'

/** A file that another one names, or why it cannot be read. */
export type OpenFile = (path: string) => { readonly text: string; readonly file: string } | Mistake

/** One file under check. */
export class ScenarioCheck {
  readonly source: YamlSource
  readonly problems: ProblemList
  /** As the caller named it. */
  readonly file: string
  readonly open: OpenFile

  constructor(source: YamlSource, problems: ProblemList, file: string, open: OpenFile) {
    this.source = source
    this.problems = problems
    this.file = file
    this.open = open
  }

  /** An error at the value of `path`, or with 'key' at the key it stands under. */
  report(path: YamlPath, mistake: Mistake, at: 'key' | 'value' = 'value'): void {
    this.problems.add(this.source, { path, at, ...mistake })
  }

  /** Something that is not wrong but hardly meant. */
  warn(path: YamlPath, mistake: Mistake, at: 'key' | 'value' = 'value'): void {
    this.problems.add(this.source, { severity: 'warning', path, at, ...mistake })
  }
}

/** `value` if it is a map. */
export function mapAt(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMap ? (value as Record<string, unknown>) : undefined
}
