// The scenario files in sim/scenarios/ are part of the product: they read without a problem, and
// the one that the manual shows is the one that is there.

import { readdirSync, readFileSync } from 'node:fs'
import test from 'ava'
import { readRehearsal } from '../../../sim/scenario-file/read-scenario.ts'

const folder = new URL('../../../../sim/scenarios/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

function textOf(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8')
}

for (const file of files) {
  test(`${file} reads without a problem, names its schema and is called like its file`, (t) => {
    const { rehearsal, problems } = readRehearsal(textOf(file), file, (path) => ({
      text: textOf(path),
      file: path
    }))
    t.deepEqual(problems, [])
    t.is(`${rehearsal?.name}.yaml`, file)
    t.is(textOf(file).split('\n')[0], '# yaml-language-server: $schema=./scenario.schema.json')
  })
}

test('the manual shows the scenario that is shipped', (t) => {
  const manual = textOf('../../docs/operating/simulator.md')
  const shown = manual.split('```yaml\n')[1]?.split('```')[0] ?? ''
  const [, ...lines] = textOf('hub-dies.yaml').split('\n')
  t.is(shown, lines.join('\n'))
})
