// Keeps the house tidy: rooms, walls, sizes, names, and documents that say what the code does. Each
// failure names the file and what to do. The rules themselves are tested in tidy/rules.test.ts.

import test, { type ExecutionContext } from 'ava'
import { errorCodes } from '../src/base/index.ts'
import { defaultBrokerLimits, nonDeliveryReasons } from '../src/broker/index.ts'
import { bridgesLimitsDefault, defaultParkingLimits } from '../src/network/index.ts'
import { defaultStompLimits } from '../src/protocols/stomp/index.ts'
import { findBannedGlobals } from './tidy/banned-globals.ts'
import {
  findDependencyFaults,
  findLockFaults,
  type LockFile,
  type PackageFile
} from './tidy/dependencies.ts'
import {
  codeOf,
  findDocumentFaults,
  findFlowFaults,
  findLimitFaults,
  findTableFaults,
  tableRows
} from './tidy/documents.ts'
import { findLeftovers } from './tidy/leftovers.ts'
import { findNameFaults, findOpeningFaults } from './tidy/names.ts'
import { findDanglingImports, findOrphans } from './tidy/orphans.ts'
import { listFiles, pathExists, readText, textFiles } from './tidy/repository.ts'
import { findSizeFaults } from './tidy/sizes.ts'
import { parseSource } from './tidy/source-file.ts'
import { describeWall, findWallFaults, walls } from './tidy/walls.ts'

const texts = textFiles()
const sources = texts
  .filter(({ path }) => /^(src|sim|test|bench)\/.*\.ts$/.test(path))
  .map(({ path, text }) => parseSource(path, text))
const documents = texts.filter(({ path }) => path.endsWith('.md'))

const rooms = [
  'src/base',
  'src/ports',
  'src/broker',
  'src/protocols/stomp',
  'src/network',
  'src/discovery',
  'src/store',
  'src/admin',
  'src/config',
  'src/platform',
  'src/cli',
  'src/station',
  'topologies',
  'sim',
  'test',
  'bench',
  'docs'
]

function none(t: ExecutionContext, faults: readonly string[]): void {
  t.is(faults.length, 0, `\n${faults.join('\n')}\n`)
}

test('every room of the house exists', (t) => {
  none(
    t,
    rooms.filter((room) => !pathExists(room)).map((room) => `${room}/: is missing`)
  )
})

test('every source file can be parsed', (t) => {
  none(
    t,
    sources.flatMap((file) => file.faults)
  )
})

test('rooms import only what the walls allow, by each others doors', (t) => {
  none(t, findWallFaults(sources))
})

test('no clock, timer, chance or process is touched outside the rooms made for it', (t) => {
  none(t, findBannedGlobals(sources))
})

test('files, functions, lines and parameter lists keep within their sizes', (t) => {
  none(t, findSizeFaults(sources))
})

test('files are named in kebab-case after what they hold', (t) => {
  none(t, findNameFaults(sources.map(({ path }) => path)))
})

test('every file of src and sim opens by saying what it owns', (t) => {
  none(t, findOpeningFaults(sources))
})

test('no file is an orphan and no import dangles', (t) => {
  none(t, [...findOrphans(sources), ...findDanglingImports(sources)])
})

test('nothing unfinished, switched off or of one machine is left behind', (t) => {
  none(t, findLeftovers(texts))
})

test('every dependency is used and every use is declared', (t) => {
  none(t, findDependencyFaults(JSON.parse(readText('package.json')) as PackageFile, sources))
})

test('every library has a line in the decision about libraries', (t) => {
  const { dependencies, devDependencies } = JSON.parse(readText('package.json')) as PackageFile
  const path = 'docs/decisions/0010-libraries.md'
  const named = new Set(tableRows(readText(path)).map(({ cells }) => cells[0]!.split(' ')[0]))
  const needed = Object.keys({ ...dependencies, ...devDependencies })
  none(
    t,
    needed
      .filter((name) => !name.startsWith('@types/') && !named.has(name))
      .map((name) => `${path}: ${name} has no line; say what it is for and why this one`)
  )
})

test('the lock file names no registry and is whole for every machine', (t) => {
  none(t, findLockFaults(JSON.parse(readText('package-lock.json')) as LockFile))
})

