// The import walls: which room may import which, and that a room is entered by its door. The table
// is the one in docs/ARCHITECTURE.md; type imports count like any other. Tests and benchmarks look
// behind doors; the rooms themselves never do.

import { builtinModules } from 'node:module'
import type { ImportUse, SourceFile } from './source-file.ts'

/** What one room may import. */
export interface Wall {
  /** Rooms, '*' for any. */
  readonly rooms: readonly string[]
  /** Packages from npm; '*' for any. */
  readonly packages: readonly string[]
  /** Whether Node's own modules may be imported. */
  readonly mayUseNode: boolean
  /** Whether types may come from any room. */
  readonly mayTakeTypes: boolean
}

const pure = { packages: [], mayUseNode: false, mayTakeTypes: false } as const
const open = { packages: ['*'], mayUseNode: true, mayTakeTypes: true } as const

/** Room to what it may import. A protocol's name is left out: 'protocols' stands for each. */
export const walls: ReadonlyMap<string, Wall> = new Map<string, Wall>([
  ['base', { ...pure, rooms: [] }],
  ['ports', { ...pure, rooms: ['base'] }],
  ['broker', { ...pure, rooms: ['base', 'ports'], packages: ['lru-cache'] }],
  ['protocols/codec', { ...pure, rooms: ['base'] }],
  ['protocols', { ...pure, rooms: ['own codec', 'broker', 'ports', 'base'] }],
  ['network', { ...pure, rooms: ['base', 'ports', 'broker'], packages: ['lru-cache'] }],
  ['discovery', { ...pure, rooms: ['base', 'ports'] }],
  ['store', { ...pure, rooms: ['base', 'ports'] }],
  ['admin', { ...pure, rooms: ['base', 'ports', 'broker', 'network', 'protocols/stomp'] }],
  [
    'config',
    {
      rooms: ['base', 'discovery', 'broker'],
      packages: ['zod', 'yaml', 'fastest-levenshtein'],
      mayUseNode: false,
      mayTakeTypes: true
    }
  ],
  ['client', { ...pure, rooms: ['any codec', 'ports', 'base'] }],
  [
    'platform',
    {
      rooms: ['base', 'ports', 'store'],
      packages: ['ws', 'winston', 'lmdb'],
      mayUseNode: true,
      mayTakeTypes: false
    }
  ],
  ['station', { ...pure, rooms: ['* but config, platform, cli, sim, test, bench'] }],
  ['cli', { ...open, rooms: ['* but test, bench'] }],
  ['sim', { ...pure, rooms: ['* but platform, cli, test, bench'] }],
  [
    'sim/scenario-file',
    { ...pure, rooms: ['* but platform, cli, test, bench'], packages: ['zod', 'yaml'] }
  ],
  ['sim/page', { ...pure, rooms: ['* but platform, cli, test, bench'], packages: ['echarts'] }],
  ['sim/command', { ...open, rooms: ['* but test, bench'] }],
  ['sim/real', { ...open, rooms: ['* but test, bench'] }],
  ['sim/runner', { ...open, rooms: ['* but test, bench'] }],
  ['sim/main.ts', { ...open, rooms: ['* but test, bench'] }],
  ['test', { ...open, rooms: ['*'] }],
  ['bench', { ...open, rooms: ['*'] }]
])

/** A wall in the words of the table in docs/ARCHITECTURE.md. */
export function describeWall({ rooms, packages, mayUseNode, mayTakeTypes }: Wall): string {
  const parts = [rooms.join(', ').replace('*', 'all') || 'nothing']
  if (packages.includes('*')) parts.push('any package')
  else if (packages.length > 0) parts.push(`npm: ${packages.join(', ')}`)
  if (mayUseNode) parts.push('Node')
  if (mayTakeTypes) parts.push('types of any room')
  return parts.join('; ')
}

