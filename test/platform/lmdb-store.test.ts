import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { openLmdbStore } from '../../src/platform/index.ts'
import { messageStoreSuite } from '../conformance/message-store.suite.ts'
import { realWorld } from './real-world.ts'

messageStoreSuite(test, 'LMDB store', async (bytesMax = 2 ** 29) => {
  const directory = mkdtempSync(join(tmpdir(), 'postroad-store-'))
  const store = await openLmdbStore({ directory, bytesMax })
  const reopen = () => openLmdbStore({ directory, bytesMax })
  return { ...realWorld(() => rmSync(directory, { recursive: true })), store, reopen }
})
