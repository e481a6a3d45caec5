// Which store a broker gets, and where: the topology file says it, the command line may say more.

import { join } from 'node:path'
import { PostroadError } from '../base/index.ts'
import type { BrokerConfig } from '../config/index.ts'
import { openLmdbStore } from '../platform/index.ts'
import { type Clock, type MessageStore, type Random, randomHex } from '../ports/index.ts'
import { createMemoryStore } from '../store/index.ts'

/** Where a broker keeps what it keeps, and its kind of store. */
export interface StoreChoice {
  readonly kind: 'lmdb' | 'memory'
  /** Under it the broker has a directory of its name; undefined to keep nothing. */
  readonly dataDirectory: string | undefined
  /** True if there is a directory and the topology file still has it in memory. */
  readonly isMemoryChosen: boolean
}

/**
 * Chooses the store of a broker.
 * @param data what the command line says
 * @throws PostroadError LOCAL_CONFIG_INVALID if it is to be on disk and there is no directory
 */
export function chooseStore({ name, store }: BrokerConfig, data: string | undefined): StoreChoice {
  const dataDirectory = data ?? store.path
  const kind = store.kind ?? (dataDirectory === undefined ? 'memory' : 'lmdb')
  if (kind === 'lmdb' && dataDirectory === undefined) {
    const text =
      `broker "${name}" has store.kind lmdb and no directory for it: add --data DIR, or ` +
      'store.path in the topology file'
    throw new PostroadError('LOCAL_CONFIG_INVALID', text, { broker: name })
  }
  const isMemoryChosen = kind === 'memory' && dataDirectory !== undefined
  return { kind, dataDirectory, isMemoryChosen }
}

/** The directory of a broker's store. */
export function storeDirectory(dataDirectory: string, broker: string): string {
  return join(dataDirectory, broker, 'store')
}

/**
 * Opens the store that was chosen.
 * @throws PostroadError LOCAL_STORE_FAILED or LOCAL_STORE_FULL
 */
export async function openBrokerStore(
  { kind, dataDirectory }: StoreChoice,
  { name, store, limits }: BrokerConfig,
  { clock, random }: { readonly clock: Clock; readonly random: Random }
): Promise<MessageStore> {
  if (kind === 'lmdb') {
    const directory = storeDirectory(dataDirectory!, name)
    return await openLmdbStore({ directory, bytesMax: store.sizeBytesMax })
  }
  return createMemoryStore({
    soon: (task) => clock.endOfTurn(task),
    // Queues take what is under way when they are full; the store must not be fuller before them.
    bytesMax: limits.memoryBytesMax * 2,
    storeId: randomHex(random, 32)
  })
}
