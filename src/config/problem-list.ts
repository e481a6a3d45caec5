// Gathers the problems of one file. Each place and message is said once, the list is
// bounded and says so when it is full, and it comes out in the order of the file.

import { LineCounter } from 'yaml'
import type { TopologyProblem } from './topology-problem.ts'
import type { YamlPath, YamlSource } from './yaml-source.ts'

/** Problems told of one file. */
export const problemsMax = 500

/** What a problem says, and of what. */
export interface ProblemText {
  readonly severity?: 'error' | 'warning'
  readonly path: YamlPath
  /** Point at the key instead of the value. */
  readonly at?: 'key' | 'value'
  readonly message: string
  readonly suggestion?: string | undefined
}

/** The problems of one file. */
export class ProblemList {
  private readonly file: string
  private readonly lines = new LineCounter()
  private readonly problems: TopologyProblem[] = []
  private readonly seen = new Set<string>()
  private errors = 0
  private hidden = 0

  constructor(file: string, text: string) {
    this.file = file
    this.lines.addNewLine(0)
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      this.lines.addNewLine(at + 1)
    }
  }

  /** True once an error, not only warnings, was added. */
  get hasErrors(): boolean {
    return this.errors > 0
  }

  /** Where something was written, as 'file:line:column'. */
  placeOf(source: YamlSource, path: YamlPath): string {
    const { line, column } = this.positionAt(source.offsetOf(path, 'key'))
    return `${this.file}:${line}:${column}`
  }

  /** Adds a problem at a place in the structure. */
  add(source: YamlSource, text: ProblemText): void {
    this.addAt(source.offsetOf(text.path, text.at ?? 'value'), text)
  }

  /** Adds a problem at an offset in the text. */
  addAt(offset: number, { severity = 'error', path, message, suggestion }: ProblemText): void {
    const key = `${offset} ${severity} ${message}`
    if (this.seen.has(key)) return
    if (severity === 'error') this.errors += 1
    if (this.problems.length >= problemsMax) {
      this.hidden += 1
      return
    }
    this.seen.add(key)
    this.problems.push({
      severity,
      file: this.file,
      ...this.positionAt(offset),
      path: formatPath(path),
      message,
      ...(suggestion === undefined ? {} : { suggestion })
    })
  }

  /** What was added, by place in the file; last, if so, that there was more. */
  inFileOrder(): TopologyProblem[] {
    const sorted = this.problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
    if (this.hidden > 0) {
      sorted.push({
        severity: this.hasErrors ? 'error' : 'warning',
        file: this.file,
        ...this.positionAt(0),
        path: '',
        message: `${this.hidden} more problems are not shown`,
        suggestion: 'mend these first'
      })
    }
    return sorted
  }

  private positionAt(offset: number): { line: number; column: number } {
    const { line, col } = this.lines.linePos(offset)
    return { line, column: col }
  }
}

/** `brokers.hub.transportConnectors[0].uri`. */
export function formatPath(path: YamlPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}
