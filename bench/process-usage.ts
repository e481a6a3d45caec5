// What a process has used, as the operating system tells: CPU time and resident memory from /proc.
// Where there is no /proc the answers are undefined and the figures are left out. It never guesses.

import { readFileSync } from 'node:fs'

// Linux tells user space 100 ticks a second on every architecture Node runs on.
const ticksPerSecond = 100

/** CPU seconds (user and system) a process has used so far. */
export function cpuSeconds(pid: number): number | undefined {
  const text = readProc(pid, 'stat')
  return text === undefined ? undefined : parseCpuSeconds(text)
}

/** Resident memory of a process in MiB. */
export function residentMiB(pid: number): number | undefined {
  const text = readProc(pid, 'status')
  const kibibytes = text === undefined ? undefined : /^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024
}

/** Reads fields 14 and 15 (utime, stime) of a /proc/PID/stat line. */
export function parseCpuSeconds(stat: string): number | undefined {
  // The second field is the program's name in parentheses and may hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isFinite(ticks) ? ticks / ticksPerSecond : undefined
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}
