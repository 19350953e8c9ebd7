// Records what a server answers to all steps, each server new and empty:
//   node test/interop/conformance/record.ts mlflow http://127.0.0.1:5000     MLflow's answers
//   node test/interop/conformance/record.ts millrace http://127.0.0.1:5001   where Millrace's differ
import { writeFileSync } from 'node:fs'
import { differences } from './compare.ts'
import { readRecorded, recordedIn } from './recorded.ts'
import { groups } from './steps/index.ts'
import { talk } from './talk.ts'

const [, , who, url] = process.argv
if ((who !== 'mlflow' && who !== 'millrace') || !url)
  throw new Error('usage: record.ts mlflow|millrace <url>')
const answers = await talk(url, groups)
const kept = who === 'mlflow' ? answers : differences(readRecorded('mlflow'), answers)
const lines = Object.entries(kept).map(([group, of]) => {
  const steps = Object.entries(of).map(
    ([title, answer]) => `    ${JSON.stringify(title)}: ${JSON.stringify(answer)}`,
  )
  return `  ${JSON.stringify(group)}: {\n${steps.join(',\n')}\n  }`
})
writeFileSync(recordedIn[who], `{\n${lines.join(',\n')}\n}\n`)
