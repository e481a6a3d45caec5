// The packages we stand on: each is used, each use is declared, and the lock file names no
// registry.

import type { SourceFile } from './source-file.ts'

/** The parts of package.json that count. */
export interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
}

/** Tools that scripts call by another name than their package's. */
const commands = new Map([
  ['@biomejs/biome', 'biome'],
  ['typescript', 'tsc']
])

/** Packages that are declared and not used, or shipped code that needs one not shipped. */
export function findDependencyFaults(pkg: PackageFile, files: readonly SourceFile[]): string[] {
  const shippedUses = new Set(files.filter(isShipped).flatMap(packagesOf))
  const uses = new Set(files.flatMap(packagesOf))
  const scripts = Object.values(pkg.scripts)
    .join(' ')
    .split(/[\s&;]+/)
  const faults: string[] = []
  for (const name of Object.keys(pkg.dependencies)) {
    if (shippedUses.has(name)) continue
    faults.push(`package.json: no file that ships imports ${name}; remove it from dependencies`)
  }
  for (const name of Object.keys(pkg.devDependencies)) {
    const isCommand = scripts.includes(commands.get(name) ?? name)
    if (isCommand || uses.has(name) || isTypesOfUsed(name, uses)) continue
    faults.push(`package.json: nothing uses ${name}; remove it from devDependencies`)
  }
  for (const name of shippedUses) {
    if (name in pkg.dependencies) continue
    faults.push(`package.json: what ships imports ${name}; add it to dependencies`)
  }
  return faults
}

/** The parts of package-lock.json that count. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * What would keep the lock file from working elsewhere, one line each: addresses of the registry it
 * was made with, and packages for other machines that this registry did not have, which `npm ci`
 * misses.
 */
export function findLockFaults({ packages }: LockFile): string[] {
  const faults: string[] = []
  for (const [path, { resolved, optionalDependencies }] of Object.entries(packages)) {
    if (resolved !== undefined) {
      faults.push(`package-lock.json: ${path} has "resolved"; install with this .npmrc again`)
    }
    for (const name of Object.keys(optionalDependencies ?? {})) {
      if (`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages) continue
      faults.push(`package-lock.json: ${name} of ${path} is missing; take a version that has it`)
    }
  }
  return faults
}

function isShipped({ path }: SourceFile): boolean {
  // The page's script is bundled with all it needs when it is built.
  const isBundled = path.startsWith('sim/page/')
  return path.startsWith('src/') || (path.startsWith('sim/') && !isBundled)
}

function packagesOf({ imports }: SourceFile): string[] {
  return imports
    .filter(({ path, specifier }) => path === undefined && !specifier.startsWith('node:'))
    .map(({ specifier }) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'))
}

function isTypesOfUsed(name: string, uses: ReadonlySet<string>): boolean {
  if (!name.startsWith('@types/')) return false
  const typed = name.slice('@types/'.length)
  return typed === 'node' || uses.has(typed)
}
