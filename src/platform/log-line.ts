// One log line, as text for people or as JSON for machines. Whatever a field holds, a line stays
// one line and carries no terminal codes of its own.

import type { LogFields } from '../ports/index.ts'

/** How much a line matters, most first. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** One event with its facts. */
export interface LogEntry {
  readonly timeMs: number
  readonly level: LogLevel
  readonly event: string
  readonly fields: LogFields
}

const colours: Readonly<Record<LogLevel, string>> = {
  error: '\u001b[31m',
  warn: '\u001b[33m',
  info: '\u001b[32m',
  debug: '\u001b[90m'
}
const colourEnd = '\u001b[0m'

/** `time level event key=value …`, with values quoted where they need it. */
export function prettyLine(entry: LogEntry, isColoured: boolean): string {
  const level = entry.level.padEnd(5)
  let line = new Date(entry.timeMs).toISOString()
  line += isColoured ? ` ${colours[entry.level]}${level}${colourEnd}` : ` ${level}`
  line += ` ${entry.event}`
  for (const [key, value] of Object.entries(entry.fields)) {
    if (value !== undefined) line += ` ${key}=${valueText(value)}`
  }
  return line
}

/** One JSON object: time, level, event, then the fields; a field so named gets a '_' behind. */
export function jsonLine(entry: LogEntry): string {
  const line = new Map<string, string | number | boolean>([
    ['time', new Date(entry.timeMs).toISOString()],
    ['level', entry.level],
    ['event', entry.event]
  ])
  for (const [key, value] of Object.entries(entry.fields)) {
    if (value === undefined) continue
    const name = key === 'time' || key === 'level' || key === 'event' ? `${key}_` : key
    // JSON has no NaN and no infinity, and null would hide which it was.
    line.set(name, typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)
  }
  return escapeControls(JSON.stringify(Object.fromEntries(line)))
}

const plainValue = /^[^\s"=\\\p{Cc}\p{Cf}]+$/u

function valueText(value: string | number | boolean): string {
  if (typeof value !== 'string' || plainValue.test(value)) return String(value)
  return escapeControls(JSON.stringify(value))
}

/** JSON leaves alone what terminals do not: DEL, C1 controls, text direction, line separators. */
function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    let escaped = ''
    for (let i = 0; i < character.length; i += 1) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`
    }
    return escaped
  })
}
