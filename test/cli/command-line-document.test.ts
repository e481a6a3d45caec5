import { readFile } from 'node:fs/promises'
import test from 'ava'
import { runCommand } from '../support/broker-processes.ts'

const document = new URL('../../../docs/operating/command-line.md', import.meta.url)

test.serial('the manual names every command and every option, and no other', async (t) => {
  const text = await readFile(document, 'utf8')
  const { stdout } = await runCommand(['--help'])
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) \[?/gm)].map(([, name]) => name!)
  const inner = [
    ...['inspect', 'verify', 'export', 'import'].map((name) => ['store', name]),
    ...['list', 'show', 'retry', 'purge'].map((name) => ['dlq', name])
  ]
  const helps = await Promise.all(
    [...commands.map((name) => [name]), ...inner].map((names) => runCommand([...names, '--help']))
  )
  const known = new Set(['--help', '--version'])
  for (const help of helps) {
    for (const [, option] of help.stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm))
      known.add(option!)
  }
  t.true(commands.length > 5)
  t.true(known.size > 20)
  for (const command of commands.filter((name) => name !== 'help')) {
    t.true(text.includes(`| \`${command}\``), `${command} is not in the manual`)
  }
  const written = new Set(
    [...text.matchAll(/`(?:postroad [^`]*)?(--[a-z-]+)/g)].map(([, name]) => name!)
  )
  t.deepEqual([...written].sort(), [...known].sort())
})
