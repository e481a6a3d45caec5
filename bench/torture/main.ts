// The command line of the torture: real brokers of one shipped topology after the other, killed and
// harmed at random, and a verdict for each. The exit code is 1 if anything was lost, came twice
// without saying so, or went wrong otherwise.

import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { runTorture, type TortureProgress, type TortureResult } from './torture-run.ts'
import { progressLine, resultText } from './torture-text.ts'

interface Options {
  readonly seed: string
  readonly seconds: number
  readonly kills: number
  readonly topology: string[]
  readonly pace: number
  readonly rate: number
  readonly rounds: number
  readonly keep?: true
  readonly json?: true
}

const shipped = ['chain-3', 'ring-4', 'two-hubs']
const clearLine = '\r\x1b[K'
/** Without a terminal a line is written so often. */
const plainProgressMs = 10_000

async function main(): Promise<number> {
  const options = readOptions()
  const results: TortureResult[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    const seed = options.rounds === 1 ? options.seed : `${options.seed}-${round + 1}`
    for (const topology of options.topology) {
      const show = progressDisplay(topology)
      const result = await runTorture({
        ...{ seed, killsMax: options.kills, secondsMax: options.seconds },
        ...{ meanMs: options.pace, perSecond: options.rate },
        topologyFile: fileURLToPath(
          new URL(`../../../topologies/${topology}.yaml`, import.meta.url)
        ),
        keepsFailure: options.keep === true,
        onProgress: show
      })
      results.push(result)
      if (process.stderr.isTTY) process.stderr.write(clearLine)
      const { kills, seconds, pace, rate } = options
      const replay =
        `node dist/bench/torture/main.js --seed ${seed} --topology ${topology} ` +
        `--kills ${kills} --seconds ${seconds} --pace ${pace} --rate ${rate} --keep`
      if (options.json !== true) console.log(resultText(result, replay))
    }
  }
  if (options.json === true) console.log(JSON.stringify(results, undefined, 2))
  else console.log(summary(results))
  return results.some(isBad) ? 1 : 0
}

function isBad({ violations, faults }: TortureResult): boolean {
  return violations.length + faults.length > 0
}

function summary(results: readonly TortureResult[]): string {
  const sum = (of: (result: TortureResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0)
  return (
    `${results.length} runs, ${sum(({ torment }) => torment.kills)} kills, ` +
    `${sum(({ ledger }) => ledger.receipted)} messages receipted, ` +
    `${sum(({ ledger }) => ledger.repeats)} repeated deliveries, ` +
    `${sum(({ violations }) => violations.length)} violations, ` +
    `${sum(({ faults }) => faults.length)} other faults`
  )
}

function progressDisplay(topology: string): (progress: TortureProgress) => void {
  let lastMs = 0
  return (progress) => {
    const line = progressLine(topology, progress)
    if (process.stderr.isTTY) {
      process.stderr.write(`${clearLine}${line.slice(0, (process.stderr.columns ?? 80) - 1)}`)
      return
    }
    if (Date.now() - lastMs < plainProgressMs) return
    lastMs = Date.now()
    process.stderr.write(`${line}\n`)
  }
}

function readOptions(): Options {
  return new Command('torture')
    .description('Kills and harms real brokers at random and sees that no message is lost.')
    .option('--seed <text>', 'what is drawn is drawn from it', String(Date.now() % 1_000_000))
    .option('--topology <names>', 'with commas between', names, shipped)
    .option('--seconds <count>', 'harm for so long, each topology', whole, 10)
    .option('--kills <count>', 'harm until so many kills, each topology', whole, 1_000_000)
    .option('--rounds <count>', 'so many seeds, each derived from the first', whole, 1)
    .option('--pace <ms>', 'mean time between two harms', whole, 250)
    .option('--rate <count>', 'messages a second that producers try to send', whole, 800)
    .option('--keep', 'leave data and logs of a run that failed')
    .option('--json', 'print the results as JSON')
    .parse()
    .opts<Options>()
}

function names(text: string): string[] {
  return text.split(',').map((name) => {
    if (/^[a-z0-9-]+$/.test(name)) return name
    throw new InvalidArgumentError(`"${name}" is no file of topologies/, as ${shipped.join(', ')}`)
  })
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new InvalidArgumentError(`"${text}" is not a whole number from 1`)
  }
  return Number(text)
}

try {
  process.exitCode = await main()
  // What hangs at a socket must not keep a verdict.
  process.exit()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(2)
}
