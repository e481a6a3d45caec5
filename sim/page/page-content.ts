// What a page shows: one report, or two side by side. It is also what the page carries with it as
// JSON for its script, so it is plain data.

import type { Report } from '../report/report.ts'

/** One run. */
export interface ReportContent {
  readonly kind: 'report'
  readonly report: Report
  /** The line that runs it again. */
  readonly replay?: string
}

/** Two runs under the same faults. */
export interface ComparisonContent {
  readonly kind: 'comparison'
  readonly a: Report
  readonly b: Report
  /** Figures of both, most important first. */
  readonly rows: readonly ComparedFigure[]
  readonly replay?: string
}

/** One figure of two runs. */
export interface ComparedFigure {
  /** For people, such as 'delivered late'. */
  readonly figure: string
  readonly unit: 'messages' | 'ms' | 'bytes' | 'ratio'
  /** Undefined where there was nothing to measure. */
  readonly a: number | undefined
  readonly b: number | undefined
  /** b less a. */
  readonly difference: number | undefined
  /** 'none' where more is neither better nor worse, or one is unknown. */
  readonly better: 'a' | 'b' | 'same' | 'none'
}

/** See the top of this file. */
export type PageContent = ReportContent | ComparisonContent
