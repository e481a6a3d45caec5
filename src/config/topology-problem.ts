// One thing wrong with a topology file or a scenario file, said so that its writer can go there and
// mend it: the place, the field and the value, and where it can be known what to do.

/** An error keeps the file from being used; a warning does not. */
export interface TopologyProblem {
  readonly severity: 'error' | 'warning'
  /** The file's name as the caller gave it. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units, as editors count. */
  readonly column: number
  /** Where in the structure, such as `brokers.hub.transportConnectors[0].uri`; '' for the file. */
  readonly path: string
  /** What is wrong: names the field and the value. */
  readonly message: string
  /** What to do about it, where that can be known. */
  readonly suggestion?: string
}

/** One line for a terminal: `file:line:column: error: message (suggestion)`. */
export function formatProblem(problem: TopologyProblem): string {
  const { file, line, column, severity, message, suggestion } = problem
  const tail = suggestion === undefined ? '' : ` (${suggestion})`
  return `${file}:${line}:${column}: ${severity}: ${message}${tail}`
}