test('compiled tests have sources, so that none runs that was deleted', (t) => {
  const compiled = listFiles('dist/test').filter((path) => path.endsWith('.test.js'))
  const paths = new Set(sources.map(({ path }) => path))
  const stale = compiled.filter(
    (path) => !paths.has(path.replace(/^dist\//, '').replace(/\.js$/, '.ts'))
  )
  t.true(compiled.length > 0)
  none(
    t,
    stale.map((path) => `${path}: its source is gone; run make clean`)
  )
})

test('links and paths in documents lead somewhere', (t) => {
  none(t, findDocumentFaults(documents, pathExists))
})

test('docs/reference/errors.md lists exactly the error codes there are', (t) => {
  const path = 'docs/reference/errors.md'
  const meanings = new Map<string, string>(Object.entries(errorCodes))
  none(t, findTableFaults({ path, text: readText(path) }, meanings, /^(LOCAL|REMOTE)_/))
  for (const { cells } of tableRows(readText(path))) {
    const code = codeOf(cells[0])
    if (code === undefined || !meanings.has(code)) continue
    t.is(cells[1], code.startsWith('LOCAL_') ? 'this side' : 'the other side', code)
    t.true((cells[3] ?? '').length > 10, `${code}: say what to do`)
  }
})

test('docs/reference/errors.md lists exactly the reasons for non-delivery there are', (t) => {
  const path = 'docs/reference/errors.md'
  const meanings = new Map<string, string>(Object.entries(nonDeliveryReasons))
  none(t, findTableFaults({ path, text: readText(path) }, meanings, /^[a-z]+(-[a-z]+)*$/))
})

test('the flows name functions that exist where they say', (t) => {
  const byPath = new Map(sources.map((file) => [file.path, file.declared]))
  const flows = documents.filter(({ path }) => path.startsWith('docs/flows/'))
  t.true(flows.length >= 3)
  none(
    t,
    flows.flatMap((flow) => findFlowFaults(flow, (path) => byPath.get(path)))
  )
})

test('docs/ARCHITECTURE.md gives the walls that are tested', (t) => {
  const path = 'docs/ARCHITECTURE.md'
  const described = new Map([...walls].map(([room, wall]) => [room, describeWall(wall)]))
  none(t, findTableFaults({ path, text: readText(path) }, described, /^[a-z]+(\/[a-z.-]+)?$/))
})

test('documents that comments point to exist', (t) => {
  none(
    t,
    sources.flatMap(({ path, text }) =>
      [...text.matchAll(/\bdocs\/[a-z-]+\/[A-Za-z0-9-]+\.md/g)]
        .filter(([document]) => !path.startsWith('test/tidy/') && !pathExists(document))
        .map(([document]) => `${path}: points to ${document}, which does not exist`)
    )
  )
})

test('docs/ARCHITECTURE.md gives the limits the code has', (t) => {
  const path = 'docs/ARCHITECTURE.md'
  const limits = new Map<string, number>()
  const groups = [
    ['broker', defaultBrokerLimits],
    ['stomp', defaultStompLimits],
    ['parking', defaultParkingLimits],
    ['bridge', flattened(bridgesLimitsDefault)]
  ] as const
  for (const [group, values] of groups) {
    for (const [name, value] of Object.entries(values)) limits.set(`${group}.${name}`, value)
  }
  none(t, findLimitFaults({ path, text: readText(path) }, limits))
})

test('make targets that documents name are in the Makefile', (t) => {
  const makefile = readText('Makefile')
  const faults: string[] = []
  for (const { path, text } of documents) {
    for (const [, target] of text.matchAll(/`make ([a-z]+)[^`]*`/g)) {
      if (!new RegExp(`^${target}:`, 'm').test(makefile)) {
        faults.push(`${path}: names make ${target}, which the Makefile does not have`)
      }
    }
  }
  none(t, faults)
})

function flattened(options: object, prefix = ''): Record<string, number> {
  const flat: Record<string, number> = {}
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number') flat[`${prefix}${name}`] = value
    else Object.assign(flat, flattened(value as object, `${prefix}${name}.`))
  }
  return flat
}
