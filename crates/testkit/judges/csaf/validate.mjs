// Validates every CSAF 2.0 file of a directory with the independent validator of Secvisogram.
// Usage: node validate.mjs DIRECTORY
// Prints a line of JSON per file: {"file", "errors": [...], "warnings": n} and one at the end: {"files", "failed"}.
// Errors come from the strict schema and all mandatory tests; warnings count what the optional tests say.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import validateStrict from '@secvisogram/csaf-validator-lib/validateStrict.js'
import * as mandatory from '@secvisogram/csaf-validator-lib/mandatoryTests.js'
import * as optional from '@secvisogram/csaf-validator-lib/optionalTests.js'
import { csaf_2_0_strict } from '@secvisogram/csaf-validator-lib/schemaTests.js'

const directory = process.argv[2]
const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort()
// Optional tests that ask the network about addresses are left out: the judge works offline.
const offline = Object.values(optional).filter((test) => !/6_2_(13|20)$|6_3_/.test(test.name))
const tests = [csaf_2_0_strict, ...Object.values(mandatory), ...offline]
let failed = 0
for (const file of names) {
  const document = JSON.parse(await readFile(join(directory, file), 'utf8'))
  const result = await validateStrict(tests, document)
  const errors = result.tests.flatMap((test) =>
    test.errors.map((error) => `${test.name} ${error.instancePath}: ${error.message}`)
  )
  const warnings = result.tests.flatMap((test) =>
    (test.warnings ?? []).map((warning) => `${test.name} ${warning.instancePath}: ${warning.message}`)
  )
  if (!result.isValid) failed += 1
  console.log(JSON.stringify({ file, valid: result.isValid, errors: errors.slice(0, 10), warnings: warnings.slice(0, 10) }))
}
console.log(JSON.stringify({ files: names.length, failed, tests: tests.length }))
