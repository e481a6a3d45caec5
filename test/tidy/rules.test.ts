// The rules of the house, tried on small samples: each must find what it is there to find, and
// leave what is right alone.

import test from 'ava'
import { findBannedGlobals } from './banned-globals.ts'
import { findDependencyFaults, findLockFaults } from './dependencies.ts'
import {
  findDocumentFaults,
  findFlowFaults,
  findLimitFaults,
  findTableFaults
} from './documents.ts'
import { findLeftovers } from './leftovers.ts'
import { findNameFaults, findOpeningFaults } from './names.ts'
import { findDanglingImports, findOrphans } from './orphans.ts'
import { findSizeFaults } from './sizes.ts'
import { parseSource, type SourceFile } from './source-file.ts'
import { findWallFaults } from './walls.ts'

function wallFaults(path: string, text: string): string[] {
  return findWallFaults([parseSource(path, text)])
}

function bannedNames(path: string, text: string): string[] {
  return findBannedGlobals([parseSource(path, text)]).map(
    (fault) => /: (\S+) is banned/.exec(fault)![1]!
  )
}

const passes: readonly [string, string][] = [
  ['src/broker/queue.ts', `import type { Clock } from '../ports/index.ts'`],
  ['src/broker/queue.ts', `import { Selector } from './selector/index.ts'`],
  ['src/broker/destination.ts', `import { LRUCache } from 'lru-cache'`],
  ['src/protocols/stomp/session.ts', `import { StompParser } from './codec/index.ts'`],
  ['src/network/network.ts', `import { Bridges } from './bridge/index.ts'`],
  ['src/network/bridge/pair.ts', `import { x } from './bridge.ts'`],
  ['src/network/bridge/pair.ts', `import type { Digest } from '../bridge-protocol/index.ts'`],
  ['src/config/topology.ts', `import type { StationOptions } from '../station/index.ts'`],
  ['src/platform/tcp.ts', `import { connect } from 'node:net'`],
  ['src/station/station.ts', `import { StompServer } from '../protocols/stomp/index.ts'`],
  ['src/client/client.ts', `import { encodeFrame } from '../protocols/stomp/codec/index.ts'`],
  ['sim/main.ts', `import { argv } from 'node:process'`],
  ['test/broker/queue.test.ts', `import { Queue } from '../../src/broker/queue.ts'`]
]

for (const [path, text] of passes) {
  test(`the walls let ${path} say ${text}`, (t) => {
    t.deepEqual(wallFaults(path, text), [])
  })
}

