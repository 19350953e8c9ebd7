/**
 * The one catalogue of errors. A row is `code: [HTTP status, message template, retryable]`; `{name}` in a
 * template is filled from the details given to {@link fail}. Messages name the thing, the bad value and what to do.
 */
export const errorCatalogue = {
  'request.invalid': [400, 'The request is not valid: {reason}', false],
  'request.not_found': [404, 'There is no route {method} {path}. See /docs for the API.', false],
  'request.method_not_allowed': [405, '{path} does not take {method}, only {allow}.', false],
  'request.too_large': [413, 'The request body is larger than {limit} bytes.', false],
  'request.busy': [
    503,
    'The server is busy with other large requests: this one, of {bytes} bytes, waited {waitMs} ms. Try again.',
    true,
  ],
  'auth.missing': [401, 'This server needs a token: send "Authorization: Bearer <token>".', false],
  'auth.invalid': [401, 'The token is not valid.', false],
  'auth.foreign': [
    403,
    'Without a token this server answers to localhost only, and {header} is "{value}". Set MILLRACE_TOKEN to open it.',
    false,
  ],
  'internal.unexpected': [500, 'Unexpected error {id}; the server log has the details under this id.', false],
  'storage.unavailable': [503, 'Storage is not available: {reason}', true],
  'storage.conflict': [
    409,
    '{what} was changed by someone else at the same time; read it again and retry.',
    true,
  ],
  'storage.full': [507, 'The disk is full while writing {what}. Free space and retry.', true],
  'storage.rejected': [500, 'Storage refused a statement: {reason}', false],
  'object.not_found': [404, 'Object "{key}" does not exist.', false],
  'object.invalid_key': [400, 'Object key "{key}" is not valid: {reason}', false],
  'object.exists': [409, 'Object "{key}" exists already and is immutable.', false],
  'object.changed': [409, 'Object "{key}" was replaced while it was read; read it again.', true],
  'content.not_found': [404, 'There is no content with digest "{digest}".', false],
  'content.corrupt': [
    500,
    'Content "{digest}" is damaged in the object store: its bytes have digest {found}. Restore it from a backup.',
    false,
  ],
  'secret.not_found': [400, 'There is no secret "{name}": set {variable} in the environment.', false],
  'config.invalid': [400, 'The configuration is not valid: {reason}', false],
  'control_plane.running': [
    409,
    'Another Millrace server is running on {where}. Stop it first, or change {setting}.',
    false,
  ],
  'definition.invalid': [400, '{kind} "{name}" is not valid: {reason}', false],
  'definition.not_found': [
    404,
    'There is no {kind} "{name}". Run "millrace apply" or check the name.',
    false,
  ],
  'definition.version_not_found': [
    404,
    'There is no version {version} of the {kind} "{name}": it was never applied to this server.',
    false,
  ],
  'definition.destructive': [
    409,
    'Applying would remove or change incompatibly: {changes}. Pass --allow-destroy if that is meant.',
    false,
  ],
  'lake.query_failed': [500, 'The lake refused or could not finish a statement: {reason}', false],
  'query.failed': [502, 'The query on the database of a source failed: {reason}', false],
  'dataset.source_unreadable': [
    400,
    'The source "{path}" of dataset "{dataset}" cannot be read: {reason}',
    false,
  ],
  'dataset.source_empty': [
    400,
    'The source "{path}" of dataset "{dataset}" has no rows; nothing was registered.',
    false,
  ],
  'dataset.schema_mismatch': [
    400,
    'Dataset "{dataset}": column "{column}" should be {expected}, the source has {found}. Fix the file or the schema.',
    false,
  ],
  'dataset.rows_rejected': [
    422,
    'Dataset "{dataset}": {count} of the rows of "{path}" cannot be read, and at most {limit} may be kept aside: {first}. Nothing was registered. Fix the source, or allow more with maxRejected.',
    false,
  ],
  'dataset.evolution_refused': [
    409,
    'Dataset "{dataset}": nothing can be appended to version {version}, whose column "{column}" is {found} and should be {expected}: {advice}.',
    false,
  ],
  'dataset.append_refused': [
    409,
    'Nothing can be appended to the version {version} of dataset "{dataset}": {changed} has changed since it was made. Ingest with the mode "replace".',
    false,
  ],
  'dataset.source_changed': [
    409,
    'The file "{path}" of dataset "{dataset}" is not the one any more that version {version} was read from, and its new rows cannot be told from the old. Put new rows into a new file, declare a watermark, or ingest with the mode "replace".',
    false,
  ],
  'dataset.expectation_failed': [
    422,
    'Dataset "{dataset}": {failures}. The version {version} did not become the latest; its validation result is kept.',
    false,
  ],
  'dataset.version_not_found': [
    404,
    'Dataset "{dataset}" has no version "{version}". Ingest it first or check the name.',
    false,
  ],
  'dataset.part_not_found': [
    404,
    'Version {version} of dataset "{dataset}" has {parts} parts, numbered from 0: there is no part {position}.',
    false,
  ],
  'dataset.checkout_refused': [
    409,
    'The folder {folder} is not empty ({files} files). Take another one, or replace files of the same names with --force.',
    false,
  ],
  'data.not_found': [
    404,
    'There is no dataset "{name}" that has versions, and no file set "{name}". Ingest or add it first, or check the name.',
    false,
  ],
  'dataset.tag_invalid': [
    400,
    'A tag cannot be "{tag}": it begins with a letter, has letters, digits, ".", "_" and "-" only, and is neither "latest" nor like a version.',
    false,
  ],
  'dataset.version_named': [
    409,
    'Version {version} of dataset "{dataset}" cannot be removed, because it is named: {names}.',
    false,
  ],
  'dataset.validation_not_found': [
    404,
    'Dataset "{dataset}" has no validation "{validation}". List them with `millrace data validations {dataset}`.',
    false,
  ],
  'lineage.not_found': [404, 'There is nothing called "{of}" whose origins could be told.{hint}', false],
  'training_set.empty': [
    422,
    'The training set "{set}" has no rows between {from} and {until}; the spine covers {first} to {last}.',
    false,
  ],
  'training_set.leakage': [
    422,
    'The training set "{set}" was refused, its features know too much: {reasons}. Repair the features, or name what is right in leakage.allow.',
    false,
  ],
  'training_set.outside_range': [
    422,
    'The training set "{set}" has values that its features refuse: {values}.',
    false,
  ],
  'training_set.member_empty': [
    422,
    'The training set "{set}" has {rows} rows, and its split leaves none for "{member}". Take more rows, other shares or a shorter gap.',
    false,
  ],
  'training_set.not_found': [404, 'There is no training set "{digest}".', false],
  'feature.row_invalid': [400, 'Row {row}: {field} {expected}, got {value}.', false],
  'feature.compute_failed': [422, 'The on-demand view "{view}" failed on row {row}: {reason}', false],
  'feature.outside_range': [422, 'Row {row}: "{feature}" of "{view}" {expected}, it is {value}.', false],
  'feature.not_found': [404, 'View "{view}" has no feature "{feature}"; it has {features}.', false],
  'feature.push_refused': [400, 'Rows cannot be pushed to feature view "{view}": {reason}.', false],
  'feature.selection_invalid': [400, 'These features cannot be read together: {reason}.', false],
  'feature.materialization_cancelled': [
    409,
    'The materialization of feature view "{view}" was cancelled. What is written stays, and the next call goes on.',
    false,
  ],
  'feature.materialization_running': [
    409,
    'Another process materializes feature view "{view}"; retry when that has ended.',
    true,
  ],
  'feature.range_invalid': [400, 'Feature view "{view}" cannot be materialized so: {reason}.', false],
  'feature.time_ahead': [
    400,
    'Feature view "{view}" cannot be brought to {until}: by the clock of the server it is {now}.',
    false,
  ],
  'pipeline.params_invalid': [400, 'The parameters of pipeline "{pipeline}" are not valid: {reason}', false],
  'pipeline.run_not_found': [404, 'There is no pipeline run "{run}".', false],
  'pipeline.request_conflict': [
    409,
    'Request id "{requestId}" already started run {run} of pipeline "{pipeline}" with other parameters.',
    false,
  ],
  'pipeline.run_state': [
    409,
    'Run {run} is {state} and cannot be {action}: only {accepted} runs can.',
    false,
  ],
  'step.unknown': [500, 'This server has no step "{step}"; it may be older than the pipeline.', false],
  'step.failed': [500, 'The step failed: {reason}', true],
  'step.crashed': [500, 'The step process ended without a result: {reason}.', true],
  'step.timed_out': [500, 'The step did not end within {timeoutMs} ms and was stopped.', true],
  'step.out_of_memory': [
    500,
    'The step needed more than its {memoryMb} MB of heap. Raise MILLRACE_STEP_MEMORY_MB or give it less data.',
    false,
  ],
  'step.input_invalid': [400, 'Input "{input}" of the step is not valid: {reason}', false],
  'step.output_invalid': [500, 'Output "{output}" of the step is not valid: {reason}', false],
  'note.changed': [
    409,
    'The note of {what} is at version {version} now, not {expected}: {by} has changed it. Read it again and repeat your change.',
    false,
  ],
  'monitor.invalid_time': [
    400,
    'Monitor "{monitor}" cannot be evaluated until {until}: that would be more than 10,000 windows.',
    false,
  ],
  'project.not_found': [
    404,
    'There is no configuration "{path}". Give one with --config, or run "millrace init".',
    false,
  ],
  'project.invalid': [400, 'The configuration "{path}" is not valid: {reason}', false],
  'project.folder_not_empty': [409, 'The folder "{folder}" has files already; choose a new one.', false],
  'client.unreachable': [503, 'No answer from {url}: {reason}. Is "millrace up" running there?', true],
  'client.unexpected_response': [
    502,
    '{url} answered {status} with something that is not from Millrace: {text}',
    false,
  ],
  'experiment.not_found': [404, 'There is no experiment "{experiment}".', false],
  'experiment.exists': [
    409,
    'The experiment name "{name}" is taken by an experiment that is {state}; names of deleted ones stay taken until they are gone for good.',
    false,
  ],
  'experiment.deleted': [409, 'Experiment "{experiment}" is deleted: restore it first.', false],
  'experiment.entry_invalid': [400, 'Experiment {experiment}: {what} is not valid: {reason}', false],
  'experiment.tag_not_found': [404, 'Experiment {experiment} has no tag "{key}".', false],
  'run.not_found': [404, 'There is no run "{run}".', false],
  'run.exists': [409, 'There is a run "{run}" already.', false],
  'run.deleted': [409, 'Run {run} is deleted: restore it first.', false],
  'run.tag_not_found': [404, 'Run {run} has no tag "{key}".', false],
  'run.param_duplicate': [
    400,
    'Duplicate parameter keys for run {run}: {keys}. Give each once in a batch.',
    false,
  ],
  'logged_model.not_found': [404, 'There is no logged model "{model}".', false],
  'logged_model.exists': [409, 'There is a logged model "{model}" already.', false],
  'logged_model.entry_invalid': [400, 'Logged model {model}: {what} is not valid: {reason}', false],
  'logged_model.tag_not_found': [404, 'Logged model {model} has no tag "{key}".', false],
  'logged_model.param_conflict': [
    409,
    'Parameter "{key}" of logged model {model} is {existing} and cannot become {value}.',
    false,
  ],
  'run.param_conflict': [
    409,
    'Parameter "{key}" of run {run} is {existing} and cannot become {value}: log it under another name or to a new run.',
    false,
  ],
  'run.entry_invalid': [400, 'Run {run}: {what} is not valid: {reason}', false],
  'run.artifact_not_found': [404, 'Run {run} has no artifact "{path}".', false],
  'run.artifact_exists': [
    409,
    'Run {run} has ended, so its artifact "{path}" cannot be replaced by other bytes; use another path.',
    false,
  ],
  'artifact.path_invalid': [400, 'Invalid path {path}: {reason}', false],
  'artifact.not_found': [404, 'There is no artifact "{path}".', false],
  'artifact.exists': [
    409,
    'Artifact "{path}" exists already with other bytes and cannot be replaced; use another path.',
    false,
  ],
  'artifact.sealed': [
    409,
    'Artifact "{path}" cannot change: "{folder}" is immutable because {holder} names it. Use another path.',
    false,
  ],
  'artifact.busy': [409, 'Files in "{folder}" are being written; retry when that has ended.', true],
  'artifact.too_large': [413, 'Artifact "{path}" is larger than {limit} bytes.', false],
  'artifact.range_invalid': [
    416,
    'Artifact "{path}" has {size} bytes, so the range {range} has none of it.',
    false,
  ],
  'artifact.upload_not_found': [
    404,
    'There is no upload "{upload}": it was completed, aborted or abandoned. Begin a new one.',
    false,
  ],
  'artifact.upload_invalid': [400, 'The upload of "{path}" is not valid: {reason}', false],
  'artifact.not_writable': [
    400,
    'Artifacts at "{uri}" are written by clients themselves, not through this server.',
    false,
  ],
  'artifact.not_readable': [400, 'Artifacts at "{uri}" are not readable by this server: {reason}', false],
  'dataset.diff_refused': [400, 'Versions of dataset "{dataset}" cannot be compared: {reason}.', false],
  'file_set.not_found': [
    404,
    'There is no file set "{name}". Add a folder to it first, or check the name.',
    false,
  ],
  'file_set.version_not_found': [404, 'File set "{name}" has no version "{version}".', false],
  'file_set.name_invalid': [
    400,
    'A file set cannot be called "{name}": a name begins with a letter and has letters, digits, _ and - only (128 at most).',
    false,
  ],
  'file_set.path_invalid': [400, 'Invalid path of a file {path}: {reason}', false],
  'file_set.manifest_invalid': [400, 'The list of files for "{name}" is not valid: {reason}', false],
  'file_set.bytes_missing': [
    409,
    'The bytes of {count} files for "{name}" are not here, such as of "{path}". Send them and register again.',
    false,
  ],
  'file_set.tag_invalid': [
    400,
    'A tag cannot be "{tag}": it begins with a letter, has letters, digits, ".", "_" and "-" only, and is neither "latest" nor like a version.',
    false,
  ],
  'file_set.version_tagged': [
    409,
    'Version {version} of file set "{name}" cannot be removed: it has the tags {tags}. Take these away first.',
    false,
  ],
  'file_set.source_invalid': [400, '"{path}" cannot be added to a file set: {reason}', false],
  'file_set.checkout_refused': [
    409,
    '{count} files in {folder} would be lost, such as "{path}", which {reason}. {advice}',
    false,
  ],
  'blob.not_found': [404, 'There are no bytes with the digest "{digest}".', false],
  'blob.mismatch': [
    400,
    'The bytes sent as {expected} are others: their digest is {found}. Send them again.',
    false,
  ],
  'blob.batch_invalid': [400, 'The batch of files is not valid: {reason}', false],
  'dvc.object_not_found': [404, 'There is no DVC object {object} in project "{project}".', false],
  'dvc.object_invalid': [400, 'The DVC object {object} is not valid: {reason}', false],
  'dvc.file_invalid': [400, '"{path}" is not a file of DVC that can be read: {reason}', false],
  'garbage.running': [409, 'Garbage is being collected already; retry when that has ended.', true],
  'experiment.importance_unavailable': [
    422,
    'The importance of parameters for metric "{metric}" cannot be told in experiment "{experiment}": {reason}.',
    false,
  ],
  'search.invalid': [400, 'The search is not valid: {reason}', false],
  'search.page_token_invalid': [
    400,
    'Invalid page token: {reason}. Send the token of the previous answer with the same filter, order and limits of the search.',
    false,
  ],
  'model.not_found': [404, 'There is no registered model "{model}".', false],
  'model.name_invalid': [400, '{what} "{name}" is not valid: {reason}', false],
  'model.version_not_found': [404, 'Model "{model}" has no version {version}.', false],
  'model.alias_not_found': [404, 'Model "{model}" has no alias "{alias}".', false],
  'model.version_rejected': [
    409,
    'Version {version} of model "{model}" was rejected and cannot be used: {reason}',
    false,
  ],
  'model.exists': [409, 'There is a registered model "{model}" already; choose another name.', false],
  'model.entry_invalid': [400, 'Model "{model}": {what} is not valid: {reason}', false],
  'model.source_invalid': [400, "Invalid model version source: '{source}'. {reason}", false],
  'model.version_unusable': [409, 'Version {version} of model "{model}" is {status}: {reason}', false],
  'model.in_use': [
    409,
    '{what} cannot be {action}: it is served by {users}. Deploy another version there first.',
    false,
  ],
  'model.pointer_moved': [
    409,
    '{pointer} of model "{model}" is {current}, not {expected}: {by} moved it ({reason}). Look at it and decide again.',
    false,
  ],
  'model.no_previous_version': [
    409,
    'Alias "{alias}" of model "{model}" has no earlier version that still exists to go back to.',
    false,
  ],
  'model.no_manifest': [
    422,
    'Version {version} of model "{model}" has no manifest: it was not trained by a pipeline of this platform.',
    false,
  ],
  'webhook.not_found': [404, 'There is no webhook "{webhook}".', false],
  'webhook.invalid': [400, '{what} of the webhook is not valid: {reason}', false],
  'model.checks_failed': [
    422,
    'Version {version} of model "{model}" did not pass what {pointer} demands: {reasons}',
    false,
  ],
  'model.registration_conflict': [
    409,
    'Key "{key}" already registered version {version} of model "{model}" with another content.',
    false,
  ],
  'model.manifest_invalid': [400, 'Content "{digest}" is not a model manifest: {reason}', false],
  'model.import_refused': [422, 'The model "{source}" cannot be imported: {reason}', false],
  'training.data_unusable': [422, 'Training set "{set}" cannot be learnt from: {reason}', false],
  'training.fit_refused': [
    422,
    'The learner "{learner}" cannot learn from training set "{set}": {reason}',
    false,
  ],
  'evaluation.data_unusable': [422, 'Training set "{set}" cannot judge a model: {reason}', false],
  'endpoint.not_ready': [503, 'Endpoint "{endpoint}" cannot answer yet: {reason}', true],
  'endpoint.overloaded': [
    503,
    'Endpoint "{endpoint}" has {queued} rows waiting and takes no more than {limit}; retry after a second.',
    true,
  ],
  'endpoint.prediction_failed': [
    500,
    'Model {modelVersion} of endpoint "{endpoint}" failed: {reason}',
    false,
  ],
  'endpoint.not_explained': [
    409,
    'Endpoint "{endpoint}" cannot explain the predictions of model {modelVersion}: {reason}',
    false,
  ],
  'endpoint.feature_missing': [
    422,
    'Model {modelVersion} of endpoint "{endpoint}" takes no missing values, and the feature "{feature}" is missing. Send it, or fill it in before the model.',
    false,
  ],
  'endpoint.version_rejected': [
    409,
    'Version {version} of model "{model}" was rejected ({reason}) and cannot be served. Deploy one that is READY.',
    false,
  ],
  'endpoint.wrong_model': [
    409,
    'Endpoint "{endpoint}" serves versions of the model "{expected}", not of "{model}".',
    false,
  ],
  'endpoint.no_rollout': [409, 'Endpoint "{endpoint}" has no rollout in progress.', false],
  'endpoint.not_deployed': [
    404,
    'Nothing was deployed to endpoint "{endpoint}" yet. Deploy a model version first.',
    false,
  ],
  'model.incompatible': [
    422,
    'Model {modelVersion} cannot be served by endpoint "{endpoint}": {reason}',
    false,
  ],
  'mlflow.source_not_found': [
    404,
    '"{source}" is no MLflow store: {reason} Give the URL of a server, an mlruns folder or an SQLite file.',
    false,
  ],
  'mlflow.source_invalid': [400, 'The MLflow store cannot be read at {where}: {reason}', false],
  'mlflow.refused': [400, '{server} answered {method} {path} with {status}: {reason}', false],
  'mlflow.unavailable': [503, '{server} did not answer {method} {path}: {reason}', true],
  'mlflow.artifacts_unreachable': [400, 'The artifacts at {uri} cannot be read from here: {reason}.', false],
  'mlflow.target_invalid': [400, 'Nothing can be exported to {target}: {reason}', false],
  'feast.registry_unreadable': [
    400,
    'This is no registry file of Feast that can be read: {reason}. Give the file that "registry" in feature_store.yaml names.',
    false,
  ],
  'feast.project_unclear': [
    400,
    'Name the project of the registry that is meant: {reason}. It has {projects}.',
    false,
  ],
  'import.conflict': [409, '{what} exists already and is another one: {reason}', false],
} as const satisfies Record<string, readonly [number, string, boolean]>

