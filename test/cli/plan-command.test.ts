// `postroad plan`: what it says of topology files that ship, and of one with everything that is
// suspicious.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { findWarnings } from '../../src/cli/plan/find-warnings.ts'
import { pathText } from '../../src/cli/plan/path-text.ts'
import { networkOfFile } from '../../src/cli/plan/planned-network.ts'
import { readLosses } from '../../src/cli/plan/read-losses.ts'
import { readTopology, type Topology } from '../../src/config/index.ts'
import { surveyNetwork } from '../../src/network/index.ts'
import { runCommand } from '../support/broker-processes.ts'
import { withFile } from './command-process.ts'

const topologies = fileURLToPath(new URL('../../../topologies/', import.meta.url))
const shipped = (name: string): string => join(topologies, `${name}.yaml`)

/** A file of brokers that dial each other, as 'a: b, c' and so on, with more said of each. */
function fileOf(brokers: Readonly<Record<string, readonly string[]>>, more = ''): string {
  const names = Object.keys(brokers)
  const lines = ['network: planned', more, 'brokers:']
  for (const [at, name] of names.entries()) {
    const [own = '', ...dials] = brokers[name]!
    lines.push(`  ${name}:`, ...(own === '' ? [] : [`    ${own}`]))
    lines.push('    transportConnectors:', `      - uri: postroad://127.0.0.1:${7_000 + at}`)
    if (dials.length > 0) lines.push('    networkConnectors:')
    for (const dial of dials) {
      const [to, ...terms] = dial.split('; ')
      lines.push(`      - uri: static:(postroad://127.0.0.1:${7_000 + names.indexOf(to!)})`)
      for (const term of terms) lines.push(`        ${term}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function topologyOf(text: string): Topology {
  const { topology, problems } = readTopology(text, 'test.yaml')
  if (topology === undefined) throw new Error(JSON.stringify(problems))
  return topology
}

test('one-way bridges, other terms at both ends, short hops and no transit are warned of', (t) => {
  const file = networkOfFile(
    topologyOf(
      fileOf({
        a: ['hopsMax: 1', 'b; duplex: false'],
        b: ['hopsMax: 1', 'c; cost: 2'],
        c: ['transit: false', 'b; cost: 3', 'd'],
        d: ['']
      })
    )
  )
  const warnings = findWarnings(file, surveyNetwork(file.network))
  t.regex(warnings[0]!, /^bridge a-b is one-way: nothing comes back over it from b$/)
  t.regex(warnings[1]!, /^b and c dial each other on different terms/)
  t.regex(warnings[2]!, /^hopsMax 1 of b is too small: messages on the way a b c set/)
  t.regex(warnings[3]!, /^c is in the way of \d+ pairs \(every destination\)/)
  t.is(warnings.length, 4)
})

test('that single points were not looked for is a warning, and long ways are shortened', (t) => {
  const file = networkOfFile(topologyOf(fileOf({ a: ['', 'b'], b: [''] })))
  const surveys = surveyNetwork(file.network).map((one) => ({ ...one, singlePoints: null }))
  t.regex(findWarnings(file, surveys).join('\n'), /^single points of failure were not looked for/)
  t.is(pathText([...'abcdefghi']), 'a b c d e f g h i')
  t.is(pathText([...'abcdefghijk']), 'a b c d … 3 more … h i j k')
})

test('a bridge of two ends that dial each other on the same terms is one', (t) => {
  const { bridges, undecided } = networkOfFile(topologyOf(fileOf({ a: ['', 'b'], b: ['', 'a'] })))
  t.is(bridges.length, 1)
  t.deepEqual(undecided, [])
})

test('what is taken away is read by the brokers there are, hyphens or not', (t) => {
  const file = networkOfFile(
    topologyOf(
      fileOf({ 'hub-1': ['', 'site-1'], 'site-1': [''], hub: ['', '1-site-1'], '1-site-1': [''] })
    )
  )
  t.deepEqual(readLosses(['hub-1', 'site-1:hub-1'], file), {
    brokers: new Set(['hub-1']),
    bridges: [['hub-1', 'site-1']]
  })
  t.regex(
    String(readLosses(['hub-1-site-1'], file)),
    /may be several bridges; write hub-1:site-1 or hub:1-site-1/
  )
  t.regex(String(readLosses(['hub-2'], file)), /hub-2 is no broker and no bridge .* did you mean/)
  t.regex(String(readLosses(['nothing-at-all'], file)), /brokers are hub-1, site-1/)
})

test.serial('a ring survives the loss of any one part', async (t) => {
  const whole = await runCommand(['plan', shipped('ring-4')])
  t.is(whole.code, 0)
  t.regex(whole.stdout, /network ring-4, 4 brokers, 4 bridges/)
  t.regex(whole.stdout, /every broker reaches every other\n {2}nothing whose loss cuts others off/)
  const without = await runCommand(['plan', shipped('ring-4'), '--without', 'a-b'])
  t.is(without.code, 0)
  t.regex(without.stdout, /all that are left and reached each other still do/)
  t.regex(without.stdout, /a +b +1 to 3 +1 to 3 +a d c b/)
})

test.serial(
  'a chain does not survive the loss of its middle, and the exit code says so',
  async (t) => {
    const whole = await runCommand(['plan', shipped('chain-3'), '--json'])
    t.is(whole.code, 0)
    const { destinations, without } = JSON.parse(whole.stdout)
    t.is(without, null)
    t.deepEqual(
      destinations[0].singlePoints.map(({ ends }: { ends: string[] }) => ends.join('-')),
      ['a-b', 'b-c', 'b']
    )
    const cut = await runCommand(['plan', shipped('chain-3'), '--without', 'b'])
    t.is(cut.code, 1)
    t.regex(cut.stdout, /2 pairs cut off\n {4}a to c/)
    const unknown = await runCommand(['plan', shipped('chain-3'), '--without', 'x'])
    t.is(unknown.code, 2)
    t.regex(unknown.stderr, /--without x is no broker and no bridge of the file/)
    t.is((await runCommand(['plan', 'no-such-file.yaml'])).code, 1)
  }
)

test.serial('destinations that filters keep apart are told apart', async (t) => {
  const text = fileOf({ a: ['', "b; exclude: ['queue://x.>']"], b: [''] })
  await withFile(text, async (file) => {
    const { stdout, code } = await runCommand(['plan', file])
    t.is(code, 0)
    t.regex(stdout, /^queue:\/\/x\.>\n {2}2 pairs without a way$/m)
    t.regex(stdout, /a to b: the filter of bridge a-b excludes queue:\/\/x\.>/)
    t.regex(stdout, /^other queues, other topics\n {2}2 pairs with a way/m)
  })
})
