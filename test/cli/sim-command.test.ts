// `postroad sim` as people and pipelines call it: what it prints, and what its exit code says.

import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { runCommand } from '../support/broker-processes.ts'
import { withFile } from './command-process.ts'

const pair = fileURLToPath(new URL('../../../topologies/pair.yaml', import.meta.url))

const scenario = `scenario: cut-pair
topology: { chain: 2 }
duration: 3s
ending: heal
producers:
  - { name: p, at: a, to: /queue/q, rate: 50/s }
consumers:
  - { name: c, at: b, from: /queue/q }
faults:
  - cut: a:b@1s..2s
expect:
  lost: 0
  delivered: { at-least: 100 }
  latency-max: 30s
`

test.serial('a topology file is rehearsed with faults of the command line', async (t) => {
  const { code, stdout } = await runCommand(['sim', pair, '--kill', 'b@1s..2s', '--duration', '3s'])
  t.is(code, 0)
  t.regex(stdout, /pair under 1 fault: .* 0 lost/)
  t.regex(stdout, /100 messages\/s of\s+1 KiB in all/)
  t.regex(stdout, /kill b +1\.0 s +2\.0 s/)
  t.regex(stdout, /✔ lost is at most 0/)
})

test.serial('the same seed gives the same run, another one another', async (t) => {
  await withFile(scenario, async (file) => {
    const hashes = new Map<string, string>()
    for (const seed of ['1', '1', '2']) {
      const { code, stdout, stderr } = await runCommand(['sim', file, '--seed', seed, '--json'])
      t.is(code, 0, stderr)
      const report = JSON.parse(stdout)
      t.like(report, { scenario: 'cut-pair', seed, mode: 'simulated', complaints: [] })
      t.is(hashes.get(seed) ?? report.traceHash, report.traceHash)
      hashes.set(seed, report.traceHash)
    }
    t.not(hashes.get('1'), hashes.get('2'))
  })
})

test.serial(
  'an expectation that does not hold fails the command and says how to see',
  async (t) => {
    await withFile(scenario.replace('latency-max: 30s', 'latency-max: 1ms'), async (file) => {
      const { code, stdout } = await runCommand(['sim', file, '--latency', '2ms'])
      t.is(code, 1)
      t.regex(stdout, /✘ latency-max is at most 1\.0 ms/)
      t.regex(stdout, /run it again: postroad sim \S+topology\.yaml --latency 2ms --seed 1\n/)
    })
  }
)

test.serial('several seeds have a line each, and the worst is shown', async (t) => {
  await withFile(scenario, async (file) => {
    const { code, stdout } = await runCommand(['sim', file, '--seeds', '2', '--seed', '5'])
    t.is(code, 0)
    t.regex(stdout, /^good {3}seed 5: \d+ accepted, 0 lost\ngood {3}seed 6: /)
    t.regex(stdout, /chain-2 under 1 fault: .*\ncut-pair: cut a:b\.\n/)
  })
})

test.serial('a faulty scenario is told with line and suggestion, and is bad input', async (t) => {
  await withFile(scenario.replace('cut: a:b', 'kill: bb'), async (file) => {
    const { code, stdout, stderr } = await runCommand(['sim', file])
    t.is(code, 2)
    t.is(stdout, '')
    const message = 'error: no broker is called "bb" (did you mean "b"?)'
    t.is(stderr, `${file}:10:11: ${message}\n`)
    const checked = await runCommand(['check', file])
    t.is(checked.code, 1)
    t.is(checked.stdout, `${file}:10:11: ${message}\n${file}: 1 error\n`)
  })
})

test.serial('faults of the command line are held against the network, too', async (t) => {
  const { code, stderr } = await runCommand(['sim', pair, '--cut', 'a:c@1s', '--kill', 'a@99s'])
  t.is(code, 2)
  t.regex(stderr, /--cut a:c@1s: no broker is called "c" \(known are a, b\)/)
  const late = await runCommand(['sim', pair, '--kill', 'a@9s', '--duration', '5s'])
  t.is(late.code, 2)
  t.regex(late.stderr, /--kill a@9s: .* goes on after the end of the run at 5s/)
})