const refusals: readonly [string, string, RegExp][] = [
  ['src/base/heap.ts', `import { x } from '../ports/index.ts'`, /base\/ may not import ports\//],
  ['src/broker/queue.ts', `import '../network/index.ts'`, /may not import network\//],
  ['src/broker/queue.ts', `import type { X } from '../store/index.ts'`, /may not import store\//],
  ['src/broker/queue.ts', `export { x } from '../config/index.ts'`, /may not import config\//],
  ['src/broker/queue.ts', `export * from '../config/index.ts'`, /may not import config\//],
  ['src/broker/queue.ts', `const x = await import('../cli/main.ts')`, /may not import cli\//],
  ['src/broker/queue.ts', `import { x } from '../base/heap.ts'`, /import src\/base\/index.ts/],
  ['src/broker/queue.ts', `import { x } from './selector/lexer.ts'`, /selector\/index.ts instead/],
  ['src/broker/queue.ts', `import { readFileSync } from 'node:fs'`, /only src\/platform\//],
  ['src/broker/queue.ts', `import { readFileSync } from 'fs'`, /only src\/platform\//],
  ['src/broker/queue.ts', `import { z } from 'zod'`, /may import: lru-cache/],
  ['src/base/heap.ts', `import { z } from '@scope/name/deep'`, /package @scope\/name;.*none/],
  ['src/network/map/map.ts', `import { x } from '../bridge/pair.ts'`, /bridge\/index.ts instead/],
  ['src/network/map/map.ts', `import { x } from '../../broker/message.ts'`, /broker\/index.ts/],
  ['src/protocols/stomp/codec/p.ts', `import { x } from '../../../ports/index.ts'`, /may not/],
  ['src/protocols/stomp/s.ts', `import { x } from '../mqtt/index.ts'`, /may not import/],
  ['src/protocols/stomp/s.ts', `import { x } from '../mqtt/codec/index.ts'`, /may not import/],
  ['src/config/c.ts', `import { Station } from '../station/index.ts'`, /may not import station\//],
  [
    'src/config/c.ts',
    `import type { X } from '../station/station.ts'`,
    /station\/index.ts instead/
  ],
  ['src/station/s.ts', `import { x } from '../config/index.ts'`, /may not import config\//],
  ['src/station/s.ts', `import { x } from '../../sim/world.ts'`, /may not import sim\//],
  ['sim/world.ts', `import { x } from '../src/platform/index.ts'`, /may not import platform\//],
  ['sim/world.ts', `import { x } from '../src/broker/queue.ts'`, /src\/broker\/index.ts instead/],
  ['sim/world.ts', `import { x } from 'node:fs'`, /only src\/platform\//],
  ['src/newroom/a.ts', `import { x } from '../base/index.ts'`, /stands in no room/]
]

for (const [path, text, fault] of refusals) {
  test(`the walls do not let ${path} say ${text}`, (t) => {
    const faults = wallFaults(path, text)
    t.is(faults.length, 1, faults.join('\n'))
    t.regex(faults[0]!, fault)
  })
}

test('an import written over several lines is judged like any other', (t) => {
  const faults = wallFaults('src/base/a.ts', `// top\nimport {\n  x\n} from '../broker/index.ts'\n`)
  t.regex(faults.join(), /^src\/base\/a\.ts:2: /)
})

test('an import inside a string or a comment is none', (t) => {
  const example = `import { x } from '../cli/main.ts'`
  const text = `// ${example}\nconst a = "${example}"`
  t.deepEqual(wallFaults('src/base/a.ts', text), [])
})

test('banned globals are found as calls, values, types and members', (t) => {
  const text = `
    const now = Date.now()
    const at: Date = new Date()
    const dice = Math.random
    setTimeout(() => {}, 5)
    const env = { process }
    const later = globalThis['fetch']
    AbortSignal.timeout(5)`
  t.deepEqual(bannedNames('src/broker/a.ts', text), [
    'Date',
    'Date',
    'Date',
    'Math.random',
    'setTimeout',
    'process',
    'globalThis',
    'AbortSignal.timeout'
  ])
})

test('members and fields that share a name with a banned global are left alone', (t) => {
  const text = `
    class A { process(): void { this.process(); clock.setTimeout(1) } }
    interface B { readonly crypto: string; fetch(): void }
    const c = { performance: 1 }
    const d = c.performance + Math.max(1, 2)`
  t.deepEqual(bannedNames('src/broker/a.ts', text), [])
})

test('the simulator obeys the ban but for its entry point', (t) => {
  t.deepEqual(bannedNames('sim/world.ts', 'const a = Date.now()'), ['Date'])
  t.deepEqual(bannedNames('sim/main.ts', 'const a = Date.now()'), [])
  t.deepEqual(bannedNames('src/platform/clock.ts', 'const a = Date.now()'), [])
})

function sizeFaults(path: string, text: string): string[] {
  return findSizeFaults([parseSource(path, text)])
}

test('a function of 70 lines passes and one of 71 does not', (t) => {
  const functionOf = (lines: number): string => `function f() {\n${'\n'.repeat(lines - 2)}}\n`
  t.deepEqual(sizeFaults('src/base/a.ts', functionOf(70)), [])
  t.regex(sizeFaults('src/base/a.ts', functionOf(71)).join(), /f has 71 lines, at most 70/)
})

test('a suite of tests is measured without the tests inside', (t) => {
  const inner = `  test(() => {\n${'\n'.repeat(38)}  })\n`
  const suite = `function suite() {\n${inner}${inner}}\n`
  t.deepEqual(sizeFaults('test/conformance/a.suite.ts', suite), [])
  t.is(sizeFaults('test/conformance/a.test.ts', suite).length, 1)
  const long = `function suite() {\n  test(() => {\n${'\n'.repeat(70)}  })\n}\n`
  t.is(sizeFaults('test/conformance/a.suite.ts', long).length, 1)
})

test('four parameters pass and five do not, in methods and signatures too', (t) => {
  t.deepEqual(sizeFaults('src/base/a.ts', 'class A { m(this: A, a, b, c, d) {} }'), [])
  t.is(sizeFaults('src/base/a.ts', 'class A { m(a, b, c, d, e) {} }').length, 1)
  t.is(sizeFaults('src/base/a.ts', 'interface A { m(a, b, c, d, e): void }').length, 1)
  t.is(sizeFaults('src/base/a.ts', 'const f = (a, b, c, d, e) => a').length, 1)
})

test('a line of 100 columns passes and one of 101 does not', (t) => {
  t.deepEqual(sizeFaults('src/base/a.ts', `// ${'ü'.repeat(97)}`), [])
  t.is(sizeFaults('src/base/a.ts', `// ${'ü'.repeat(98)}`).length, 1)
})

test('a file of 600 lines passes and one of 601 does not, but 900 in test', (t) => {
  t.deepEqual(sizeFaults('src/base/a.ts', '\n'.repeat(600)), [])
  t.is(sizeFaults('src/base/a.ts', '\n'.repeat(601)).length, 1)
  t.deepEqual(sizeFaults('test/a.test.ts', '\n'.repeat(900)), [])
  t.is(sizeFaults('test/a.test.ts', '\n'.repeat(901)).length, 1)
})

test('file names that say nothing or are in the wrong case are refused', (t) => {
  const good = ['src/a/frame-types.ts', 'src/a/pub-ack.ts', 'test/a.test.ts', 'bench/b.bench.ts']
  const bad = ['utils.ts', 'helpers.ts', 'common.ts', 'types.ts', 'queue-manager.ts']
  const wrongCase = ['StompSession.ts', 'stomp_session.ts', 'stompSession.ts']
  t.deepEqual(findNameFaults(good), [])
  t.is(findNameFaults(bad.map((name) => `src/a/${name}`)).length, bad.length)
  t.is(findNameFaults(wrongCase.map((name) => `src/a/${name}`)).length, wrongCase.length)
})

test('a file of src that opens without a comment is refused', (t) => {
  const open = parseSource('src/base/a.ts', '// Owns nothing.\n')
  const silent = parseSource('src/base/b.ts', 'export const a = 1\n')
  t.is(findOpeningFaults([open, silent]).length, 1)
})

test('leftovers are found where they count', (t) => {
  const found = (path: string, text: string): number => findLeftovers([{ path, text }]).length
  t.is(found('src/a.ts', '// TODO later'), 1)
  t.is(found('docs/a.md', 'FIXME'), 1)
  t.is(found('src/a.ts', `throw new Error('not implemented')`), 1)
  t.is(found('test/a.test.ts', `test.skip('x', () => {})`), 1)
  t.is(found('test/a.test.ts', `test.serial.only('x', () => {})`), 1)
  t.is(found('docs/a.md', 'see /home/me/postroad'), 1)
  t.is(found('docs/a.md', 'fixes issue #12'), 1)
  t.is(found('docs/a.md', 'SSE, MQTT and others are not there yet'), 0)
  t.is(found('docs/a.md', 'https://example.org/work/of/others and src/work/a'), 0)
})

function filesOf(...files: readonly [string, string][]): SourceFile[] {
  return files.map(([path, text]) => parseSource(path, text))
}

test('a file of src that only a test reaches is an orphan', (t) => {
  const files = filesOf(
    ['src/cli/main.ts', `import '../base/used.ts'\nnew URL('./child.js', import.meta.url)`],
    ['src/cli/child.ts', ''],
    ['src/base/used.ts', `export type { T } from './deeper.ts'`],
    ['src/base/deeper.ts', ''],
    ['src/base/lost.ts', ''],
    ['test/lost.test.ts', `import '../src/base/lost.ts'\nimport './support/aid.ts'`],
    ['test/support/aid.ts', ''],
    ['test/support/forgotten.ts', '']
  )
  const orphans = findOrphans(files).map((fault) => fault.split(':')[0])
  t.deepEqual(orphans, ['src/base/lost.ts', 'test/support/forgotten.ts'])
})

test('an import of a file that is gone is found', (t) => {
  t.is(findDanglingImports(filesOf(['src/a.ts', `import './gone.ts'`])).length, 1)
})

test('dependencies must be used and uses declared', (t) => {
  const pkg = {
    dependencies: { zod: '1', yaml: '1' },
    devDependencies: { ava: '1', typescript: '1', '@types/ws': '1', '@types/zod': '1', idle: '1' },
    scripts: { build: 'tsc -p .', test: 'npm run build && ava' }
  }
  const files = filesOf(['src/config/a.ts', `import { z } from 'zod'\nimport ws from 'ws'`])
  t.deepEqual(
    findDependencyFaults(pkg, files).map((fault) => fault.replace('package.json: ', '')),
    [
      'no file that ships imports yaml; remove it from dependencies',
      'nothing uses idle; remove it from devDependencies',
      'what ships imports ws; add it to dependencies'
    ]
  )
})

test('a lock file that names a registry or misses packages of other machines is found', (t) => {
  const packages = {
    'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-windows': '1' } },
    'node_modules/a-linux': {}
  }
  t.regex(findLockFaults({ packages }).join(), /^[^,]*a-windows of node_modules\/a is missing/)
  t.deepEqual(findLockFaults({ packages: { ...packages, 'node_modules/a-windows': {} } }), [])
  t.is(findLockFaults({ packages: { b: { resolved: 'https://registry.test/b.tgz' } } }).length, 1)
})

function documentFaults(text: string): string[] {
  const documents = [
    { path: 'docs/a.md', text },
    { path: 'docs/b.md', text: '# One `two` three!\n' }
  ]
  const there = new Set(['docs/a.md', 'docs/b.md', 'src', 'src/a.ts'])
  return findDocumentFaults(documents, (path) => there.has(path))
}

test('links to files and headings are followed', (t) => {
  t.deepEqual(documentFaults('[b](b.md), [c](b.md#one-two-three), [d](../src/a.ts)'), [])
  t.deepEqual(documentFaults('[e](https://example.org/gone.md), `src/a.ts`, `src/`'), [])
  t.is(documentFaults('[c](c.md)').length, 1)
  t.is(documentFaults('[b](b.md#four)').length, 1)
  t.is(documentFaults('see `src/gone.ts`').length, 1)
  t.deepEqual(documentFaults('```\n[c](c.md) `src/gone.ts`\n```'), [])
})

test('a flow that names a function its file does not have is found', (t) => {
  const flow = (name: string): string[] =>
    findFlowFaults(
      { path: 'docs/flows/a.md', text: `| 1 | \`${name}\` | [q](../../q.ts) | x |` },
      () => parseSource('q.ts', 'class Q { take() {} }\nexport function give() {}').declared
    )
  t.deepEqual(flow('Q.take'), [])
  t.deepEqual(flow('give'), [])
  t.is(flow('Q.give').length, 1)
  t.is(flow('take').length, 1)
})

test('a flow without steps is found', (t) => {
  const flow = { path: 'docs/flows/a.md', text: 'Nothing.' }
  t.is(findFlowFaults(flow, () => undefined).length, 1)
})

test('codes that are missing, unknown, doubled or differ in meaning are found', (t) => {
  const meanings = new Map([
    ['A_ONE', 'first'],
    ['A_TWO', 'second']
  ])
  const faults = (text: string): number =>
    findTableFaults({ path: 'e.md', text }, meanings, /^A_/).length
  t.is(faults('| `A_ONE` | first |\n| `A_TWO` | second |'), 0)
  t.is(faults('| `A_ONE` | first |'), 1)
  t.is(faults('| `A_ONE` | other |\n| `A_TWO` | second |'), 1)
  t.is(faults('| `A_ONE` | first |\n| `A_ONE` | first |\n| `A_TWO` | second |'), 1)
  t.is(faults('| `A_ONE` | first |\n| `A_TWO` | second |\n| `A_THREE` | third |'), 1)
})

test('limits that are missing or differ from the code are found', (t) => {
  const limits = new Map([['q.max', 1000]])
  const faults = (text: string): number => findLimitFaults({ path: 'e.md', text }, limits).length
  t.is(faults('| `q.max` | 1,000 | x |'), 0)
  t.is(faults('| `q.max` | 999 | x |'), 1)
  t.is(faults('| x | y |'), 1)
  t.is(faults('| `q.max` | 1,000 | x |\n| `q.min` | 1 | x |'), 1)
})
