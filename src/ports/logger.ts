// Logging as a port. Events are constants with fields, so that they can be searched and counted.

/** Facts of one log line: flat and printable. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Takes log lines. `event` is a kebab-case constant, such as 'bridge-state'. */
export interface Logger {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger
}

/** Swallows everything. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger
}