test.serial('two networks are put under the same faults', async (t) => {
  await withFile(scenario, async (file) => {
    const { code, stdout } = await runCommand(['sim', file, '--compare', pair])
    t.is(code, 0)
    t.regex(stdout, /^chain-2 against pair: cut-pair, 1 fault\n/)
    const other = join(dirname(file), 'other.yaml')
    await writeFile(other, scenario.replace('chain: 2', 'chain: 3'))
    const missing = await runCommand(['sim', '--compare', file, other, '--kill', 'c@1s..2s'])
    t.is(missing.code, 2)
    t.regex(missing.stderr, /topology\.yaml: --kill c@1s\.\.2s: no broker is called "c"/)
  })
})

test.serial(
  'what the command line says is saved as a scenario file that runs the same',
  async (t) => {
    await withFile('', async (file) => {
      const faults = ['--kill', 'b@1s..2s', '--link', 'a:b=20ms,2Mbit/s', '--duration', '4s']
      const explain = ['--explain', '--seed', '9']
      const first = await runCommand(['sim', pair, ...faults, ...explain, '--save-scenario', file])
      t.is(first.code, 0, first.stderr)
      t.regex(await readFile(file, 'utf8'), /^scenario: pair\n.*seed: 9\n.*- kill: b@1s\.\.2s/s)
      const again = await runCommand(['sim', file, '--explain'])
      t.is(again.stderr, '')
      const timeline = (text: string): string => text.slice(text.indexOf('timeline:'))
      t.is(timeline(again.stdout), timeline(first.stdout))
    })
  }
)

test.serial('a page for a browser is written', async (t) => {
  await withFile(scenario, async (file) => {
    const page = join(dirname(file), 'report.html')
    const { code, stderr } = await runCommand(['sim', file, '--html', page])
    t.is(code, 0)
    t.is(stderr, `wrote ${page}\n`)
    const html = await readFile(page, 'utf8')
    t.regex(html, /^<!doctype html>/)
    t.true(html.includes('cut-pair'))
  })
})

test.serial('Ctrl-C ends a long run, and its report says what was until then', async (t) => {
  await withFile(scenario.replace('duration: 3s', 'duration: 24h'), async (_file, start) => {
    const command = start('sim', _file, '--json', '--progress')
    await command.sees('stderr', /cut-pair on chain-2 0 % .* events\/s/)
    t.is(await command.end('SIGINT'), 130)
    const report = JSON.parse(command.stdout)
    t.true(report.runMs > 0 && report.runMs < 86_400_000)
    t.regex(command.stderr, /called off: the report says what was until then/)
  })
})

const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no file', [], /missing required argument 'file'/],
  ['a fault that cannot be read', [pair, '--kill', 'b@2s..1s'], /runs backwards \(did you mean/],
  [
    'a fault without a time',
    [pair, '--kill', 'b'],
    /"b" says not when: a fault is .* \(write for example --kill hub-1@10s\.\.40s\)/
  ],
  ['a comparison of one', ['--compare', pair], /--compare needs two files/],
  ['a comparison of three', [pair, '--compare', pair, pair], /two files can be compared, not 3/],
  ['an unknown ending', [pair, '--ending', 'well'], /Allowed choices are heal, as-is/],
  ['a link of nothing', [pair, '--link', 'a:b'], /says nothing of the link/],
  ['a quality of no kind', [pair, '--link', 'a:b=2Mbps'], /did you mean 2Mbit\/s\?/],
  ['a file that is not there', ['none.yaml'], /^postroad: cannot read "none\.yaml": ENOENT/],
  [
    'more messages than a run may have',
    [pair, '--duration', '24h', '--rate', '100000'],
    /the producers send about \d+ messages in 24h \(20000000 are the most/
  ],
  [
    'what real brokers cannot do',
    [pair, '--real', '--disk-full', 'b@1s..2s'],
    /--disk-full b@1s\.\.2s cannot be done to real brokers: a full disk .* \(leave it out/
  ],
  ['a folder', ['topologies'], /^postroad: "topologies" is a folder; name a file in it$/m],
  [
    'a page where none can be written',
    [pair, '--html', '/no/such/folder/page.html'],
    /^postroad: cannot write "\/no\/such\/folder\/page\.html": ENOENT/
  ]
]

for (const [what, args, expected] of wrong) {
  test.serial(`${what} is wrong usage of sim`, async (t) => {
    const { code, stdout, stderr } = await runCommand(['sim', ...args])
    t.is(code, 2)
    t.regex(stderr, expected)
    t.is(stdout, '')
  })
}

test.serial('the schema of scenario files is JSON Schema', async (t) => {
  const { code, stdout } = await runCommand(['sim', '--schema'])
  t.is(code, 0)
  t.true('faults' in JSON.parse(stdout).properties)
})