export type ErrorCode = keyof typeof errorCatalogue

/** What travels on the wire and in logs for every refused request. */
export interface ErrorBody {
  error_code: ErrorCode
  message: string
  details: Record<string, unknown>
}

const brand = Symbol.for('millrace.PlatformError')

/** The one error class of the platform. Compare with {@link isPlatformError}, never with `instanceof`. */
export class PlatformError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly retryable: boolean
  readonly details: Record<string, unknown>
  readonly [brand] = true

  constructor(code: ErrorCode, details: Record<string, unknown>, cause?: unknown) {
    const [status, template, retryable] = errorCatalogue[code]
    super(fillTemplate(template, details), cause === undefined ? undefined : { cause })
    this.name = 'PlatformError'
    this.code = code
    this.status = status
    this.retryable = retryable
    this.details = details
  }

  toBody(): ErrorBody {
    return { error_code: this.code, message: this.message, details: this.details }
  }
}

/** Makes the error of a catalogue row: `throw fail('object.not_found', { key })`. */
export function fail(code: ErrorCode, details: Record<string, unknown> = {}, cause?: unknown): PlatformError {
  return new PlatformError(code, details, cause)
}

/** True for errors of the catalogue, also across realms and copies of this module. */
export function isPlatformError(error: unknown): error is PlatformError {
  return typeof error === 'object' && error !== null && brand in error
}

function fillTemplate(template: string, details: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => {
    const value = details[key]
    if (value === undefined) return whole
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}
