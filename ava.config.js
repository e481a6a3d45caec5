// The tests that need nothing but Node: they run on the build, side by side.

export default {
  files: ['dist/test/**/*.test.js', '!dist/test/interop/**', '!dist/test/real/**'],
  timeout: '120s',
  workerThreads: true,
  nodeArguments: ['--enable-source-maps']
}
