// The command line of the breaks: makes one broken build after the other, hunts it down with seeds,
// and prints a table. The exit code is 1 if one escapes.

import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { Command, InvalidArgumentError } from 'commander'
import type { Break } from './break.ts'
import { breaks } from './breaks.ts'
import { makeBrokenBuild } from './broken-build.ts'
import { type HuntOptions, type HuntResult, hunt } from './hunt.ts'

interface Options {
  readonly seconds: number
  readonly from: number
  readonly scenario: string
  readonly workers: number
  readonly list?: true
}

/** A run that takes so much longer than the whole hunt does not end at all. */
const endlessSeconds = 60
const complaintMax = 110

async function main(): Promise<void> {
  const program = readCommand()
  const options = program.opts<Options>()
  const wanted = choose(program.args)
  if (options.list) {
    for (const { name, harm } of wanted) console.log(`${name.padEnd(50)} ${harm}`)
    return
  }
  const left = [...wanted]
  let escaped = 0
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { caught, line } = await tryOne(next, options)
      if (!caught) escaped += 1
      console.log(line)
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.workers, wanted.length) }, work))
  console.log(`${wanted.length - escaped} of ${wanted.length} breaks were caught`)
  process.exitCode = escaped > 0 ? 1 : 0
}

async function tryOne(
  one: Break,
  { seconds, from, scenario }: Options
): Promise<{ readonly caught: boolean; readonly line: string }> {
  const build = makeBrokenBuild(one)
  try {
    const { runModule } = build
    const result = await huntInThread({ runModule, firstSeed: from, scenario, seconds })
    return { caught: result === 'endless' || result.caught !== undefined, line: tell(one, result) }
  } finally {
    build.remove()
  }
}

function huntInThread(options: HuntOptions): Promise<HuntResult | 'endless'> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: options })
    const endless = setTimeout(
      () => {
        resolve('endless')
        void worker.terminate()
      },
      (options.seconds + endlessSeconds) * 1_000
    )
    worker.on('message', resolve)
    worker.on('error', reject)
    worker.on('exit', () => clearTimeout(endless))
  })
}

function tell({ name, harm }: Break, result: HuntResult | 'endless'): string {
  if (result === 'endless') return `caught   ${name}\n         a run does not end any more`
  const { runs, seconds, caught, alsoWithout } = result
  const others =
    alsoWithout.length === 0 ? '' : `; unbroken fail as well: ${alsoWithout.join(', ')}`
  const effort = `${runs} runs, ${seconds} s${others}`
  if (caught === undefined) return `ESCAPED  ${name} (${effort})\n         ${harm}`
  const { scenario, seed, complaint } = caught
  const isLong = complaint.length > complaintMax
  const words = isLong ? `${complaint.slice(0, complaintMax)}…` : complaint
  return `caught   ${name} (${scenario} ${seed}; ${effort})\n         ${words}`
}

/** @throws Error for a name of no break */
function choose(names: readonly string[]): readonly Break[] {
  if (names.length === 0) return breaks
  return names.map((wanted) => {
    const found = breaks.find(({ name }) => name === wanted)
    if (found !== undefined) return found
    throw new Error(`there is no break "${wanted}"; --list names them all`)
  })
}

function readCommand(): Command {
  return new Command('breaks')
    .description('Breaks the product on purpose, one break at a time, and sees that seeds notice.')
    .argument('[names...]', 'breaks to try; all if left out')
    .option('--seconds <count>', 'a break escapes after so long', whole, 300)
    .option('--from <seed>', 'the first seed', whole, Date.now() % 1_000_000_000)
    .option('--scenario <name>', 'seeds of one scenario, or mixed as `make sim` does', 'all')
    .option('--workers <count>', 'breaks at a time', whole, availableParallelism())
    .option('--list', 'say which breaks there are')
    .parse()
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) {
    throw new InvalidArgumentError(`"${text}" is not a whole number from 1`)
  }
  return Number(text)
}

if (isMainThread) {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
} else parentPort!.postMessage(await hunt(workerData as HuntOptions))