/** Rooms inside rooms: entered by their own door, from within the room around them only. */
export const innerRooms: readonly string[] = [
  'src/broker/selector',
  'src/platform/lmdb-store',
  'src/network/bridge',
  'src/network/bridge-protocol',
  'src/network/map',
  'src/network/demand',
  'src/network/forwarding'
]

const outsideRooms = new Set(['sim', 'test', 'bench'])
/** Rooms whose business is what lies behind doors. */
const curiousRooms = new Set(['test', 'bench'])
const builtins = new Set(builtinModules)

/** The room of a file: 'base', 'protocols/stomp', 'protocols/stomp/codec', 'sim' … */
export function roomOf(path: string): string {
  const [top = '', second = '', third = '', fourth = ''] = path.split('/')
  if (outsideRooms.has(top)) return top
  if (top !== 'src') return ''
  if (second !== 'protocols') return second
  return fourth === 'codec' ? `protocols/${third}/codec` : `protocols/${third}`
}

/** What is wrong with the imports of `files`, one line each. */
export function findWallFaults(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((use) => {
      const fault = use.path === undefined ? packageFault(file, use) : fileFault(file, use)
      return fault === undefined ? [] : [`${file.path}:${use.line}: ${fault}`]
    })
  )
}

function packageFault(file: SourceFile, { specifier }: ImportUse): string | undefined {
  const wall = wallOf(file.path)
  if (wall === undefined) return `stands in no room of the house; see docs/ARCHITECTURE.md`
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  if (specifier.startsWith('node:') || builtins.has(name)) {
    if (wall.mayUseNode) return undefined
    return `imports ${specifier}; only src/platform/ and src/cli/ touch Node: use a port instead`
  }
  if (wall.packages.includes('*') || wall.packages.includes(name)) return undefined
  const allowed = wall.packages.length === 0 ? 'none' : wall.packages.join(', ')
  return `imports the package ${name}; ${roomOf(file.path)}/ may import: ${allowed}`
}

function fileFault(file: SourceFile, use: ImportUse): string | undefined {
  const target = use.path!
  const from = roomOf(file.path)
  const to = roomOf(target)
  const wall = wallOf(file.path)
  if (wall === undefined) return `stands in no room of the house; see docs/ARCHITECTURE.md`
  if (to === '') return `imports ${target}, which stands in no room of the house`
  const isAllowed =
    from === to || (use.isTypeOnly && wall.mayTakeTypes) || mayImport(from, to, wall)
  if (!isAllowed) {
    return `imports ${target}; ${from}/ may not import ${to}/ (docs/ARCHITECTURE.md, "Imports")`
  }
  return curiousRooms.has(from) ? undefined : doorFault(file.path, target)
}

function wallOf(path: string): Wall | undefined {
  const room = roomOf(path)
  if (room.startsWith('protocols/')) {
    return walls.get(room.endsWith('/codec') ? 'protocols/codec' : 'protocols')
  }
  return walls.get(path) ?? walls.get(path.split('/', 2).join('/')) ?? walls.get(room)
}

function mayImport(from: string, to: string, wall: Wall): boolean {
  return wall.rooms.some((room) => {
    if (room === '*') return true
    if (room === 'own codec') return to === `${from}/codec`
    if (room === 'any codec') return to.endsWith('/codec')
    if (room.startsWith('* but ')) return !room.slice('* but '.length).split(', ').includes(to)
    return room === to
  })
}

/** A file of another room is reached by that room's index.ts; of an inner room, by its own. */
function doorFault(path: string, target: string): string | undefined {
  const inner = innerRooms.find((room) => target.startsWith(`${room}/`))
  const room = roomOf(target)
  const isWithin = roomOf(path) === room
  if (inner !== undefined && isWithin) {
    if (path.startsWith(`${inner}/`) || target === `${inner}/index.ts`) return undefined
    return `imports ${target} past its door; import ${inner}/index.ts instead`
  }
  if (isWithin || outsideRooms.has(room)) return undefined
  const door = `src/${room}/index.ts`
  if (target === door) return undefined
  return `imports ${target} past its door; import ${door} instead`
}
