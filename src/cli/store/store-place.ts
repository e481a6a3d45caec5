// Where the store is that a command means: a store's own directory, a broker's, or the data
// directory of several brokers and the name of one.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { PostroadError } from '../../base/index.ts'
import { lockHolder } from '../directory-lock.ts'

/** Options that say which broker is meant. */
export interface StorePlaceOptions {
  readonly broker?: string
}

/** A store and the broker it belongs to. */
export interface StorePlace {
  /** Name of the broker: that of its directory. */
  readonly broker: string
  readonly brokerDirectory: string
  readonly storeDirectory: string
  /** Process of the broker; undefined if it does not run. */
  readonly runningPid: number | undefined
  /** From identity.json; undefined if there is none that can be read. */
  readonly brokerId: string | undefined
}

const namesShown = 10

/**
 * Finds the store.
 * @throws PostroadError LOCAL_STORE_FAILED if there is none, or several to choose from
 */
export function findStore(directory: string, { broker }: StorePlaceOptions): StorePlace {
  const path = resolve(directory)
  if (broker !== undefined) return placeOf(join(path, broker))
  if (existsSync(join(path, 'data.mdb'))) return placeOf(dirname(path))
  if (existsSync(join(path, 'store'))) return placeOf(path)
  const names = brokersIn(path)
  const [name] = names
  if (name === undefined) {
    const text = `there is no store in "${directory}": name the --data directory of a broker`
    throw new PostroadError('LOCAL_STORE_FAILED', text, { directory })
  }
  if (names.length === 1) return placeOf(join(path, name))
  const shown = names.slice(0, namesShown).join(', ')
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : ''
  const text = `"${directory}" has several brokers; choose --broker from ${shown}${more}`
  throw new PostroadError('LOCAL_STORE_FAILED', text, { directory })
}

function placeOf(brokerDirectory: string): StorePlace {
  return {
    broker: basename(brokerDirectory),
    brokerDirectory,
    storeDirectory: join(brokerDirectory, 'store'),
    runningPid: lockHolder(brokerDirectory),
    brokerId: brokerIdIn(brokerDirectory)
  }
}

function brokersIn(directory: string): string[] {
  if (!existsSync(directory)) return []
  const entries = readdirSync(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return names.filter((name) => existsSync(join(directory, name, 'store', 'data.mdb'))).sort()
}

function brokerIdIn(directory: string): string | undefined {
  try {
    const identity: unknown = JSON.parse(readFileSync(join(directory, 'identity.json'), 'utf8'))
    const { brokerId } = identity as { brokerId?: unknown }
    return typeof brokerId === 'string' ? brokerId : undefined
  } catch {
    return undefined
  }
}
