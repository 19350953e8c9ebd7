import { isPlatformError } from '@millrace/protocol'
import type { ModelFolder } from '../links.ts'
import { mlmodelFile, readMlmodel } from '../mlmodel.ts'
import type { ModelVersion } from '../model-version.ts'
import type { CheckResult } from './check.ts'
import { tryOnnx } from './onnx-trial.ts'

/** Larger models are not loaded for a check. */
const largestModel = 512 * 1024 * 1024
const largestExample = 16 * 1024 * 1024

type Finding = Pick<CheckResult, 'outcome' | 'detail'>
export type FileFindings = Record<'unchanged' | 'loads' | 'signature' | 'predicts', Finding>

const notCheckable = (detail: string): Finding => ({ outcome: 'not-checkable', detail })
const passed = (detail: string): Finding => ({ outcome: 'passed', detail })
const failed = (detail: string): Finding => ({ outcome: 'failed', detail })

/** What the files of a version tell. An ONNX model is loaded and run in a process of its own. */
export async function inspectFiles(
  folder: ModelFolder | undefined,
  version: Pick<ModelVersion, 'digest' | 'storageLocation' | 'spec'>,
): Promise<FileFindings> {
  const signature = version.spec?.signature
    ? passed('it has a signature')
    : failed('it has no signature, or none that can be read')
  if (!folder) {
    const nowhere = notCheckable(
      `the files at ${version.storageLocation ?? 'no place'} are not readable here`,
    )
    return {
      unchanged: nowhere,
      loads: nowhere,
      predicts: nowhere,
      signature: version.spec ? signature : nowhere,
    }
  }
  return { signature, unchanged: await compareDigest(folder, version), ...(await load(folder)) }
}

async function compareDigest(
  folder: ModelFolder,
  { digest }: Pick<ModelVersion, 'digest'>,
): Promise<Finding> {
  if (digest === null) return notCheckable('no digest was kept when it was registered')
  const now = await folder.digest()
  return now.digest === digest
    ? passed('the files are those that were registered')
    : failed(`the files have changed: their digest was ${digest} and is ${now.digest}`)
}

async function load(folder: ModelFolder): Promise<Pick<FileFindings, 'loads' | 'predicts'>> {
  const facts = await readMlmodel(folder)
  if (!facts) {
    const detail = `there is no file ${mlmodelFile} that can be read`
    return { loads: failed(detail), predicts: notCheckable(detail) }
  }
  for (const part of facts.parts) {
    if (await folder.has(part)) continue
    const detail = `${mlmodelFile} names "${part}", which does not exist`
    return { loads: failed(detail), predicts: notCheckable(detail) }
  }
  if (facts.onnx === null) {
    const foreign = notCheckable(`models of ${facts.spec.algorithm.join(', ')} are not loaded by this server`)
    return { loads: foreign, predicts: foreign }
  }
  let model: Uint8Array | undefined
  let example: Uint8Array | undefined
  try {
    model = await folder.read(facts.onnx, largestModel)
    if (facts.inputExample !== null) example = await folder.read(facts.inputExample, largestExample)
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'artifact.too_large') throw error
    return { loads: notCheckable(error.message), predicts: notCheckable(error.message) }
  }
  if (!model)
    return { loads: failed(`there is no file ${facts.onnx}`), predicts: notCheckable('it does not load') }
  const trial = await tryOnnx(model, example && Buffer.from(example).toString('utf8'))
  if (trial.loadError !== undefined) {
    return { loads: failed(trial.loadError), predicts: notCheckable('it does not load') }
  }
  const loads = passed('onnxruntime loaded it')
  if (example === undefined) return { loads, predicts: notCheckable('it has no input example') }
  return {
    loads,
    predicts:
      trial.runError === undefined ? passed('it predicted on its input example') : failed(trial.runError),
  }
}
